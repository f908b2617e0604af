"""How staff pages write short dates and figures."""

from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

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


def amount(number: Decimal | None) -> str:
    """A measured number with the decimals it has, at most two: "12,5"; nothing for none."""
    if number is None:
        return ""
    return format_decimal(number, "0.##", locale=get_locale())


def times(number: Decimal | None) -> str:
    """How many times something: "1,3"; never rounded up to a limit it has not reached."""
    if number is None:
        return ""
    return format_decimal(number.quantize(Decimal("0.01"), ROUND_DOWN), "0.0#", locale=get_locale())
