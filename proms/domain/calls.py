"""Who calls whom: what a patient says when she is told to call, and when the hospital can call
her."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from proms.domain.roster import Hours

# Of a site that has recorded no hours of its own.
OFFICE_HOURS = Hours(time(8), time(17))
A_DAY = timedelta(days=1)


class CallReply(StrEnum):
    WILL = "will"
    CANNOT = "cannot"


class PackCallOutcome(StrEnum):
    """What came of a call about questions that were not answered."""

    NO_ANSWER = "no_answer"
    WILL = "will"  # she will answer
    FILLED_IN = "filled_in"  # with her, on the telephone
    LEAVE = "leave"  # she is not called about these any more


class CallMade(NamedTuple):
    """One call about a pack: what came of it, and when it is tried again where nobody answered."""

    outcome: PackCallOutcome
    at: datetime
    again_at: datetime | None = None


def call_due_from(
    reminded_at: datetime, after: timedelta, last: CallMade | None, zone: tzinfo
) -> datetime | None:
    """From when a site calls about a pack that nobody answered; None where it calls no more.

    So long after its last message; after a call that nobody answered at the time that was chosen;
    after one that was, from the next day at the site on, as long as it is not answered.
    """
    if last is None:
        return reminded_at + after
    if last.outcome is PackCallOutcome.LEAVE:
        return None
    if last.outcome is PackCallOutcome.NO_ANSWER and last.again_at:
        return last.again_at
    tomorrow = last.at.astimezone(zone).date() + A_DAY
    return datetime.combine(tomorrow, time(0), zone)


def first_call_day(at: datetime, hours_on: Callable[[date], Hours | None]) -> date | None:
    """The first day a nurse may call, when "within one working day" could be read as sooner; `at`
    is site time, and `hours_on` gives the hours of a day on which the site works.

    That is so on a day without hours, and after hours on the eve of one; otherwise None.
    """
    today = at.date()
    hours = hours_on(today)
    tomorrow = today + A_DAY
    if hours and (hours.closes is None or at.time() < hours.closes or hours_on(tomorrow)):
        return None
    day = tomorrow
    while not hours_on(day):
        day += A_DAY
    return day


def end_of_next_working_day(at: datetime, hours_on: Callable[[date], Hours | None]) -> datetime:
    """Until when "within one working day" lasts; both are site time."""
    day = at.date() + A_DAY
    while not (hours := hours_on(day)):
        day += A_DAY
    if hours.closes is None:
        return datetime.combine(day + A_DAY, time(0), at.tzinfo)
    return datetime.combine(day, hours.closes, at.tzinfo)
