"""Who calls whom: what a patient says when she is told to call, and when the hospital can call
her."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from proms.domain.roster import Hours

# Of a site that has recorded no hours of its own.
OFFICE_HOURS = Hours(time(8), time(17))
A_DAY = timedelta(days=1)


class CallReply(StrEnum):
    WILL = "will"
    CANNOT = "cannot"


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
