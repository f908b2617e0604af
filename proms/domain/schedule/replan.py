"""When time alone changes a plan, and the whole step from a history to changes."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from proms.domain.protocol import AnchorKind, Protocol
from proms.domain.schedule.asking import situation
from proms.domain.schedule.assignment import Held, Key
from proms.domain.schedule.changes import CancelReason, Changes
from proms.domain.schedule.course import Course, Pace
from proms.domain.schedule.history import History
from proms.domain.schedule.plan import end_of, plan
from proms.domain.schedule.reconcile import reconcile

DAY = timedelta(days=1)


def revise(protocol: Protocol, history: History, held: Mapping[Key, Held], today: date) -> Changes:
    """Plan and compare in one step; after death or withdrawal the reason of each cancelled assignment says so."""
    because = cancel_reason(protocol, history, today)
    # What the patient began by herself is in no plan, and no plan takes it back.
    planned_for = {key: each for key, each in held.items() if key.event not in protocol.unscheduled}
    return reconcile(plan(protocol, history, today), planned_for, today, because=because)


def cancel_reason(protocol: Protocol, history: History, today: date) -> CancelReason:
    """Why an assignment that is no longer wanted is cancelled: the milestone that ended the asking, if one has."""
    end = end_of(protocol, history, today)
    reasons = (why for kind, why in protocol.ends.items() if end and end in history.milestones.get(kind, ()))
    return next((CancelReason(why.value) for why in reasons), CancelReason.NOT_ASKED)


def replan_on(protocol: Protocol, history: History, today: date) -> date | None:
    """The first day after today on which the plan may differ though nothing new is recorded; None if there is none.

    That is the day after a planned day 1, the day a next catch-up comes into sight, the day of a last dose,
    withdrawal or death that was recorded ahead.
    """
    if end_of(protocol, history, today):
        return None
    seen = situation(protocol, history, today)
    days = [day for course in seen.courses.values() for day in _turning_days(course, _catch_up_days(protocol), today)]
    days += [day for kind in protocol.ends for day in history.milestones.get(kind, ())]
    days += history.stopped.values()
    return min((day for day in days if day > today), default=None)


def _turning_days(course: Course, every: int, today: date) -> Iterator[date]:
    for turn in course.turns:
        if turn.pace is Pace.PLANNED:
            yield turn.planned + DAY
        if turn.pace is Pace.DELAYED or turn.put_off:
            yield today + timedelta(days=every - (today - turn.since).days % every)


def _catch_up_days(protocol: Protocol) -> int:
    delays = (event for event in protocol.events if event.anchors[0].kind is AnchorKind.DELAY)
    return next((event.repeat.every for event in delays if event.repeat), 7)
