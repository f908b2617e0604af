"""One thing that happened to a patient, as a value: it can be previewed, refused, saved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from proms.domain.schedule.history import Cycle, History

RANDOMISATION = "randomisation"
T = TypeVar("T")


@dataclass(frozen=True)
class MilestoneRecorded:
    """A milestone, the `number`-th of its kind; without a date it is taken back. `arm` goes with randomisation only."""

    kind: str
    on: date | None
    number: int = 1
    arm: str | None = None


@dataclass(frozen=True)
class CycleRecorded:
    """A cycle as it is now known: planned, given or skipped."""

    cycle: Cycle


@dataclass(frozen=True)
class RegimenChosen:
    """What a component consists of; choosing again lets a stopped component run again."""

    component: str
    regimen: str


@dataclass(frozen=True)
class ComponentStopped:
    """The date of a component's last dose."""

    component: str
    last_dose: date


Amendment = MilestoneRecorded | CycleRecorded | RegimenChosen | ComponentStopped


def amended(history: History, amendment: Amendment) -> History:
    """The history with this on record; what it says again replaces what was said before."""
    match amendment:
        case MilestoneRecorded():
            return _with_milestone(history, amendment)
        case CycleRecorded(cycle):
            others = tuple(each for each in history.cycles if _name(each) != _name(cycle))
            return replace(history, cycles=(*others, cycle))
        case RegimenChosen(component, regimen):
            components = {**history.components, component: regimen}
            return replace(history, components=components, stopped=_without(history.stopped, component))
        case ComponentStopped(component, last_dose):
            return replace(history, stopped={**history.stopped, component: last_dose})


def _with_milestone(history: History, amendment: MilestoneRecorded) -> History:
    dates = list(history.milestones.get(amendment.kind, ()))
    place = amendment.number - 1
    kept = [*dates[:place], *([amendment.on] if amendment.on else []), *dates[place + 1 :]]
    milestones = _without(history.milestones, amendment.kind) | ({amendment.kind: tuple(kept)} if kept else {})
    if amendment.kind != RANDOMISATION:
        return replace(history, milestones=milestones)
    return replace(history, milestones=milestones, arm=amendment.arm if amendment.on else None)


def _name(cycle: Cycle) -> tuple[str, int]:
    return cycle.component, cycle.number


def _without(mapping: Mapping[str, T], key: str) -> dict[str, T]:
    return {each: value for each, value in mapping.items() if each != key}
