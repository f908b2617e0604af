"""What the protocol has against the cycles of a history."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

from proms.domain.protocol import Protocol
from proms.domain.schedule import history_errors as errors
from proms.domain.schedule.facts_on_record import (
    cycle_key,
    milestone_keys,
    regimen_key,
    stop_key,
    too_early,
)
from proms.domain.schedule.history import Cycle, CycleStatus, History
from proms.domain.schedule.history_errors import UnsoundHistory


def cycle_objections(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    """What is against the cycles of each component and its last dose."""
    for component in history.components:
        cycles = history.cycles_of(component)
        after = protocol.components[component].after
        for cycle in cycles:
            yield from _incomplete(cycle)
            yield from _cycle_too_early(history, after, cycle)
            yield from _after_last_dose(history, cycle)
            yield from _not_in_place(protocol, history, cycle)
        yield from _out_of_order(cycles)
        if stopped := history.stopped.get(component):
            yield from too_early(history, after, stop_key(component), stopped, errors.TooEarly)
        yield from _overlaps(protocol, history, cycles)


def _incomplete(cycle: Cycle) -> Iterator[UnsoundHistory]:
    """Dates of a cycle that do not fit its status."""
    key = cycle_key(cycle)
    if cycle.day_1 and cycle.status is not CycleStatus.GIVEN:
        yield errors.Day1NotGiven(key, cycle=key, status=cycle.status)
    elif cycle.status is CycleStatus.GIVEN and not cycle.day_1:
        yield errors.GivenWithoutDay1(key, cycle=key)
    elif cycle.status is CycleStatus.PLANNED and not cycle.planned:
        yield errors.PlannedWithoutDate(key, cycle=key)
    if cycle.status is CycleStatus.GIVEN and cycle.dose_percent == 0:
        yield errors.GivenWithoutDose(key, cycle=key)


def _cycle_too_early(history: History, after: str | None, cycle: Cycle) -> Iterator[UnsoundHistory]:
    key = cycle_key(cycle)
    if cycle.planned:
        yield from too_early(history, after, key, cycle.planned, errors.PlannedTooEarly)
    if cycle.day_1:
        yield from too_early(history, after, key, cycle.day_1, errors.GivenTooEarly)


def _after_last_dose(history: History, cycle: Cycle) -> Iterator[UnsoundHistory]:
    last_dose = history.stopped.get(cycle.component)
    if cycle.day_1 and last_dose and cycle.day_1 > last_dose:
        key = cycle_key(cycle)
        yield errors.GivenAfterLastDose(
            key, stop_key(cycle.component), cycle=key, day=cycle.day_1, last_dose=last_dose
        )


def _not_in_place(protocol: Protocol, history: History, cycle: Cycle) -> Iterator[UnsoundHistory]:
    """A cycle on a day on which what its component needs is not in place, as far as that is on
    record; what fell away with a last dose is not looked at."""
    needed = protocol.components[cycle.component].needs
    stopped = history.stopped.get(cycle.component, date.max)
    day = cycle.starts
    if needed is None or cycle.status is CycleStatus.SKIPPED or day is None:
        return
    if not cycle.day_1 and day > stopped:
        return
    lasting = protocol.standing[needed]
    key = cycle_key(cycle)
    since = history.first(lasting.since)
    if since and day < since:
        yield errors.BeforeInPlace(
            key,
            *milestone_keys(history, lasting.since),
            cycle=key,
            day=day,
            milestone=lasting.since,
            on=since,
        )
    until = max(history.milestones.get(lasting.until or "", ()), default=None)
    if until and until <= day and (since is None or since < until):
        yield errors.AfterTakenOut(
            key,
            *milestone_keys(history, lasting.until or ""),
            cycle=key,
            day=day,
            milestone=lasting.until,
            on=until,
        )


def _out_of_order(cycles: Sequence[Cycle]) -> Iterator[UnsoundHistory]:
    """Numbers of cycles that are left out or used twice, and a cycle given before its turn."""
    if cycles and cycles[0].number != 1:
        yield _left_out(cycles[0], missing=1)
    for earlier, cycle in pairwise(cycles):
        key = cycle_key(cycle)
        if cycle.number == earlier.number:
            yield errors.CycleTwice(key, cycle=key)
        elif cycle.number != earlier.number + 1:
            yield _left_out(cycle, missing=cycle.number - 1)
        elif cycle.day_1 and earlier.status is CycleStatus.PLANNED:
            yield errors.EarlierCycleOpen(
                key, cycle_key(earlier), cycle=key, earlier=earlier.number
            )


def _left_out(cycle: Cycle, *, missing: int) -> UnsoundHistory:
    key = cycle_key(cycle)
    return errors.CycleLeftOut(key, key._replace(number=missing), cycle=key, missing=missing)


def _overlaps(
    protocol: Protocol, history: History, cycles: Sequence[Cycle]
) -> Iterator[UnsoundHistory]:
    """Cycles that start before the one before them, on its day, or well before that one's own
    regimen lets it end."""
    for (earlier, earlier_starts), (cycle, starts) in pairwise(_with_start(cycles)):
        if cycle.number == earlier.number:
            continue
        key = cycle_key(cycle)
        about = (key, cycle_key(earlier))
        days = (starts - earlier_starts).days
        length = protocol.regimens[history.regimen_of(earlier)].cycle_days
        if days == 0:
            yield errors.CyclesOnOneDay(*about, cycle=key, earlier=earlier.number, starts=starts)
        elif days < 0:
            yield errors.CycleOutOfOrder(
                *about,
                cycle=key,
                starts=starts,
                earlier=earlier.number,
                earlier_starts=earlier_starts,
            )
        elif days < length - protocol.early_days:
            regimen = regimen_key(cycle.component)
            yield errors.CyclesOverlap(
                *about, regimen, cycle=key, days=days, earlier=earlier.number
            )


def _with_start(cycles: Iterable[Cycle]) -> Iterator[tuple[Cycle, date]]:
    """The cycles that were or will be given, each with its day 1."""
    for cycle in cycles:
        if cycle.starts and cycle.status is not CycleStatus.SKIPPED:
            yield cycle, cycle.starts
