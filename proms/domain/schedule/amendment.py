"""One thing that happened to a patient, as a value: it can be previewed, refused, saved."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from proms.domain.schedule.history import About, Cycle, CycleStatus, History, What, dates_by_kind

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


def amended(history: History, amendment: Amendment, today: date) -> History:
    """The history with this on record today; what it says again replaces what was said before."""
    match amendment:
        case MilestoneRecorded():
            return _with_milestone(history, amendment)
        case CycleRecorded(cycle):
            same = history.cycle(cycle.component, cycle.number)
            late = replace(cycle, late_since=_late_since(same, cycle, today))
            return replace(history, cycles=(*(each for each in history.cycles if each is not same), late))
        case RegimenChosen(component, regimen):
            components = {**history.components, component: regimen}
            return replace(history, components=components, stopped=_without(history.stopped, component))
        case ComponentStopped(component, last_dose):
            return replace(history, stopped={**history.stopped, component: last_dose})


def overturns(history: History, amendment: Amendment, today: date, taken_back: Collection[About]) -> bool:
    """Whether it overturns what is on record; a plan that changes, or comes true, overturns nothing."""
    match amendment:
        case MilestoneRecorded(kind, _on, number):
            known = history.dated(kind).get(number)
            return about(amendment) in taken_back or (known is not None and known <= today)
        case RegimenChosen(component):
            other = history.components.get(component) not in (None, amendment.regimen)
            return other or component in history.stopped
        case ComponentStopped(component):
            return history.stopped.get(component) not in (None, amendment.last_dose)
        case CycleRecorded(cycle):
            before = history.cycle(cycle.component, cycle.number)
            return before is not None and before.status is not CycleStatus.PLANNED


def _late_since(was: Cycle | None, becomes: Cycle, today: date) -> date | None:
    """A cycle whose planned day has gone by stays late when it gets a later one: since the first such day."""
    if was is None:
        return None
    gone_by = was.status is CycleStatus.PLANNED and was.planned is not None and was.planned < today
    since = was.late_since or (was.planned if gone_by else None)
    return since if since and becomes.starts and since < becomes.starts else None


def about(amendment: Amendment) -> About:
    """Which fact it is about: saying another thing about the same fact is a new version of it."""
    match amendment:
        case MilestoneRecorded():
            return About(What.MILESTONE, amendment.kind, amendment.number)
        case CycleRecorded(cycle):
            return About(What.CYCLE, cycle.component, cycle.number)
        case RegimenChosen():
            return About(What.REGIMEN, amendment.component)
        case ComponentStopped():
            return About(What.STOP, amendment.component)


def _with_milestone(history: History, amendment: MilestoneRecorded) -> History:
    kind, days = amendment.kind, history.dated(amendment.kind)
    days.pop(amendment.number, None)
    if amendment.on:
        days[amendment.number] = amendment.on
    dates, numbers = dates_by_kind({kind: days})
    said = replace(
        history,
        milestones=_without(history.milestones, kind) | dates,
        numbers=_without(history.numbers, kind) | numbers,
    )
    return replace(said, arm=amendment.arm if amendment.on else None) if kind == RANDOMISATION else said


def _without(mapping: Mapping[str, T], key: str) -> dict[str, T]:
    return {each: value for each, value in mapping.items() if each != key}
