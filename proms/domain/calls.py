"""Who calls whom: what a patient says when she is told to call, and when the hospital can call
her."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import StrEnum

OFFICE_CLOSES = time(17)
A_DAY = timedelta(days=1)


class CallReply(StrEnum):
    WILL = "will"
    CANNOT = "cannot"


def first_call_day(at: datetime, holiday: Callable[[date], bool]) -> date | None:
    """The first day a nurse may call, when "within one working day" could be read as sooner; `at`
    is site time.

    That is so in a weekend, on a holiday, and after hours on the eve of either; otherwise None.
    """

    def works(day: date) -> bool:
        return day.weekday() < 5 and not holiday(day)

    today = at.date()
    if works(today) and (at.time() < OFFICE_CLOSES or works(today + A_DAY)):
        return None
    day = today + A_DAY
    while not works(day):
        day += A_DAY
    return day
