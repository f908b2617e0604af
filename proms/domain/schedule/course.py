"""A component's cycles as the plan sees them: the recorded ones, and those that are projected ahead."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple

from proms.domain.protocol import Protocol
from proms.domain.schedule.history import Cycle, CycleStatus, History

Stretch = tuple[date, date]


class Pace(StrEnum):
    """How a cycle stands on a given day; delayed is derived, never stored."""

    GIVEN = "given"
    PLANNED = "planned"
    DELAYED = "delayed"  # its planned day 1 is past and nothing is recorded
    WAITING = "waiting"  # it comes after a delayed one, so its date is not known
    SKIPPED = "skipped"  # or fallen away because its component stopped


class Turn(NamedTuple):
    """One cycle with its planned day 1, the day it starts (the actual one if recorded), and how it stands.

    `since` is the day from which it is late, if it is: its planned day 1, or one before that went by.
    """

    component: str
    number: int
    planned: date
    starts: date
    pace: Pace
    since: date

    @property
    def put_off(self) -> bool:
        """Whether it has another day to come after one that went by."""
        return self.pace is Pace.PLANNED and self.since < self.planned

    @property
    def waits(self) -> bool:
        return self.pace in (Pace.DELAYED, Pace.WAITING)

    @property
    def asked(self) -> bool:
        return self.pace is not Pace.SKIPPED


@dataclass(frozen=True, slots=True)
class Course:
    """The cycles of one component in order of number, and the stretches of days (first, day after) it runs."""

    component: str
    turns: tuple[Turn, ...]
    stretches: tuple[Stretch, ...]

    def runs_on(self, day: date) -> bool:
        """Whether it is under treatment that day: from day 1 of a cycle, delays included, to its last dose."""
        return any(first <= day < end for first, end in self.stretches)

    def late_on(self, day: date) -> bool:
        """Whether one of its cycles is late that day: delayed, or put off to a day after it."""
        return any(
            turn.since <= day and (turn.pace is Pace.DELAYED or (turn.put_off and day < turn.planned))
            for turn in self.turns
        )

    def first_from(self, day: date, *, expected: bool) -> date | None:
        """Day 1 of the first cycle on or after a day; that of a late cycle only where an expected day will do."""
        days = (t.starts for t in self.turns if t.asked and t.starts >= day and (expected or not t.waits))
        return next(days, None)


def course_of(protocol: Protocol, history: History, component: str, today: date) -> Course:
    """A component's recorded cycles and the protocol's number of projected ones, as they stand today."""
    length = timedelta(days=protocol.regimens[history.components[component]].cycle_days)
    recorded = history.cycles_of(component)
    cycles = (*recorded, *_projected(recorded, protocol.projected_cycles))
    stopped = history.stopped.get(component, date.max)
    turns = tuple(_turns(cycles, length, today, stopped))
    return Course(component, turns, tuple(_joined(_stretches(turns, length), stopped)))


def delayed(protocol: Protocol, history: History, today: date) -> tuple[Turn, ...]:
    """The cycles whose planned day 1 is past with nothing recorded: at most one a component."""
    courses = (course_of(protocol, history, each, today) for each in protocol.components if each in history.components)
    return tuple(turn for course in courses for turn in course.turns if turn.pace is Pace.DELAYED)


def _projected(recorded: Sequence[Cycle], ahead: int) -> Iterator[Cycle]:
    if recorded:
        last = recorded[-1]
        yield from (Cycle(last.component, last.number + step) for step in range(1, ahead + 1))


def _turns(cycles: Sequence[Cycle], length: timedelta, today: date, stopped: date) -> Iterator[Turn]:
    """Each cycle with its days: without a planned day it is expected when the one before it ends."""
    given_up_to = max((cycle.number for cycle in cycles if cycle.day_1), default=0)
    expected: date | None = None
    late = False
    for cycle in cycles:
        planned = cycle.planned or min((day for day in (expected, cycle.day_1) if day), default=None)
        if planned is None:
            continue
        dropped = cycle.number < given_up_to or stopped < planned or stopped <= today
        pace = _pace(cycle, dropped=dropped, late=late, past=planned < today)
        late = late or pace is Pace.DELAYED
        starts = cycle.day_1 or planned
        expected = starts + length
        since = min(cycle.late_since or planned, planned)
        yield Turn(cycle.component, cycle.number, planned, starts, pace, since)


def _pace(cycle: Cycle, *, dropped: bool, late: bool, past: bool) -> Pace:
    """A cycle not given is dropped once its component has stopped, or when a later one was given in its place."""
    if cycle.status is CycleStatus.SKIPPED:
        return Pace.SKIPPED
    if cycle.day_1:
        return Pace.GIVEN
    if dropped:
        return Pace.SKIPPED
    if late:
        return Pace.WAITING
    return Pace.DELAYED if past else Pace.PLANNED


def _stretches(turns: Sequence[Turn], length: timedelta) -> Iterator[Stretch]:
    begun = False
    for turn, after in zip_longest(turns, turns[1:]):
        if turn.waits:
            if begun:
                yield turn.starts, date.max
            return
        if not turn.asked:
            continue
        if begun and turn.since < turn.starts:
            yield turn.since, turn.starts
        begun = True
        end = turn.starts + length
        yield turn.starts, min(end, after.planned) if after else end


def _joined(stretches: Iterable[Stretch], stopped: date) -> list[Stretch]:
    """The same days in as few stretches as can be, none beyond the day of the last dose."""
    cut = stopped + timedelta(days=1) if stopped < date.max else stopped
    joined: list[Stretch] = []
    for first, end in stretches:
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((first, end))
    return [(first, min(end, cut)) for first, end in joined if first < cut]
