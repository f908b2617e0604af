"""How staff pages write short dates and figures."""

from datetime import date, timedelta

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal, format_percent
from flask_babel import get_locale


def d_m(day: date) -> str:
    """Day and month: "14 sep"."""
    return format_date(day, "d MMM", locale=get_locale()).rstrip(".")


def weeks_on(day: date, weeks: int) -> str:
    """The day so many weeks later, as it stands in an address."""
    return (day + timedelta(weeks=weeks)).isoformat()


def figure(number: int) -> str:
    """A count: "1.842"."""
    return format_decimal(number, locale=get_locale())


def percent(share: float) -> str:
    """A share of 100 with one decimal: "84,1%"."""
    return format_percent(share / 100, "0.0%", locale=get_locale())


def stretch(minutes: float) -> str:
    """A stretch of time: "18 minutes", "3 hours"."""
    span = timedelta(minutes=max(1, minutes))
    return format_timedelta(span, granularity="minute", threshold=1.5, locale=get_locale())
