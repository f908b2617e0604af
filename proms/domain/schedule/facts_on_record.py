"""The facts of a history by their keys and dates, as what is wrong with it names them."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from proms.domain.protocol import Protocol, Regimen
from proms.domain.schedule.history import Cycle, EntryKey, EntryKind, History
from proms.domain.schedule.history_errors import UnsoundHistory


class DatedFact(NamedTuple):
    """A fact of a history with one of its dates."""

    fact: EntryKey
    day: date


def too_early(
    history: History, after: str | None, fact: EntryKey, day: date, error: type[UnsoundHistory]
) -> Iterator[UnsoundHistory]:
    """The objection to a date before the first one of the milestone it has to come after."""
    if after is None:
        return
    first = history.first(after)
    if first and day < first:
        yield error(
            fact,
            *milestone_keys(history, after),
            fact=without_number(fact),
            day=day,
            milestone=after,
            first=first,
        )


def regimens_of(protocol: Protocol, component: str) -> list[Regimen]:
    return [regimen for regimen in protocol.regimens.values() if regimen.component == component]


def milestone_dates(history: History, kind: str) -> Iterator[DatedFact]:
    for number, day in history.dated(kind).items():
        yield DatedFact(EntryKey(EntryKind.MILESTONE, kind, number), day)


def milestone_keys(history: History, kind: str) -> Iterable[EntryKey]:
    return (dated.fact for dated in milestone_dates(history, kind))


def without_number(fact: EntryKey) -> EntryKey:
    """The fact as its sentence names it: a milestone by its kind, a cycle by its number too.

    A date that was wrong before is no new objection when its milestone gets another number.
    """
    if fact.what is EntryKind.MILESTONE:
        return EntryKey(fact.what, fact.name)
    return fact


def cycle_key(cycle: Cycle) -> EntryKey:
    return EntryKey(EntryKind.CYCLE, cycle.component, cycle.number)


def regimen_key(component: str) -> EntryKey:
    return EntryKey(EntryKind.REGIMEN, component)


def stop_key(component: str) -> EntryKey:
    return EntryKey(EntryKind.STOP, component)
