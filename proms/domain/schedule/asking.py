"""What the protocol would ask if nothing got in its way: every event on every day it hangs on."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from proms.domain.protocol import Anchor, AnchorKind, Event, Protocol, Repeat
from proms.domain.schedule.course import Course, Pace, Turn, course_of
from proms.domain.schedule.history import History
from proms.domain.schedule.window import Window


@dataclass(frozen=True, slots=True)
class Situation:
    """A history as the plan reads it on one day.

    `begun` is when a pack was first started, `caught_up` the steps of each catch-up, by cycle, that were.
    """

    protocol: Protocol
    history: History
    today: date
    courses: Mapping[str, Course]
    begun: Mapping[tuple[str, int], date]
    caught_up: Mapping[tuple[str, int], Sequence[int]]


class Occurrence(NamedTuple):
    """One due day of an event, with the day it is counted from."""

    code: str
    number: int
    anchor: date
    due: date
    turn: Turn | None = None


class Ask(NamedTuple):
    """A pack the protocol wants: an event and number with its window, the cycle it hangs on, and when it was begun."""

    event: Event
    code: str
    number: int
    window: Window
    turn: Turn | None = None
    begun: date | None = None
    waiting: bool = False


def situation(protocol: Protocol, history: History, today: date) -> Situation:
    """The history with its cycles dated and projected."""
    running = [each for each in protocol.components if each in history.components]
    begun: dict[tuple[str, int], date] = {}
    for key, day in history.checked.items():
        pack = (key.event, key.number)
        begun[pack] = min(day, begun.get(pack, day))
    courses = {each: course_of(protocol, history, each, today) for each in running}
    return Situation(protocol, history, today, courses, begun, _caught_up(protocol, begun))


def _caught_up(protocol: Protocol, begun: Iterable[tuple[str, int]]) -> dict[tuple[str, int], list[int]]:
    late = [event for event in protocol.events if event.anchors[0].kind is AnchorKind.DELAY]
    steps: dict[tuple[str, int], list[int]] = {}
    for code, number in begun:
        for event in late:
            if step := event.step_of(code):
                steps.setdefault((event.code, number), []).append(step)
    return steps


def asks(seen: Situation) -> list[Ask]:
    """Every pack of the patient's arm with the window its timing gives it."""
    regimens = set(seen.history.components.values())
    return [
        _ask(event, each, window, seen)
        for event in seen.protocol.events_in(seen.history.arm)
        if event.regimens is None or event.regimens & regimens
        for each in occurrences(event, seen)
        if (window := _window(event, each, seen))
    ]


def _ask(event: Event, each: Occurrence, window: Window, seen: Situation) -> Ask:
    """What hangs on a late cycle waits, unless it was begun; the catch-ups of such a cycle do not wait."""
    begun = seen.begun.get((each.code, each.number))
    late = each.turn is not None and each.turn.waits and event.anchors[0].kind is AnchorKind.CYCLE
    return Ask(event, each.code, each.number, window, each.turn, begun, late and begun is None)


def occurrences(event: Event, seen: Situation) -> Iterator[Occurrence]:
    """The days an event falls due, numbered by cycle, or from 1 in order of date."""
    by_cycle = _BY_CYCLE.get(event.anchors[0].kind)
    if by_cycle is None:
        yield from _dated(event, seen)
        return
    course = seen.courses.get(event.anchors[0].name)
    turns = course.turns if course else ()
    for place, turn in enumerate(turns, start=1):
        # A skipped cycle has no day 1: the one that ends this one's days comes after it.
        after = next((each for each in turns[place:] if each.asked), None)
        yield from by_cycle(event, turn, after, seen)


def _in_cycle(event: Event, turn: Turn, after: Turn | None, seen: Situation) -> Iterator[Occurrence]:
    """A day of a cycle, unless the next cycle has begun by then; of a skipped one only what was begun."""
    due = turn.starts + timedelta(days=event.timing.day)
    over = after is not None and not after.waits and after.starts <= due
    if (turn.asked and not over) or (event.code, turn.number) in seen.begun:
        yield Occurrence(event.code, turn.number, turn.starts, due, turn)


