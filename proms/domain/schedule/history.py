"""A patient's arm, milestones and cycles so far: all that `plan` reads of her."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from proms.domain.instrument import Fact
from proms.domain.schedule.assignment import Key

HIGHEST_NUMBER, HIGHEST_DOSE = 200, 150  # nobody has more cycles, or more percent of a full dose

UNKNOWN_DAY = date.max  # answered, but not known when
# No trial that runs on this is older: an earlier date is a year mistyped.
EARLIEST = date(2000, 1, 1)


class EntryKind(StrEnum):
    """What a history is made of."""

    MILESTONE = "milestone"
    CYCLE = "cycle"
    REGIMEN = "regimen"
    STOP = "stop"
    FACT = "fact"


class EntryKey(NamedTuple):
    """One fact of a history, whatever it says: its milestone, component or fact about the patient
    by name, and its number."""

    what: EntryKind
    name: str
    number: int = 1


class CycleStatus(StrEnum):
    PLANNED = "planned"
    GIVEN = "given"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Cycle:
    """One repeat of a component's regimen, with the number it was recorded under.

    `regimen` is what it was given or skipped under; a planned one has none, since it follows what
    its component consists of then. `late_since` is the first planned day that went by before it got
    another one; it is worked out, not said.
    """

    component: str
    number: int
    planned: date | None = None
    day_1: date | None = None
    status: CycleStatus = CycleStatus.PLANNED
    drugs: tuple[str, ...] = ()
    dose_percent: int | None = None
    reason: str | None = None
    regimen: str | None = None
    late_since: date | None = field(default=None, compare=False)

    @property
    def starts(self) -> date | None:
        """The actual day 1; the planned one until that is recorded."""
        return self.day_1 or self.planned


class FactValue(NamedTuple):
    """What a fact about the patient is from a day on: the `number`-th thing on record of it."""

    number: int
    since: date
    value: Fact


@dataclass(frozen=True, slots=True)
class History:
    """What has happened to one patient. A milestone dated after today is one that is planned.

    `components` maps a component to the regimen it has now, `stopped` to the date of its last
    dose, `checked` a started or answered assignment to the site date the patient began it, or
    UNKNOWN_DAY.
    `taken_back` are the numbers of each milestone that turned out not to have happened.
    `numbers` says which numbers the dates of a milestone have where they are not simply 1, 2, 3:
    one was taken back. `facts` holds what is known of her person, by fact, in order of number.
    """

    arm: str | None = None
    milestones: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    components: Mapping[str, str] = field(default_factory=dict)
    cycles: tuple[Cycle, ...] = ()
    stopped: Mapping[str, date] = field(default_factory=dict)
    checked: Mapping[Key, date] = field(default_factory=dict)
    numbers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    taken_back: Mapping[str, frozenset[int]] = field(default_factory=dict)
    facts: Mapping[str, tuple[FactValue, ...]] = field(default_factory=dict)

    def facts_on(self, day: date) -> dict[str, Fact]:
        """What was so of her on a day; the first value on record holds from the beginning."""
        return {fact: _value_on(values, day) for fact, values in self.facts.items() if values}

    def fact_value(self, fact: str, number: int) -> FactValue | None:
        """The value of a fact that is on record under this number."""
        for value in self.facts.get(fact, ()):
            if value.number == number:
                return value
        return None

    def first(self, milestone: str) -> date | None:
        """The earliest date of a milestone, or None."""
        return min(self.milestones.get(milestone, ()), default=None)

    def dated(self, milestone: str) -> dict[int, date]:
        """The dates of a milestone by the numbers they were recorded under."""
        days = self.milestones.get(milestone, ())
        numbers = self.numbers.get(milestone) or range(1, len(days) + 1)
        return dict(zip(numbers, days, strict=True))

    def cycle(self, component: str, number: int) -> Cycle | None:
        """The cycle recorded under this number."""
        for cycle in self.cycles:
            if cycle.component == component and cycle.number == number:
                return cycle
        return None

    def regimen_of(self, cycle: Cycle) -> str:
        """The regimen a cycle was given under; of one that is planned, or says none, that of its
        component."""
        return cycle.regimen or self.components[cycle.component]

    def cycles_of(self, component: str) -> tuple[Cycle, ...]:
        """The recorded cycles of a component, by number."""
        cycles = [cycle for cycle in self.cycles if cycle.component == component]
        return tuple(sorted(cycles, key=lambda cycle: cycle.number))


def _value_on(values: tuple[FactValue, ...], day: date) -> Fact:
    begun = [value for value in values[1:] if value.since <= day]
    return max(begun, key=lambda value: value.since, default=values[0]).value


def dates_by_kind(
    numbered: Mapping[str, Mapping[int, date]],
) -> tuple[dict[str, tuple[date, ...]], dict[str, tuple[int, ...]]]:
    """The dates of each milestone in order of their numbers, and those numbers where they do not
    count from 1."""
    dates: dict[str, tuple[date, ...]] = {}
    numbers: dict[str, tuple[int, ...]] = {}
    for kind, days in numbered.items():
        used = tuple(sorted(days))
        if used:
            dates[kind] = tuple(days[number] for number in used)
        if used != tuple(range(1, len(used) + 1)):
            numbers[kind] = used
    return dates, numbers
