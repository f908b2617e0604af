"""The axis of weeks that cycles, windows and symptoms share: a column a week, from its Monday."""

from dataclasses import dataclass
from datetime import date, timedelta

from proms.domain.protocol import CONSENT, RANDOMISATION
from proms.domain.schedule import History

SHOWN, AHEAD = 16, 4
FURTHEST = 20 * 365


@dataclass(frozen=True)
class Week:
    """A column; weeks count from the week of randomisation, which is 0, or of consent until that is
    known."""

    number: int
    starts: date
    now: bool


def week_columns(
    history: History, today: date, first: date | None, count: int = SHOWN
) -> tuple[Week, ...]:
    """Some weeks from the one asked for; else so that the last four are still to come."""
    this_week = monday(today)
    anchor = monday(history.first(RANDOMISATION) or history.first(CONSENT) or today)
    if first:
        start = monday(first)
    else:
        usual = max(anchor, this_week - timedelta(weeks=count - AHEAD - 1))
        start = min(usual, this_week)
    columns = []
    for step in range(count):
        starts = start + timedelta(weeks=step)
        columns.append(Week((starts - anchor).days // 7, starts, now=starts == this_week))
    return tuple(columns)


def first_week(text: str | None, today: date) -> date | None:
    """The week a reader asked for, if it is a date within reach of a trial."""
    try:
        wanted = date.fromisoformat(text or "")
    except ValueError:
        return None
    if abs((wanted - today).days) >= FURTHEST:
        return None
    return wanted


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
