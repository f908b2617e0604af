"""One thing that happened to a patient or is so of her, as a value: it can be previewed, refused,
saved."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from proms.domain.instrument import Fact
from proms.domain.protocol import RANDOMISATION
from proms.domain.schedule.history import (
    Cycle,
    CycleStatus,
    EntryKey,
    EntryKind,
    FactValue,
    History,
    dates_by_kind,
)

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
    """What a component consists of from now on: cycles given or skipped keep the regimen they had.
    Choosing again lets a stopped component run again."""

    component: str
    regimen: str


@dataclass(frozen=True)
class ComponentStopped:
    """The date of a component's last dose; without one it was not the last after all."""

    component: str
    last_dose: date | None


@dataclass(frozen=True)
class FactRecorded:
    """What a fact about the patient is from a day on, the `number`-th thing said of it; a change
    without a day is taken back. Number 1 holds from the beginning and keeps the day it has."""

    fact: str
    since: date | None
    value: Fact
    number: int = 1


HistoryEntry = MilestoneRecorded | CycleRecorded | RegimenChosen | ComponentStopped | FactRecorded


def history_with(history: History, entry: HistoryEntry, today: date) -> History:
    """The history with this on record today; what it says again replaces what was said before."""
    match entry:
        case MilestoneRecorded():
            return _with_milestone(history, entry)
        case CycleRecorded(cycle):
            return _with_cycle(history, cycle, today)
        case RegimenChosen(component, regimen):
            components = {**history.components, component: regimen}
            stopped = _without(history.stopped, component)
            return replace(history, components=components, stopped=stopped)
        case ComponentStopped(component, last_dose):
            stopped = _without(history.stopped, component)
            if last_dose:
                stopped[component] = last_dose
            return replace(history, stopped=stopped)
        case FactRecorded():
            return _with_fact(history, entry)


def overturns(
    history: History, entry: HistoryEntry, today: date, taken_back: Collection[EntryKey]
) -> bool:
    """Whether it overturns what is on record; a plan that changes, or comes true, overturns
    nothing."""
    match entry:
        case MilestoneRecorded(kind, _, number):
            recorded = history.dated(kind).get(number)
            came_true = recorded is not None and recorded <= today
            return came_true or entry_key(entry) in taken_back
        case RegimenChosen(component):
            return component in history.stopped
        case ComponentStopped(component, last_dose):
            recorded_dose = history.stopped.get(component)
            return recorded_dose not in (None, last_dose) and recorded_dose <= today
        case CycleRecorded(cycle):
            before = history.cycle(cycle.component, cycle.number)
            return before is not None and before.status is not CycleStatus.PLANNED
        case FactRecorded(fact, _, _, number):
            on_record = [value.number for value in history.facts.get(fact, ())]
            return number in on_record or entry_key(entry) in taken_back


def says_nothing_new(history: History, entry: FactRecorded) -> bool:
    """Whether it is what is on record already: a correction of nothing, or a change to the value
    there was."""
    on_record = history.fact_value(entry.fact, entry.number)
    if on_record:
        return _kept_day(on_record, entry) == on_record
    return entry.since is None or history.facts_on(entry.since).get(entry.fact) == entry.value


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
        case FactRecorded():
            return EntryKey(EntryKind.FACT, entry.fact, entry.number)


def _with_milestone(history: History, entry: MilestoneRecorded) -> History:
    kind = entry.kind
    days = history.dated(kind)
    taken_back = set(history.taken_back.get(kind, ()))
    days.pop(entry.number, None)
    if entry.on:
        days[entry.number] = entry.on
        taken_back.discard(entry.number)
    else:
        taken_back.add(entry.number)
    dates, numbers = dates_by_kind({kind: days})
    gone = {kind: frozenset(taken_back)} if taken_back else {}
    changed = replace(
        history,
        milestones=_without(history.milestones, kind) | dates,
        numbers=_without(history.numbers, kind) | numbers,
        taken_back=_without(history.taken_back, kind) | gone,
    )
    if kind != RANDOMISATION:
        return changed
    # The arm comes with the randomisation and goes with it.
    return replace(changed, arm=entry.arm if entry.on else None)


def _with_cycle(history: History, cycle: Cycle, today: date) -> History:
    before = history.cycle(cycle.component, cycle.number)
    others = [other for other in history.cycles if other is not before]
    recorded = replace(
        cycle,
        regimen=_regimen(history, before, cycle),
        late_since=_late_since(before, cycle, today),
    )
    return replace(history, cycles=(*others, recorded))


def _regimen(history: History, before: Cycle | None, cycle: Cycle) -> str | None:
    """What the entry says; else what was on record of the cycle, else what its component consists
    of. A planned cycle has none of its own: a switch goes for all that is to come."""
    if cycle.status is CycleStatus.PLANNED:
        return None
    on_record = before.regimen if before else None
    return cycle.regimen or on_record or history.components.get(cycle.component)


def _late_since(before: Cycle | None, cycle: Cycle, today: date) -> date | None:
    """A cycle whose planned day has gone by stays late when it gets a later one: since the first
    such day."""
    if before is None:
        return None
    since = before.late_since or _missed_day(before, today)
    if since and cycle.starts and since < cycle.starts:
        return since
    return None


def _missed_day(cycle: Cycle, today: date) -> date | None:
    """The planned day that went by without the cycle being given or skipped."""
    if cycle.status is CycleStatus.PLANNED and cycle.planned and cycle.planned < today:
        return cycle.planned
    return None


def _with_fact(history: History, entry: FactRecorded) -> History:
    others = [value for value in history.facts.get(entry.fact, ()) if value.number != entry.number]
    value = _kept_day(history.fact_value(entry.fact, entry.number), entry)
    if value:
        others.append(value)
    values = tuple(sorted(others, key=lambda value: value.number))
    return replace(history, facts={**history.facts, entry.fact: values})


def _kept_day(on_record: FactValue | None, entry: FactRecorded) -> FactValue | None:
    """The value with the day from which it holds, which the first one keeps; None if there is no
    such value any more."""
    if entry.since is None:
        return None
    since = on_record.since if on_record and entry.number == 1 else entry.since
    return FactValue(entry.number, since, entry.value)


def _without(mapping: Mapping[str, T], key: str) -> dict[str, T]:
    return {name: value for name, value in mapping.items() if name != key}
