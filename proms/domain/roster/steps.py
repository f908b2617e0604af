"""Whom a red alert is told to while nobody takes it: the one function behind the worker and `proms
alerts steps`."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import NamedTuple

from proms.domain.roster.hours import after_staffed, is_staffed, staffed_until
from proms.domain.roster.roster import NobodyOnDuty, Roster


class Step(NamedTuple):
    """One notice of an alert, numbered from 1: when (site time) and to whom."""

    number: int
    at: datetime
    who: tuple[str, ...]


def notice_steps(roster: Roster, raised_at: datetime) -> Iterator[Step]:
    """Every notice that an alert raised at an instant gets while nobody takes it, without end.

    Raises NobodyOnDuty where a step needs a day for which the roster names nobody.
    """
    notices = _to_on_call(roster, raised_at) if roster.on_call else _in_turn(roster, raised_at)
    for number, (at, who) in enumerate(notices, start=1):
        yield Step(number, at.astimezone(roster.zone), who)


def due_step(
    roster: Roster, raised_at: datetime, now: datetime
) -> tuple[Step | None, datetime | None]:
    """Of an alert raised at an instant: the last step that has come by now, and when the next one
    will; None where none has, and where the roster names nobody for it."""
    due = None
    try:
        for step in notice_steps(roster, raised_at):
            if step.at > now:
                return due, step.at.astimezone(UTC)
            due = step
    except NobodyOnDuty:
        pass
    return due, None


Notices = Iterator[tuple[datetime, tuple[str, ...]]]


def _to_on_call(roster: Roster, raised_at: datetime) -> Notices:
    """Who is on duty and the next person while hours last, then the on-call list until somebody
    takes the alert."""
    at = raised_at.astimezone(UTC)
    if is_staffed(roster, at):
        second = at + timedelta(minutes=roster.limits.next_after)
        on_call = at + timedelta(minutes=roster.limits.on_call_after)
        handover = staffed_until(roster, at, latest=on_call)
        yield at, _nth_on_duty(roster, at, 0)
        if second < handover:
            yield second, _nth_on_duty(roster, second, 1)
        at = handover
    # By the clock, whatever the hour: who is on call is so day and night.
    while True:
        yield at, roster.on_call
        at += timedelta(minutes=roster.limits.again_after)


def _in_turn(roster: Roster, raised_at: datetime) -> Notices:
    """Each person on duty after the other, in staffed hours only."""
    at = after_staffed(roster, raised_at, 0)
    for turn in count():
        yield at, _nth_on_duty(roster, at, turn)
        at = after_staffed(roster, at, roster.limits.next_after)


def _nth_on_duty(roster: Roster, at: datetime, turn: int) -> tuple[str]:
    who = roster.on_duty(at.astimezone(roster.zone).date())
    return (who[turn % len(who)],)
