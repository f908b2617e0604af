"""The course of an invented patient's treatment: what is recorded on which day."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from proms.demo.people import Life
from proms.domain.schedule import Cycle, CycleStatus
from proms.domain.schedule.amendment import (
    Amendment,
    ComponentStopped,
    CycleRecorded,
    MilestoneRecorded,
    RegimenChosen,
)

RANDOMISED, OPERATED, STARTS_A, STARTS_B = 7, 19, 14, 54
LENGTH = {"capox": 21, "folfox": 14, "folfiri": 14, "folfoxiri": 14, "fudr": 28}
DRUGS = {
    "capox": ("capecitabine", "oxaliplatin"),
    "folfox": ("fluorouracil", "oxaliplatin"),
    "folfiri": ("fluorouracil", "irinotecan"),
    "folfoxiri": ("fluorouracil", "irinotecan", "oxaliplatin"),
    "fudr": ("floxuridine",),
}
LAST_CYCLE = {"capox": 6, "folfox": 10, "folfiri": 10, "folfoxiri": 9, "fudr": 4}
LATE, SKIPPED = 0.14, 0.04
PAUSE = timedelta(days=10)


@dataclass
class Course:
    """Where a patient stands: the cycle each component is to give next, and the day it is really given."""

    life: Life
    ahead: dict[str, tuple[int, date, date]] = field(default_factory=dict)

    def illness(self, day: date) -> float:
        """How ill she feels on a day: her own tendency, worse in the week after a cycle."""
        return min(1.0, self.life.illness * (1.3 if (day - self.life.patient.consent).days % 14 < 7 else 0.8))


def due_today(course: Course, day: date, random: Random) -> Iterator[Amendment | timedelta]:
    """What is recorded of this patient on this day, in the order it happens; a timedelta is a pause that long."""
    life, gone = course.life, (day - course.life.patient.consent).days
    if gone == life.dies_on:
        yield MilestoneRecorded("death", day)
        return
    if gone == life.withdraws_on:
        yield MilestoneRecorded("withdrawal", day)
        return
    if gone == life.pauses_on:
        yield PAUSE
    if gone == RANDOMISED:
        yield MilestoneRecorded("randomisation", day, arm=life.arm)
        yield from _start(course, day)
    if gone == OPERATED and life.arm == "B":
        yield MilestoneRecorded("pump_surgery", day)
    for component, (_, _, given) in list(course.ahead.items()):
        if given == day:
            yield from _cycle(course, component, random)


def _start(course: Course, day: date) -> Iterator[Amendment]:
    life = course.life
    first = day + timedelta(days=(STARTS_A if life.arm == "A" else STARTS_B) - RANDOMISED)
    first -= timedelta(days=first.weekday())
    regimens = {"systemic": life.regimen} | ({"pump": "fudr"} if life.arm == "B" else {})
    for component, regimen in regimens.items():
        yield RegimenChosen(component, regimen)
        yield CycleRecorded(Cycle(component, 1, planned=first))
        course.ahead[component] = (1, first, first)


def _cycle(course: Course, component: str, random: Random) -> Iterator[Amendment]:
    number, planned, day = course.ahead[component]
    regimen = "fudr" if component == "pump" else course.life.regimen
    if number > 1 and random.random() < SKIPPED:
        yield CycleRecorded(Cycle(component, number, planned, None, CycleStatus.SKIPPED, reason="bloedwaarden"))
    else:
        dose = random.choice((100, 100, 100, 80, 50)) if component == "pump" else None
        given = Cycle(component, number, planned, day, CycleStatus.GIVEN, DRUGS[regimen], dose)
        yield CycleRecorded(given)
    if number == LAST_CYCLE[regimen]:
        yield ComponentStopped(component, day)
        del course.ahead[component]
        return
    following = day + timedelta(days=LENGTH[regimen])
    late = timedelta(days=7) if random.random() < LATE else timedelta(0)
    yield CycleRecorded(Cycle(component, number + 1, planned=following))
    course.ahead[component] = (number + 1, following, following + late)
