"""A patient's arm, milestones and cycles so far: all that `plan` reads of her."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from proms.domain.schedule.assignment import Key


class CycleStatus(StrEnum):
    PLANNED = "planned"
    GIVEN = "given"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Cycle:
    """One repeat of a component's regimen, with the number it was recorded under."""

    component: str
    number: int
    planned: date | None = None
    day_1: date | None = None
    status: CycleStatus = CycleStatus.PLANNED
    drugs: tuple[str, ...] = ()
    dose_percent: int | None = None
    reason: str | None = None

    @property
    def starts(self) -> date | None:
        """The actual day 1; the planned one until that is recorded."""
        return self.day_1 or self.planned


@dataclass(frozen=True, slots=True)
class History:
    """What has happened to one patient. A milestone dated after today is one that is planned.

    `components` maps a component to its regimen, `stopped` to the date of its last dose, `checked` a started or
    answered assignment to the site date the patient began it.
    """

    arm: str | None = None
    milestones: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    components: Mapping[str, str] = field(default_factory=dict)
    cycles: tuple[Cycle, ...] = ()
    stopped: Mapping[str, date] = field(default_factory=dict)
    checked: Mapping[Key, date] = field(default_factory=dict)

    def first(self, milestone: str) -> date | None:
        """The earliest date of a milestone, or None."""
        return min(self.milestones.get(milestone, ()), default=None)

    def cycles_of(self, component: str) -> tuple[Cycle, ...]:
        """The recorded cycles of a component, by number."""
        return tuple(sorted((c for c in self.cycles if c.component == component), key=lambda c: c.number))
