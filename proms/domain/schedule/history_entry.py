"""One thing that happened to a patient, as a value: it can be previewed, refused, saved."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from proms.domain.schedule.history import (
    Cycle,
    CycleStatus,
    EntryKey,
    EntryKind,
    History,
    dates_by_kind,
)

RANDOMISATION = "randomisation"
T = TypeVar("T")


@dataclass(frozen=True)
class MilestoneRecorded:
    """A milestone, the `number`-th of its kind; without a date it is taken back. `arm` goes with
    randomisation only."""

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


HistoryEntry = MilestoneRecorded | CycleRecorded | RegimenChosen | ComponentStopped


def history_with(history: History, entry: HistoryEntry, today: date) -> History:
    """The history with this on record today; what it says again replaces what was said before."""
    match entry:
        case MilestoneRecorded():
            return _with_milestone(history, entry)
        case CycleRecorded(cycle):
            same = history.cycle(cycle.component, cycle.number)
            late = replace(cycle, late_since=_late_since(same, cycle, today))
            return replace(
                history, cycles=(*(each for each in history.cycles if each is not same), late)
            )
        case RegimenChosen(component, regimen):
            components = {**history.components, component: regimen}
            return replace(
                history, components=components, stopped=_without(history.stopped, component)
            )
        case ComponentStopped(component, last_dose):
            return replace(history, stopped={**history.stopped, component: last_dose})


def overturns(
    history: History, entry: HistoryEntry, today: date, taken_back: Collection[EntryKey]
) -> bool:
    """Whether it overturns what is on record; a plan that changes, or comes true, overturns
    nothing."""
    match entry:
        case MilestoneRecorded(kind, _on, number):
            known = history.dated(kind).get(number)
            return entry_key(entry) in taken_back or (known is not None and known <= today)
        case RegimenChosen(component):
            other = history.components.get(component) not in (None, entry.regimen)
            return other or component in history.stopped
        case ComponentStopped(component):
            return history.stopped.get(component) not in (None, entry.last_dose)
        case CycleRecorded(cycle):
            before = history.cycle(cycle.component, cycle.number)
            return before is not None and before.status is not CycleStatus.PLANNED


def _late_since(was: Cycle | None, becomes: Cycle, today: date) -> date | None:
    """A cycle whose planned day has gone by stays late when it gets a later one: since the first
    such day."""
    if was is None:
        return None
    gone_by = was.status is CycleStatus.PLANNED and was.planned is not None and was.planned < today
    since = was.late_since or (was.planned if gone_by else None)
    return since if since and becomes.starts and since < becomes.starts else None


def entry_key(entry: HistoryEntry) -> EntryKey:
    """Which fact it is about: saying another thing about the same fact is a new version of it."""
    match entry:
        case MilestoneRecorded():
            return EntryKey(EntryKind.MILESTONE, entry.kind, entry.number)
        case CycleRecorded(cycle):
            return EntryKey(EntryKind.CYCLE, cycle.component, cycle.number)
        case RegimenChosen():
            return EntryKey(EntryKind.REGIMEN, entry.component)
        case ComponentStopped():
            return EntryKey(EntryKind.STOP, entry.component)


def _with_milestone(history: History, entry: MilestoneRecorded) -> History:
    kind, days = entry.kind, history.dated(entry.kind)
    days.pop(entry.number, None)
    if entry.on:
        days[entry.number] = entry.on
    dates, numbers = dates_by_kind({kind: days})
    said = replace(
        history,
        milestones=_without(history.milestones, kind) | dates,
        numbers=_without(history.numbers, kind) | numbers,
    )
    return replace(said, arm=entry.arm if entry.on else None) if kind == RANDOMISATION else said


def _without(mapping: Mapping[str, T], key: str) -> dict[str, T]:
    return {each: value for each, value in mapping.items() if each != key}
