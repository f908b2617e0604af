"""The course of an invented patient's treatment, by the protocol's own cycles: what is recorded on
which day."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from proms.demo.lives import Foreseen, Life, announced, ending_of, regimens_of, taken_out
from proms.domain.person import PERSONAL_FACTS
from proms.domain.protocol import RANDOMISATION, Ending, Protocol
from proms.domain.schedule import Cycle, CycleStatus
from proms.domain.schedule.history_entry import (
    ComponentStopped,
    CycleRecorded,
    FactRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
)

# Of the cycles that are due, how many are put off or skipped; of those given, how many are the last
# for no other reason, and how many are recorded on a wrong day.
LATE = 0.14
SKIPPED = 0.04
STOPS_EARLY = 0.02
MISTAKEN = 0.04
POSTPONED = 0.15  # of the appointments and operations ahead
RECORDED_LATER = 0.1  # of the deaths, how many are heard of only some days afterwards
# After a milestone that nobody foresaw: how often it changes the treatment, and of those times how
# often by another regimen rather than a stop.
STOPS_AFTER_MILESTONE = 0.4
CHANGES_REGIMEN = 0.2
TAKEN_OUT = 0.6  # of what was put in, how much is taken out again once treatment has ended
TAKEN_OUT_AFTER = (40, 300)  # days after the last dose
DOSES = (100, 100, 100, 80, 50)
# Of what is known of her person, how much becomes otherwise while she is followed, after how many
# days, and how many days later that is recorded at most.
BECOMES_OTHERWISE = 0.08
OTHERWISE_AFTER = (20, 400)
FACT_RECORDED_LATER = 5
WEEK = timedelta(days=7)
PAUSE = timedelta(days=10)


class DueCycle(NamedTuple):
    """The next cycle of a component is given, put off or skipped."""

    component: str


class TreatmentPause(NamedTuple):
    """She asks for no messages until this day."""

    until: date


AgendaEntry = HistoryEntry | TreatmentPause | DueCycle | Foreseen


@dataclass
class InventedTreatment:
    """Where a patient stands: what lies ahead of her by day, and the cycle each component is to
    give next.

    What her life leaves open is drawn from random numbers of her own. A draw added, left out or
    moved changes every later one.
    """

    protocol: Protocol
    life: Life
    random: Random
    agenda: dict[date, list[AgendaEntry]] = field(default_factory=lambda: defaultdict(list))
    # component -> number and planned day 1
    ahead: dict[str, tuple[int, date]] = field(default_factory=dict)
    regimens: dict[str, str] = field(default_factory=dict)
    happened: Counter[str] = field(default_factory=Counter)
    # assignment she left lying -> the day she comes back to it
    back: dict[int, date] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for milestone in self.life.foreseen:
            self.agenda[self.day(milestone.recorded)].append(milestone)
        for number in self.life.pauses:
            asked = self.day(number)
            self.agenda[asked].append(TreatmentPause(asked + PAUSE))
        for ending, number in self.life.ends.items():
            entry = MilestoneRecorded(ending_of(self.protocol, ending), self.day(number))
            self.agenda[self.day(number + self._days_unheard(ending))].append(entry)
        self._change_facts()

    def _change_facts(self) -> None:
        """What becomes otherwise of her person: a stoma is made, a tumour taken out."""
        # Of random numbers of its own, so that no other draw of hers is moved.
        random = Random(f"facts of {self.life.patient.hospital_number}")
        for fact in PERSONAL_FACTS:
            if random.random() < BECOMES_OTHERWISE:
                on = random.randint(*OTHERWISE_AFTER)
                recorded = self.day(on + random.randint(0, FACT_RECORDED_LATER))
                value = fact not in self.life.patient.facts
                self.agenda[recorded].append(FactRecorded(fact, self.day(on), value, 2))

    def _days_unheard(self, ending: Ending) -> int:
        """How many days pass before the clinic hears of an ending: none, but after some deaths."""
        days = 0
        if self.random.random() < RECORDED_LATER:
            days = self.random.randint(1, 4)
        # Drawn for a withdrawal too, though a patient tells of that herself.
        return days if ending is Ending.DEATH else 0

    def day(self, number: int) -> date:
        """A day counted from her consent."""
        return self.life.patient.consent + timedelta(days=number)

    def alive(self, day: date) -> bool:
        """Whether she is alive and takes part on this day."""
        return self.life.last_day is None or day < self.day(self.life.last_day)

    def illness(self, day: date) -> float:
        """How ill she feels on a day: her own tendency, worse in the week after a cycle."""
        after_cycle = (day - self.life.patient.consent).days % 14 < 7
        return min(1.0, self.life.illness * (1.3 if after_cycle else 0.8))


def due_today(treatment: InventedTreatment, day: date) -> Iterator[HistoryEntry | TreatmentPause]:
    """What is recorded of this patient on this day, in the order it happens."""
    for entry in treatment.agenda.pop(day, []):
        ending = isinstance(entry, MilestoneRecorded) and entry.kind in treatment.protocol.ends
        if not ending and not treatment.alive(day):
            continue
        match entry:
            case DueCycle(component):
                yield from _cycle_entries(treatment, component, day)
            case Foreseen():
                yield from _milestone_entries(treatment, entry, day)
            case _:
                yield entry


def _milestone_entries(
    treatment: InventedTreatment, foreseen: Foreseen, day: date
) -> Iterator[HistoryEntry]:
    """A milestone as it is recorded, with the treatment that it begins or changes."""
    kind = foreseen.kind
    on = treatment.day(foreseen.on)
    treatment.happened[kind] += 1
    number = treatment.happened[kind]
    if kind == RANDOMISATION:
        yield MilestoneRecorded(kind, on, arm=treatment.life.arm)
        yield from _begin_treatment(treatment)
        return
    yield MilestoneRecorded(kind, on, number)
    # An appointment or an operation that is put off; the new day is recorded on the old one.
    if on > day and treatment.random.random() < POSTPONED:
        later = on + timedelta(days=treatment.random.randint(1, 6))
        treatment.agenda[on].append(MilestoneRecorded(kind, later, number))
    unforeseen = not announced(treatment.protocol, kind)
    if treatment.protocol.milestones[kind].repeats and unforeseen:
        yield from _change_treatment(treatment, day)


def _change_treatment(treatment: InventedTreatment, day: date) -> Iterator[HistoryEntry]:
    """What happened unforeseen may end the treatment, or bring another regimen."""
    random = treatment.random
    if not treatment.ahead or random.random() >= STOPS_AFTER_MILESTONE:
        return
    component = random.choice(sorted(treatment.ahead))
    allowed = regimens_of(treatment.protocol, component, treatment.life.arm)
    # The draw comes first: it is made also where there is no other regimen to change to.
    if random.random() < CHANGES_REGIMEN and len(allowed) > 1:
        current = treatment.regimens[component]
        regimen = random.choice([code for code in allowed if code != current])
        treatment.regimens[component] = regimen
        yield RegimenChosen(component, regimen)
    else:
        yield from _stop_component(treatment, component, day)


def _begin_treatment(treatment: InventedTreatment) -> Iterator[HistoryEntry]:
    """Every component begins on the same Monday."""
    first = treatment.day(treatment.life.treated_from)
    first -= timedelta(days=first.weekday())
    treatment.regimens = dict(treatment.life.regimens)
    for component, regimen in treatment.life.regimens.items():
        yield RegimenChosen(component, regimen)
        yield from _plan_cycle(treatment, component, 1, first)


def _plan_cycle(
    treatment: InventedTreatment, component: str, number: int, day: date
) -> Iterator[HistoryEntry]:
    yield CycleRecorded(Cycle(component, number, planned=day))
    treatment.ahead[component] = (number, day)
    treatment.agenda[day].append(DueCycle(component))


def _cycle_entries(
    treatment: InventedTreatment, component: str, day: date
) -> Iterator[HistoryEntry]:
    """A cycle is put off for a week, perhaps once more; skipped; or given, and the next one planned
    or the last."""
    # What was on the agenda of a component that has stopped since is not due any more.
    if component not in treatment.ahead:
        return
    random = treatment.random
    number, planned = treatment.ahead[component]
    if random.random() < LATE:
        treatment.agenda[day + WEEK].append(DueCycle(component))
        return
    regimen = treatment.protocol.regimens[treatment.regimens[component]]
    if number > 1 and random.random() < SKIPPED:
        yield CycleRecorded(
            Cycle(component, number, planned, None, CycleStatus.SKIPPED, reason="bloedwaarden")
        )
    else:
        dose = random.choice(DOSES)
        given = Cycle(component, number, planned, day, CycleStatus.GIVEN, regimen.drugs, dose)
        yield CycleRecorded(given)
        _mistake_day_1(treatment, given, day)
        if number >= treatment.life.cycles[component] or random.random() < STOPS_EARLY:
            yield from _stop_component(treatment, component, day)
            return
    following = day + timedelta(days=regimen.cycle_days)
    yield from _plan_cycle(treatment, component, number + 1, following)


def _mistake_day_1(treatment: InventedTreatment, given: Cycle, day: date) -> None:
    """Sometimes the day was written down wrongly, and is put right some days later."""
    random = treatment.random
    if random.random() >= MISTAKEN:
        return
    right = replace(given, day_1=day + timedelta(days=random.choice((-1, 1))))
    corrected_on = day + timedelta(days=random.randint(2, 5))
    treatment.agenda[corrected_on].append(CycleRecorded(right))


def _stop_component(
    treatment: InventedTreatment, component: str, day: date
) -> Iterator[HistoryEntry]:
    """Its last dose; after the last dose of all, what was put in may be taken out."""
    yield ComponentStopped(component, day)
    del treatment.ahead[component]
    if treatment.ahead:
        return
    for kind in taken_out(treatment.protocol, treatment.life.arm):
        if treatment.random.random() < TAKEN_OUT:
            on = day + timedelta(days=treatment.random.randint(*TAKEN_OUT_AFTER))
            treatment.agenda[on].append(MilestoneRecorded(kind, on))
