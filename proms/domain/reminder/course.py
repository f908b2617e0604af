"""The messages a patient gets in the course of her history, day by day: the same decisions that the
worker takes, for a worker that is always up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from proms.domain.protocol import MessagePlan, Protocol
from proms.domain.reminder.decision import Decision, MessageContext, Verdict, decide
from proms.domain.reminder.turns import Fate, Pause, Standing, Turn, next_turn
from proms.domain.schedule import (
    UNKNOWN_DAY,
    AssignmentState,
    Changes,
    Cycle,
    CycleStatus,
    History,
    Key,
    StoredAssignment,
    replan_on,
    revise,
    schedule_component,
)

DAY = timedelta(days=1)


class Pack(NamedTuple):
    """All that is asked at one event of one number: what one message is about."""

    event: str
    number: int


class DecidedMessage(NamedTuple):
    """A message sent or held at a moment (UTC), and the packs it is about, in the order of the
    protocol."""

    at: datetime
    decision: Decision
    packs: tuple[Pack, ...]


@dataclass(frozen=True)
class Life:
    """What happens to a patient: her history, the days on which she sent what she was asked, and
    her pauses. What was answered on no known day is never asked."""

    protocol: Protocol
    history: History
    zone: ZoneInfo
    sent_on: Mapping[Key, date]
    pauses: Sequence[Pause] = ()

    @property
    def plan(self) -> MessagePlan:
        return self.protocol.messages

    @property
    def days(self) -> set[date]:
        """The days on which something happens that a plan may follow from."""
        history = self.history
        days = {day for dates in history.milestones.values() for day in dates}
        days |= {day for cycle in history.cycles for day in (cycle.planned, cycle.day_1) if day}
        days |= {day + DAY for day in self.begun.values()}
        return days | set(history.stopped.values())

    @property
    def begun(self) -> Mapping[Key, date]:
        """The day on which she began each questionnaire whose day is known."""
        return {key: day for key, day in self.history.checked.items() if day != UNKNOWN_DAY}

    def pause_on(self, day: date) -> Pause | None:
        """The pause that this day is in."""
        return next((pause for pause in self.pauses if pause.holds(day)), None)


def messages_of(life: Life, until: date) -> Iterator[DecidedMessage]:
    """Every message decided from the first day of a history to a day, in order; on the day on which
    she sends her answers she does so after the hour of messages."""
    stored: dict[Key, StoredAssignment] = {}
    turns: dict[Pack, list[Turn]] = {}
    eventful = life.days
    day = min(eventful, default=until + DAY)
    renew: date | None = day
    while day <= until:
        if day in eventful or (renew and renew <= day):
            known = known_on(life, day)
            _apply(stored, revise(life.protocol, known, stored, day), life)
            renew = replan_on(life.protocol, known, day)
        message = _decided(life, stored, turns, day)
        if message:
            yield message
        _fill_in(stored, life, day)
        day += DAY


def known_on(life: Life, day: date) -> History:
    """The history as it stood on a day: a cycle not yet given had the day it was planned on, and
    what is filled in later was not begun."""
    history = life.history
    cycles = []
    for component in history.components:
        scheduled = schedule_component(life.protocol, history, component, day).cycles
        planned = {cycle.number: cycle.planned for cycle in scheduled}
        for cycle in history.cycles_of(component):
            cycles.append(_cycle_on(cycle, planned.get(cycle.number), day))
    undated = {key for key, began in history.checked.items() if began == UNKNOWN_DAY}
    checked = {
        key: began for key, began in history.checked.items() if key in undated or began < day
    }
    return replace(history, cycles=tuple(cycles), checked=checked)


def _cycle_on(cycle: Cycle, planned: date | None, day: date) -> Cycle:
    happened = cycle.day_1 or (cycle.planned if cycle.status is CycleStatus.SKIPPED else None)
    if happened is None or happened <= day:
        return cycle
    return replace(
        cycle,
        planned=planned,
        day_1=None,
        status=CycleStatus.PLANNED,
        drugs=(),
        dose_percent=None,
        reason=None,
    )


def _apply(stored: dict[Key, StoredAssignment], changes: Changes, life: Life) -> None:
    """What the worker writes down, without a database."""
    placed = [change.to for change in (*changes.move, *changes.reopen, *changes.wait)]
    for assignment in (*changes.open, *placed):
        state = AssignmentState.WAITING if assignment.waiting else AssignmentState.PLANNED
        if life.history.checked.get(assignment.key) == UNKNOWN_DAY:
            state = AssignmentState.ANSWERED
        stored[assignment.key] = StoredAssignment(assignment.key, assignment.window, state)
    for cancelled in changes.cancel:
        key = cancelled.key
        stored[key] = stored[key]._replace(state=AssignmentState.CANCELLED)


def _decided(
    life: Life,
    stored: Mapping[Key, StoredAssignment],
    turns: dict[Pack, list[Turn]],
    day: date,
) -> DecidedMessage | None:
    """The message of this morning about all packs whose turn has come, if there is one."""
    midnight = datetime.combine(day, time(), life.zone).astimezone(UTC)
    standing = Standing(life.plan, life.zone, midnight, life.pause_on(day))
    now = standing.morning_of(day)
    due = []
    for pack, assignments in _outstanding(life.protocol, stored):
        opens = min(each.window.opens for each in assignments)
        closes = max(each.window.closes for each in assignments)
        turn = next_turn(opens, closes, turns.get(pack, ()), standing)
        if turn and turn.at <= now:
            due.append((pack, turn.step, opens, closes))
    if not due:
        return None
    last_day = max(closes for *_, closes in due)
    context = MessageContext(
        active=True,  # of who has left nothing is outstanding
        paused=standing.paused,
        unreachable=None,
        closes_at=datetime.combine(last_day + DAY, time(), life.zone).astimezone(UTC),
        reminded=False,
        sent_that_day=0,
    )
    decision = decide(life.plan, context, now, life.zone)
    fate = Fate.LEFT if decision.verdict is Verdict.SEND else Fate.HELD
    for pack, step, opens, _ in due:
        turns.setdefault(pack, []).append(Turn(step, opens, now, fate, decision.reason))
    return DecidedMessage(now, decision, tuple(pack for pack, *_ in due))


def _outstanding(
    protocol: Protocol, stored: Mapping[Key, StoredAssignment]
) -> list[tuple[Pack, list[StoredAssignment]]]:
    """The packs of which something is asked and not sent, in the order of the protocol."""
    left: dict[Pack, list[StoredAssignment]] = {}
    for assignment in stored.values():
        if assignment.state.outstanding:
            pack = Pack(assignment.key.event, assignment.key.number)
            left.setdefault(pack, []).append(assignment)
    return sorted(left.items(), key=lambda entry: pack_order(protocol, *entry[0]))


def pack_order(protocol: Protocol, event: str, number: int) -> tuple[int, str, int]:
    """The place of a pack in a message: by series, as the protocol has them."""
    return protocol.series_place(event), event, number


def _fill_in(stored: dict[Key, StoredAssignment], life: Life, day: date) -> None:
    """What she begins and sends on this day, and what closes at the end of it."""
    for key, assignment in stored.items():
        if not assignment.state.outstanding:
            continue
        begun, sent = life.begun.get(key), life.sent_on.get(key)
        if sent and sent <= day:
            state = AssignmentState.ANSWERED
        elif begun and begun <= day:
            state = AssignmentState.STARTED
        elif assignment.window.closes <= day:
            state = AssignmentState.MISSED
        else:
            continue
        stored[key] = assignment._replace(state=state, started_on=begun)
