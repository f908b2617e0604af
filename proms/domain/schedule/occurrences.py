"""What the protocol would ask if nothing got in its way: every event on every day it hangs on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from proms.domain.protocol import Anchor, AnchorKind, Event, Protocol, Repeat, Timing
from proms.domain.schedule.history import History
from proms.domain.schedule.scheduled_cycles import (
    ComponentSchedule,
    CycleState,
    ScheduledCycle,
    schedule_component,
)
from proms.domain.schedule.window import Window

CATCH_UPS = (AnchorKind.DELAY, AnchorKind.GAP)  # what comes again until a cycle does


@dataclass(frozen=True, slots=True)
class Situation:
    """A history as the plan reads it on one day.

    `begun` is when a pack was first started, `caught_up` the steps of each catch-up, by cycle, that
    were.
    """

    protocol: Protocol
    history: History
    today: date
    schedules: Mapping[str, ComponentSchedule]
    begun: Mapping[tuple[str, int], date]
    caught_up: Mapping[tuple[str, int], Sequence[int]]


class Occurrence(NamedTuple):
    """One due day of an event, with the day it is counted from."""

    code: str
    number: int
    anchor: date
    due: date
    cycle: ScheduledCycle | None = None


class PlannedPack(NamedTuple):
    """A pack the protocol wants: an event and number with its window, the cycle it hangs on, and
    when it was begun."""

    event: Event
    code: str
    number: int
    window: Window
    cycle: ScheduledCycle | None = None
    begun: date | None = None
    waiting: bool = False

    @property
    def of_cycle(self) -> bool:
        """Whether it is counted from day 1 of a cycle; a catch-up is counted from the day that
        cycle was planned."""
        return self.event.anchors[0].kind is AnchorKind.CYCLE


def situation_on(protocol: Protocol, history: History, today: date) -> Situation:
    """The history with its cycles dated and projected."""
    begun: dict[tuple[str, int], date] = {}
    for key, day in history.checked.items():
        pack = (key.event, key.number)
        begun[pack] = min(day, begun.get(pack, day))
    schedules = {
        component: schedule_component(protocol, history, component, today)
        for component in protocol.components
        if component in history.components
    }
    return Situation(protocol, history, today, schedules, begun, _caught_up(protocol, begun))


def _caught_up(
    protocol: Protocol, begun: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], list[int]]:
    """The steps of each catch-up, by its event and cycle, that the patient has begun."""
    catch_ups = [event for event in protocol.events if event.anchors[0].kind in CATCH_UPS]
    steps: dict[tuple[str, int], list[int]] = {}
    for code, number in begun:
        for event in catch_ups:
            if step := event.step_of(code):
                steps.setdefault((event.code, number), []).append(step)
    return steps


def planned_packs(situation: Situation) -> list[PlannedPack]:
    """Every pack of the patient's arm with the window its timing gives it."""
    packs = []
    for event in situation.protocol.events_in(situation.history.arm):
        for occurrence in occurrences(event, situation):
            if not _with_its_regimen(event, occurrence, situation):
                continue
            if window := _window(event, occurrence, situation):
                packs.append(_pack(event, occurrence, window, situation))
    return packs


def _with_its_regimen(event: Event, occurrence: Occurrence, situation: Situation) -> bool:
    """Whether an event for some regimens goes with the cycle it hangs on, or where it hangs on none
    with what the patient has now; what was begun stays."""
    if event.regimens is None or (occurrence.code, occurrence.number) in situation.begun:
        return True
    if occurrence.cycle is not None:
        return occurrence.cycle.regimen in event.regimens
    return not event.regimens.isdisjoint(situation.history.components.values())


def _pack(
    event: Event, occurrence: Occurrence, window: Window, situation: Situation
) -> PlannedPack:
    """What hangs on a late cycle waits, unless it was begun; the catch-ups of such a cycle do not
    wait."""
    code, number, _anchor, _due, cycle = occurrence
    begun = situation.begun.get((code, number))
    pack = PlannedPack(event, code, number, window, cycle, begun)
    waiting = pack.of_cycle and cycle is not None and cycle.waits and begun is None
    return pack._replace(waiting=True) if waiting else pack


