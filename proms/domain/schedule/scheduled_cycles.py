"""A component's cycles as the plan sees them: the recorded ones, and those that are projected
ahead."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple

from proms.domain.protocol import Protocol
from proms.domain.schedule.history import Cycle, CycleStatus, History

Stretch = tuple[date, date]


class CycleState(StrEnum):
    """How a cycle stands on a given day; delayed is derived, never stored."""

    GIVEN = "given"
    PLANNED = "planned"
    DELAYED = "delayed"  # its planned day 1 is past and nothing is recorded
    WAITING = "waiting"  # it comes after a delayed one, so its date is not known
    SKIPPED = "skipped"  # or fallen away because its component stopped


class ScheduledCycle(NamedTuple):
    """One cycle with its planned day 1, the day it starts (the actual one if recorded), and how it
    stands.

    `since` is the day from which it is late, if it is: its planned day 1, or one before that went
    by. `regimen` is what it was or would be given under, `ends` the day after its last one.
    """

    component: str
    number: int
    planned: date
    starts: date
    state: CycleState
    since: date
    regimen: str
    ends: date

    @property
    def put_off(self) -> bool:
        """Whether it has another day to come after one that went by."""
        return self.state is CycleState.PLANNED and self.since < self.planned

    @property
    def waits(self) -> bool:
        return self.state in (CycleState.DELAYED, CycleState.WAITING)

    @property
    def asked(self) -> bool:
        return self.state is not CycleState.SKIPPED

    def late_on(self, day: date) -> bool:
        """Whether it is late that day: delayed, or put off to a day after it."""
        if day < self.since:
            return False
        return self.state is CycleState.DELAYED or (self.put_off and day < self.planned)


@dataclass(frozen=True, slots=True)
class ComponentSchedule:
    """The cycles of one component in order of number, and the stretches of days (first, day after)
    it runs."""

    component: str
    cycles: tuple[ScheduledCycle, ...]
    stretches: tuple[Stretch, ...]

    def runs_on(self, day: date) -> bool:
        """Whether it is under treatment that day: from day 1 of a cycle, delays included, to its
        last dose."""
        return any(first <= day < end for first, end in self.stretches)

    def late_on(self, day: date) -> bool:
        """Whether one of its cycles is late that day."""
        return any(cycle.late_on(day) for cycle in self.cycles)

    def first_from(self, day: date, *, expected: bool) -> date | None:
        """Day 1 of the first cycle on or after a day; that of a late cycle only where an expected
        day will do."""
        for cycle in self.cycles:
            known = expected or not cycle.waits
            if cycle.asked and known and cycle.starts >= day:
                return cycle.starts
        return None


def schedule_component(
    protocol: Protocol, history: History, component: str, today: date
) -> ComponentSchedule:
    """A component's recorded cycles and the protocol's number of projected ones, as they stand
    today."""
    stopped = history.stopped.get(component, date.max)
    recorded = history.cycles_of(component)
    ahead = _projected(recorded, protocol.projected_cycles)
    cycles = tuple(_scheduled(protocol, history, [*recorded, *ahead], today, stopped))
    return ComponentSchedule(component, cycles, tuple(_joined(_stretches(cycles), stopped)))


def delayed_cycles(protocol: Protocol, history: History, today: date) -> tuple[ScheduledCycle, ...]:
    """The cycles whose planned day 1 is past with nothing recorded: at most one a component."""
    return tuple(
        cycle
        for component in protocol.components
        if component in history.components
        for cycle in schedule_component(protocol, history, component, today).cycles
        if cycle.state is CycleState.DELAYED
    )


def _projected(recorded: Sequence[Cycle], ahead: int) -> Iterator[Cycle]:
    if not recorded:
        return
    last = recorded[-1]
    for step in range(1, ahead + 1):
        yield Cycle(last.component, last.number + step)


def _scheduled(
    protocol: Protocol, history: History, cycles: Sequence[Cycle], today: date, stopped: date
) -> Iterator[ScheduledCycle]:
    """Each cycle with its days: without a planned day it is expected when the one before it
    ends."""
    last_given = max((cycle.number for cycle in cycles if cycle.day_1), default=0)
    expected: date | None = None  # the day after the last day of the cycle before
    late = False  # once one cycle is delayed, the day of every later one is not known
    for cycle in cycles:
        planned = cycle.planned or _earlier(expected, cycle.day_1)
        if planned is None:
            continue
        overtaken = cycle.number < last_given
        dropped = overtaken or stopped < planned or stopped <= today
        state = _state(cycle, dropped=dropped, late=late, past=planned < today)
        late = late or state is CycleState.DELAYED
        starts = cycle.day_1 or planned
        regimen = history.regimen_of(cycle)
        expected = starts + timedelta(days=protocol.regimens[regimen].cycle_days)
        since = min(cycle.late_since or planned, planned)
        yield ScheduledCycle(
            cycle.component, cycle.number, planned, starts, state, since, regimen, expected
        )


def _earlier(first: date | None, second: date | None) -> date | None:
    return min((day for day in (first, second) if day), default=None)


def _state(cycle: Cycle, *, dropped: bool, late: bool, past: bool) -> CycleState:
    """A cycle not given is dropped once its component has stopped, or when a later one was given in
    its place."""
    if cycle.status is CycleStatus.SKIPPED:
        return CycleState.SKIPPED
    if cycle.day_1:
        return CycleState.GIVEN
    if dropped:
        return CycleState.SKIPPED
    if late:
        return CycleState.WAITING
    return CycleState.DELAYED if past else CycleState.PLANNED


def _stretches(cycles: Sequence[ScheduledCycle]) -> Iterator[Stretch]:
    """The days each cycle is under treatment, and the days between two that a delay is."""
    # A component begins with its first cycle that is asked about. Before that nothing runs, however
    # late that cycle is; after it a delay belongs to the treatment, and one that has not ended yet
    # goes on without an end.
    begun = False
    for cycle, following in zip_longest(cycles, cycles[1:]):
        if cycle.waits:
            if begun:
                yield cycle.starts, date.max
            return
        if not cycle.asked:
            continue
        if begun and cycle.since < cycle.starts:
            yield cycle.since, cycle.starts
        begun = True
        # The next cycle may be planned sooner, but a later one leaves a gap only if it is a delay:
        # the line above.
        yield cycle.starts, min(cycle.ends, following.planned) if following else cycle.ends


def _joined(stretches: Iterable[Stretch], stopped: date) -> list[Stretch]:
    """The same days in as few stretches as can be, none beyond the day of the last dose."""
    joined: list[Stretch] = []
    for first, end in stretches:
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((first, end))
    if stopped == date.max:
        return joined
    cut = stopped + timedelta(days=1)
    return [(first, min(end, cut)) for first, end in joined if first < cut]