def _in_delay(event: Event, turn: Turn, _: Turn | None, seen: Situation) -> Iterator[Occurrence]:
    """Catch-ups from the day it is late on, one ahead of today; once the delay is over only those that were begun.

    A late cycle that got another day is caught up with until that day.
    """
    every = timedelta(days=event.repeat.every if event.repeat else 0)
    begun = seen.caught_up.get((event.code, turn.number), ())
    last = seen.today + every
    if turn.put_off:
        last = min(last, turn.planned - timedelta(days=1))
    goes_on = turn.put_off or turn.pace is Pace.DELAYED
    ahead = range(1, (last - turn.since) // every + 2) if goes_on else ()
    for step in sorted({*begun, *ahead}):
        yield Occurrence(event.coded(step), turn.number, turn.since, turn.since + (step - 1) * every, turn)


_BY_CYCLE: Mapping[AnchorKind, Callable[[Event, Turn, Turn | None, Situation], Iterator[Occurrence]]] = {
    AnchorKind.CYCLE: _in_cycle,
    AnchorKind.DELAY: _in_delay,
}


def _dated(event: Event, seen: Situation) -> Iterator[Occurrence]:
    """After each date of a milestone or last dose, in order; the same date counts once."""
    days = sorted({day for anchor in event.anchors for day in _dates(anchor, seen)})
    for number, day in enumerate(days, start=1):
        if event.repeat is None:
            yield Occurrence(event.code, number, day, day + timedelta(days=event.timing.day))
        else:
            yield from _repeated(event, event.repeat, day, seen)


def _repeated(event: Event, repeat: Repeat, anchor: date, seen: Situation) -> Iterator[Occurrence]:
    """Every so many days, then with a group of events; numbered on."""
    times = (repeat.until or 0) // repeat.every
    last = anchor + timedelta(days=repeat.until or 0)
    for step in range(1, times + 1):
        yield Occurrence(event.code, step, anchor, anchor + timedelta(days=step * repeat.every))
    if repeat.then_with is None:
        return
    end = _landmark(repeat.then_before, anchor, seen) or date.max
    days = (day for day in due_days(repeat.then_with, seen) if last < day < end)
    for step, day in enumerate(sorted(days), start=times + 1):
        yield Occurrence(event.code, step, anchor, day)


def due_days(group: str, seen: Situation) -> Iterator[date]:
    """The due days of a group of events that are counted from a milestone."""
    for event in seen.protocol.events_in(seen.history.arm):
        if event.group == group:
            yield from (each.due for each in occurrences(event, seen))


def _dates(anchor: Anchor, seen: Situation) -> tuple[date, ...]:
    stopped = seen.history.stopped
    match anchor.kind:
        case AnchorKind.MILESTONE:
            return seen.history.milestones.get(anchor.name, ())
        case AnchorKind.LAST_DOSE:
            return (stopped[anchor.name],) if anchor.name in stopped else ()
        case _:
            over = seen.courses and all(each in stopped for each in seen.courses)
            return (max(stopped.values()),) if over else ()


def _window(event: Event, each: Occurrence, seen: Situation) -> Window | None:
    """The dates its timing and landmarks give, with the due day inside; None when no day is left.

    What was begun stands where its timing alone puts it when a landmark, known afterwards, leaves no day.
    """
    timing = event.timing
    plain = Window(each.due + timedelta(days=timing.opens), each.due, each.due + timedelta(days=timing.closes))
    if not timing.has_landmarks:
        return plain
    otherwise = plain if (each.code, each.number) in seen.begun else None
    end = _landmark(timing.before, each.anchor, seen)
    if end is not None and each.due >= end:
        return otherwise
    due = _landmark(timing.due_on, each.anchor, seen, expected=True) or each.due
    opens = _landmark(timing.opens_on, each.anchor, seen) or due + timedelta(days=timing.opens)
    closes = due + timedelta(days=timing.closes)
    closes = min(closes, _landmark(timing.not_after, each.anchor, seen) or closes)
    return Window(opens, max(opens, min(due, closes)), closes) if opens <= closes else otherwise


def _landmark(anchors: tuple[Anchor, ...], day: date, seen: Situation, *, expected: bool = False) -> date | None:
    """The first of these days from the anchor on, if one is known."""
    if not anchors:
        return None
    known = [found for anchor in anchors for found in _known(anchor, day, seen, expected=expected)]
    return min(known, default=None)


def _known(anchor: Anchor, day: date, seen: Situation, *, expected: bool) -> Iterator[date]:
    if anchor.kind is AnchorKind.MILESTONE:
        yield from (each for each in seen.history.milestones.get(anchor.name, ()) if each >= day)
    elif anchor.name in seen.courses and (first := seen.courses[anchor.name].first_from(day, expected=expected)):
        yield first