def occurrences(event: Event, situation: Situation) -> Iterator[Occurrence]:
    """The days an event falls due, numbered by cycle, or from 1 in order of date."""
    anchor = event.anchors[0]
    if anchor.kind not in (AnchorKind.CYCLE, *CATCH_UPS):
        yield from _dated(event, situation)
        return
    schedule = situation.schedules.get(anchor.name)
    if schedule is None:
        return
    for place, cycle in enumerate(schedule.cycles, start=1):
        if anchor.kind is AnchorKind.DELAY:
            yield from _in_delay(event, cycle, situation)
        elif anchor.kind is AnchorKind.GAP:
            earlier = [other for other in schedule.cycles[: place - 1] if other.asked]
            yield from _in_gap(event, cycle, earlier[-1] if earlier else None, situation)
        else:
            # A skipped cycle has no day 1: the one that ends this one's days comes after it.
            following = next((later for later in schedule.cycles[place:] if later.asked), None)
            yield from _in_cycle(event, cycle, following, situation)


def _in_cycle(
    event: Event, cycle: ScheduledCycle, following: ScheduledCycle | None, situation: Situation
) -> Iterator[Occurrence]:
    """A day of a cycle, unless the next cycle has begun by then; of a skipped one only what was
    begun."""
    due = cycle.starts + timedelta(days=event.timing.day)
    over = following is not None and not following.waits and following.starts <= due
    begun = (event.code, cycle.number) in situation.begun
    if begun or (cycle.asked and not over):
        yield Occurrence(event.code, cycle.number, cycle.starts, due, cycle)


