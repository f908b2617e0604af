"""Staffed hours as instants: an hour on the wall becomes a moment, also on the nights that the
clock is changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """From an hour of the day to another, which is no longer staffed; None is midnight, when the
    day ends."""

    opens: time
    closes: time | None

    def __str__(self) -> str:
        closes = f"{self.closes:%H:%M}" if self.closes else "24:00"
        return f"{self.opens:%H:%M}-{closes}"


FULL_DAY = Hours(time(0), None)


class Span(NamedTuple):
    """Staffed from one instant until another."""

    opens: datetime
    closes: datetime


class Staffed(Protocol):
    @property
    def zone(self) -> ZoneInfo: ...

    def hours_on(self, day: date) -> Hours | None: ...


def is_staffed(staffed: Staffed, instant: datetime) -> bool:
    return next(_spans(staffed, instant)).opens <= instant


def staffed_until(staffed: Staffed, since: datetime, latest: datetime) -> datetime:
    """The end of the staffed hours that `since` falls in, or `latest` where that comes first."""
    spans = _spans(staffed, since)
    end = next(spans).closes
    # Hours may go on past midnight, at a site that never closes without end.
    while end < latest and (following := next(spans)).opens == end:
        end = following.closes
    return min(end, latest)


def after_staffed(staffed: Staffed, since: datetime, minutes: int) -> datetime:
    """The staffed instant at which so many staffed minutes have gone by; with none, the first
    staffed instant from `since` on."""
    left = timedelta(minutes=minutes)
    for span in _spans(staffed, since):
        begins = max(span.opens, since.astimezone(UTC))
        # The end of the hours is not staffed: what is due then is due when the next ones begin.
        if begins + left < span.closes:
            return begins + left
        left -= span.closes - begins
    raise AssertionError("there is no last day with staffed hours")


def _spans(staffed: Staffed, since: datetime) -> Iterator[Span]:
    """The staffed hours of each day that end after an instant, in order and without end."""
    # Counted in UTC throughout: Python subtracts two times of one zone by what the clock on the
    # wall shows, and loses or finds an hour on two nights of the year.
    since = since.astimezone(UTC)
    day = since.astimezone(staffed.zone).date()
    while True:
        hours = staffed.hours_on(day)
        if hours:
            span = _on(day, hours, staffed.zone)
            # Hours that lie within the hour that summer time takes away are none.
            if max(span.opens, since) < span.closes:
                yield span
        day += A_DAY


def _on(day: date, hours: Hours, zone: ZoneInfo) -> Span:
    last = hours.closes or time(0)
    closing_day = day if hours.closes else day + A_DAY
    return Span(_instant(day, hours.opens, zone), _instant(closing_day, last, zone))


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
