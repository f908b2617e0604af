"""The course of an invented patient's treatment, by the protocol's own cycles: what is recorded on
which day."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from proms.demo.lives import Foreseen, Life, announced, ending_of, regimens_of, taken_out
from proms.domain.protocol import RANDOMISATION, Ending, Protocol
from proms.domain.schedule import Cycle, CycleStatus
from proms.domain.schedule.history_entry import (
    ComponentStopped,
    CycleRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
)

LATE, SKIPPED, STOPS_EARLY, MISTAKEN, POSTPONED = 0.14, 0.04, 0.02, 0.04, 0.15
RECORDED_LATER = 0.1  # of the deaths, how many are heard of only some days afterwards
STOPS_AFTER_MILESTONE, CHANGES_REGIMEN = 0.4, 0.2
TAKEN_OUT, TAKEN_OUT_AFTER = 0.6, (40, 300)
DOSES = (100, 100, 100, 80, 50)
WEEK = timedelta(days=7)
PAUSE = timedelta(days=10)


class DueEntry(NamedTuple):
    """The next cycle of a component is given, put off or skipped."""

    component: str


class TreatmentPause(NamedTuple):
    """She asks for no messages until this day."""

    until: date


DiaryEntry = HistoryEntry | TreatmentPause | DueEntry | Foreseen


@dataclass
class InventedTreatment:
    """Where a patient stands: what lies ahead of her by day, and the cycle each component is to
    give next."""

    protocol: Protocol
    life: Life
    random: Random
    agenda: dict[date, list[DiaryEntry]] = field(default_factory=lambda: defaultdict(list))
    ahead: dict[str, tuple[int, date]] = field(
        default_factory=dict
    )  # component -> number and planned day 1
    regimens: dict[str, str] = field(default_factory=dict)
    happened: Counter[str] = field(default_factory=Counter)
    back: dict[int, date] = field(
        default_factory=dict
    )  # assignment she left lying -> the day she comes back to it

    def __post_init__(self) -> None:
        for each in self.life.foreseen:
            self.agenda[self.day(each.told)].append(each)
        for day in self.life.pauses:
            self.agenda[self.day(day)].append(TreatmentPause(self.day(day) + PAUSE))
        for ending, on in self.life.ends.items():
            told = on + (self.random.randint(1, 4) if self.random.random() < RECORDED_LATER else 0)
            told = told if ending is Ending.DEATH else on
            self.agenda[self.day(told)].append(
                MilestoneRecorded(ending_of(self.protocol, ending), self.day(on))
            )

    def day(self, number: int) -> date:
        """A day counted from her consent."""
        return self.life.patient.consent + timedelta(days=number)

    def alive(self, day: date) -> bool:
        """Whether she is alive and takes part on this day."""
        return self.life.last_day is None or day < self.day(self.life.last_day)

    def illness(self, day: date) -> float:
        """How ill she feels on a day: her own tendency, worse in the week after a cycle."""
        return min(
            1.0,
            self.life.illness * (1.3 if (day - self.life.patient.consent).days % 14 < 7 else 0.8),
        )


def due_today(course: InventedTreatment, day: date) -> Iterator[HistoryEntry | TreatmentPause]:
    """What is recorded of this patient on this day, in the order it happens."""
    for entry in course.agenda.pop(day, []):
        ending = isinstance(entry, MilestoneRecorded) and entry.kind in course.protocol.ends
        if not ending and not course.alive(day):
            continue
        match entry:
            case DueEntry(component):
                yield from _cycle(course, component, day)
            case Foreseen():
                yield from _milestone(course, entry, day)
            case _:
                yield entry


def _milestone(course: InventedTreatment, foreseen: Foreseen, day: date) -> Iterator[HistoryEntry]:
    kind, on = foreseen.kind, course.day(foreseen.on)
    course.happened[kind] += 1
    number = course.happened[kind]
    if kind == RANDOMISATION:
        yield MilestoneRecorded(kind, on, arm=course.life.arm)
        yield from _start(course)
        return
    yield MilestoneRecorded(kind, on, number)
    if (
        on > day and course.random.random() < POSTPONED
    ):  # an appointment or an operation that is put off
        later = on + timedelta(days=course.random.randint(1, 6))
        course.agenda[on].append(MilestoneRecorded(kind, later, number))
    known = course.protocol.milestones[kind]
    if known.repeats and not announced(course.protocol, kind):
        yield from _turn(course, day)


def _turn(course: InventedTreatment, day: date) -> Iterator[HistoryEntry]:
    """What happened unforeseen may end the treatment, or bring another regimen."""
    if not course.ahead or course.random.random() >= STOPS_AFTER_MILESTONE:
        return
    component = course.random.choice(sorted(course.ahead))
    others = regimens_of(course.protocol, component, course.life.arm)
    if course.random.random() < CHANGES_REGIMEN and len(others) > 1:
        course.regimens[component] = course.random.choice(
            [e for e in others if e != course.regimens[component]]
        )
        yield RegimenChosen(component, course.regimens[component])
    else:
        yield from _stop(course, component, day)


def _start(course: InventedTreatment) -> Iterator[HistoryEntry]:
    first = course.day(course.life.treated_from)
    first -= timedelta(days=first.weekday())
    course.regimens = dict(course.life.regimens)
    for component, regimen in course.life.regimens.items():
        yield RegimenChosen(component, regimen)
        yield from _plan(course, component, 1, first)


def _plan(
    course: InventedTreatment, component: str, number: int, day: date
) -> Iterator[HistoryEntry]:
    yield CycleRecorded(Cycle(component, number, planned=day))
    course.ahead[component] = (number, day)
    course.agenda[day].append(DueEntry(component))


def _cycle(course: InventedTreatment, component: str, day: date) -> Iterator[HistoryEntry]:
    """A cycle is put off for a week, perhaps once more; skipped; or given, and the next one planned
    or the last."""
    if component not in course.ahead:
        return
    random, (number, planned) = course.random, course.ahead[component]
    if random.random() < LATE:
        course.agenda[day + WEEK].append(DueEntry(component))
        return
    regimen = course.protocol.regimens[course.regimens[component]]
    if number > 1 and random.random() < SKIPPED:
        yield CycleRecorded(
            Cycle(component, number, planned, None, CycleStatus.SKIPPED, reason="bloedwaarden")
        )
    else:
        given = Cycle(
            component, number, planned, day, CycleStatus.GIVEN, regimen.drugs, random.choice(DOSES)
        )
        yield CycleRecorded(given)
        _mistake(course, given, day)
        if number >= course.life.cycles[component] or random.random() < STOPS_EARLY:
            yield from _stop(course, component, day)
            return
    yield from _plan(course, component, number + 1, day + timedelta(days=regimen.cycle_days))


def _mistake(course: InventedTreatment, given: Cycle, day: date) -> None:
    """Sometimes the day was written down wrongly, and is put right some days later."""
    if course.random.random() < MISTAKEN:
        right = replace(given, day_1=day + timedelta(days=course.random.choice((-1, 1))))
        course.agenda[day + timedelta(days=course.random.randint(2, 5))].append(
            CycleRecorded(right)
        )


def _stop(course: InventedTreatment, component: str, day: date) -> Iterator[HistoryEntry]:
    yield ComponentStopped(component, day)
    del course.ahead[component]
    if course.ahead:
        return
    for kind in taken_out(course.protocol, course.life.arm):
        if course.random.random() < TAKEN_OUT:
            on = day + timedelta(days=course.random.randint(*TAKEN_OUT_AFTER))
            course.agenda[on].append(MilestoneRecorded(kind, on))
