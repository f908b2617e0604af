"""When time alone changes a plan, and the whole step from a history to changes."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from proms.domain.protocol import AnchorKind, Protocol
from proms.domain.schedule.assignment import Key, StoredAssignment
from proms.domain.schedule.changes import CancelReason, Changes
from proms.domain.schedule.history import History
from proms.domain.schedule.occurrences import situation_on
from proms.domain.schedule.plan import end_of, plan
from proms.domain.schedule.reconcile import reconcile
from proms.domain.schedule.scheduled_cycles import ComponentSchedule, CycleState

DAY = timedelta(days=1)


def revise(
    protocol: Protocol, history: History, stored: Mapping[Key, StoredAssignment], today: date
) -> Changes:
    """Plan and compare in one step; after death or withdrawal the reason of each cancelled
    assignment says so."""
    because = cancel_reason(protocol, history, today)
    # What the patient began by herself is in no plan, and no plan takes it back.
    asked = {
        key: assignment
        for key, assignment in stored.items()
        if key.event not in protocol.unscheduled
    }
    return reconcile(plan(protocol, history, today), asked, today, because=because)


def cancel_reason(protocol: Protocol, history: History, today: date) -> CancelReason:
    """Why an assignment that is no longer wanted is cancelled: the milestone that ended the asking,
    if one has."""
    end = end_of(protocol, history, today)
    if end is None:
        return CancelReason.NOT_ASKED
    for kind, ending in protocol.ends.items():
        if end in history.milestones.get(kind, ()):
            return CancelReason(ending.value)
    return CancelReason.NOT_ASKED


def replan_on(protocol: Protocol, history: History, today: date) -> date | None:
    """The first day after today on which the plan may differ though nothing new is recorded; None
    if there is none.

    That is the day after a planned day 1, the day a next catch-up comes into sight, the day of a
    last dose, withdrawal or death that was recorded ahead.
    """
    if end_of(protocol, history, today):
        return None
    every = _catch_up_days(protocol)
    schedules = situation_on(protocol, history, today).schedules.values()
    days = [day for schedule in schedules for day in _turning_days(schedule, every, today)]
    days += [day for kind in protocol.ends for day in history.milestones.get(kind, ())]
    days += history.stopped.values()
    return min((day for day in days if day > today), default=None)


def _turning_days(schedule: ComponentSchedule, every: int, today: date) -> Iterator[date]:
    """The days on which a cycle turns late, or is late for so long that one more catch-up is in
    sight."""
    for cycle in schedule.cycles:
        if cycle.state is CycleState.PLANNED:
            yield cycle.planned + DAY
        if cycle.state is CycleState.DELAYED or cycle.put_off:
            gone_by = (today - cycle.since).days % every
            yield today + timedelta(days=every - gone_by)


def _catch_up_days(protocol: Protocol) -> int:
    delays = (event for event in protocol.events if event.anchors[0].kind is AnchorKind.DELAY)
    return next((event.repeat.every for event in delays if event.repeat), 7)