def _in_delay(event: Event, cycle: ScheduledCycle, situation: Situation) -> Iterator[Occurrence]:
    """Catch-ups from the day it is late on, one ahead of today; once the delay is over only those
    that were begun.

    A late cycle that got another day is caught up with until that day.
    """
    every = timedelta(days=event.repeat.every if event.repeat else 0)
    steps = set(situation.caught_up.get((event.code, cycle.number), ()))
    if cycle.put_off or cycle.state is CycleState.DELAYED:
        last = situation.today + every
        if cycle.put_off:
            last = min(last, cycle.planned - timedelta(days=1))
        steps.update(range(1, (last - cycle.since) // every + 2))
    for step in sorted(steps):
        due = cycle.since + (step - 1) * every
        yield Occurrence(event.coded(step), cycle.number, cycle.since, due, cycle)


def _in_gap(
    event: Event, cycle: ScheduledCycle, earlier: ScheduledCycle | None, situation: Situation
) -> Iterator[Occurrence]:
    """Every so many days from the end of the cycle before, until this one begins or is late; where
    either day is not known, or there is no gap any more, only those that were begun.

    Skipped cycles lie within the gap. A gap does not depend on the day one looks: it is known once
    its two cycles have their days.
    """
    every = timedelta(days=event.repeat.every if event.repeat else 0)
    steps = set(situation.caught_up.get((event.code, cycle.number), ()))
    starts = earlier.ends if earlier else cycle.since
    dated = cycle.asked and cycle.state is not CycleState.WAITING
    if dated and earlier and not earlier.waits:
        last = min(cycle.since, cycle.starts) - timedelta(days=1)
        steps.update(range(1, (last - starts) // every + 2))
    for step in sorted(steps):
        due = starts + (step - 1) * every
        yield Occurrence(event.coded(step), cycle.number, starts, due, cycle)


def _dated(event: Event, situation: Situation) -> Iterator[Occurrence]:
    """After each date of a milestone or last dose, in order; the same date counts once."""
    days = sorted({day for anchor in event.anchors for day in _dates(anchor, situation)})
    for number, day in enumerate(days, start=1):
        if event.repeat is None:
            yield Occurrence(event.code, number, day, day + timedelta(days=event.timing.day))
        else:
            yield from _repeated(event, event.repeat, day, situation)


def _repeated(
    event: Event, repeat: Repeat, anchor: date, situation: Situation
) -> Iterator[Occurrence]:
    """Every so many days, then with a group of events; numbered on."""
    times = (repeat.until or 0) // repeat.every
    last = anchor + timedelta(days=repeat.until or 0)
    for step in range(1, times + 1):
        yield Occurrence(event.code, step, anchor, anchor + timedelta(days=step * repeat.every))
    if repeat.then_with is None:
        return
    end = _landmark(repeat.then_before, anchor, situation) or date.max
    later = sorted(day for day in due_days(repeat.then_with, situation) if last < day < end)
    for step, day in enumerate(later, start=times + 1):
        yield Occurrence(event.code, step, anchor, day)


def due_days(group: str, situation: Situation) -> Iterator[date]:
    """The due days of a group of events that are counted from a milestone."""
    for event in situation.protocol.events_in(situation.history.arm):
        if event.group == group:
            yield from (occurrence.due for occurrence in occurrences(event, situation))


def _dates(anchor: Anchor, situation: Situation) -> tuple[date, ...]:
    """The dates of a milestone or a last dose; the end of treatment is the last of all last
    doses."""
    stopped = situation.history.stopped
    match anchor.kind:
        case AnchorKind.MILESTONE:
            return situation.history.milestones.get(anchor.name, ())
        case AnchorKind.LAST_DOSE:
            return (stopped[anchor.name],) if anchor.name in stopped else ()
        case _:
            over = situation.schedules and all(
                component in stopped for component in situation.schedules
            )
            return (max(stopped.values()),) if over else ()


def _window(event: Event, occurrence: Occurrence, situation: Situation) -> Window | None:
    """The dates its timing and landmarks give, with the due day inside; None when no day is left.

    What was begun stands where its timing alone puts it when a landmark, known afterwards, leaves
    no day.
    """
    timing = event.timing
    opens, closes = timedelta(days=timing.opens), timedelta(days=timing.closes)
    plain = Window(occurrence.due + opens, occurrence.due, occurrence.due + closes)
    if not timing.has_landmarks:
        return plain
    moved = _window_at_landmarks(timing, occurrence, situation)
    begun = (occurrence.code, occurrence.number) in situation.begun
    return plain if moved is None and begun else moved


def _window_at_landmarks(
    timing: Timing, occurrence: Occurrence, situation: Situation
) -> Window | None:
    """The window as landmarks move and end it; None when they leave no day."""
    anchor = occurrence.anchor
    end = _landmark(timing.before, anchor, situation)
    if end is not None and occurrence.due >= end:
        return None
    due = _landmark(timing.due_on, anchor, situation, expected=True) or occurrence.due
    opens = _landmark(timing.opens_on, anchor, situation) or due + timedelta(days=timing.opens)
    closes = due + timedelta(days=timing.closes)
    latest = _landmark(timing.not_after, anchor, situation)
    if latest is not None:
        closes = min(closes, latest)
    if closes < opens:
        return None
    return Window(opens, max(opens, min(due, closes)), closes)


def _landmark(
    anchors: tuple[Anchor, ...], start: date, situation: Situation, *, expected: bool = False
) -> date | None:
    """The first of these days from `start` on, if one is known."""
    if not anchors:
        return None
    days = (
        day
        for anchor in anchors
        for day in _known_days(anchor, start, situation, expected=expected)
    )
    return min(days, default=None)


def _known_days(
    anchor: Anchor, start: date, situation: Situation, *, expected: bool
) -> Iterator[date]:
    if anchor.kind is AnchorKind.MILESTONE:
        dates = situation.history.milestones.get(anchor.name, ())
        yield from (day for day in dates if day >= start)
    elif anchor.name in situation.schedules:
        first = situation.schedules[anchor.name].first_from(start, expected=expected)
        if first:
            yield first
