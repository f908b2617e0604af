"""The calendar as it is and as it would be: both schedules of a component, and every pack where it
was and will be."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask_babel import gettext as _

from proms.domain.protocol import Protocol
from proms.domain.schedule import ChangeKind, ChangeSummary, History, PackChange, Window
from proms.web.locale import short_day
from proms.web.staff.calendar.cycle_bars import Lane, cycle_lanes
from proms.web.staff.calendar.month import ROWS, CalendarSources, Mark, Month, month_of
from proms.web.staff.calendar.packs import CalendarPack
from proms.web.staff.calendar.week_axis import Week, monday, week_columns

WEEKS, BEFORE = 12, timedelta(weeks=2)
LEAVES, COMES = "was", "nw"  # the looks of the two marks


@dataclass(frozen=True)
class CalendarComparison:
    """A component that changes has two lanes; the month shows what leaves a day and what comes to
    it."""

    weeks: tuple[Week, ...]
    lanes: tuple[Lane, ...]
    month: Month
    beyond: int  # packs that change on no day of this month


@dataclass(frozen=True)
class BeforeAndAfter:
    """The history as it is and as it would be, and what is stored."""

    protocol: Protocol
    before: History
    after: History
    packs: Sequence[CalendarPack]
    today: date


def compare_calendars(
    both: BeforeAndAfter, description: ChangeSummary, events: Mapping[str, str]
) -> CalendarComparison | None:
    """The weeks in which things change; None when no pack does."""
    if not description:
        return None
    start = monday(min(day for line in description.lines for day in _due_days(line)))
    end = start + timedelta(weeks=ROWS)
    weeks = week_columns(both.after, both.today, start - BEFORE, WEEKS)
    changing = {(line.event, line.number) for line in description.lines}
    # A pack that changes is drawn by its marks alone, where it was and where it will be.
    unchanged = [pack for pack in both.packs if (pack.event, pack.number) not in changing]
    beyond = [
        line for line in description.lines if not any(start <= day < end for day in _due_days(line))
    ]
    marks = _marks_by_day(description, events)
    sheet = CalendarSources(both.protocol, both.after, unchanged, both.today, marks)
    return CalendarComparison(
        weeks=weeks,
        lanes=tuple(_lanes(both, weeks)),
        month=month_of(sheet, start),
        beyond=len(beyond),
    )


def _window_before(line: PackChange) -> Window | None:
    """Where a pack stands in the calendar as it is; one that was cancelled before stands
    nowhere."""
    if line.kind is ChangeKind.REOPEN:
        return None
    return line.was


def _due_days(line: PackChange) -> list[date]:
    return [window.due for window in (_window_before(line), line.becomes) if window]


def _lanes(both: BeforeAndAfter, weeks: Sequence[Week]) -> Iterator[Lane]:
    lanes_before = {
        lane.component: lane for lane in cycle_lanes(both.protocol, both.before, both.today, weeks)
    }
    for lane in cycle_lanes(both.protocol, both.after, both.today, weeks):
        # A component that is only now begun has no lane before.
        before = lanes_before.get(lane.component)
        if before == lane:
            yield lane
            continue
        if before:
            yield replace(before, title=_("%(what)s, as it is now", what=before.title))
        yield replace(lane, title=_("%(what)s, after saving", what=lane.title))


def _marks_by_day(
    description: ChangeSummary, events: Mapping[str, str]
) -> Mapping[date, Sequence[Mark]]:
    by_day: dict[date, list[Mark]] = defaultdict(list)
    for line in description.lines:
        for day, mark in _marks(line, events[line.event]):
            by_day[day].append(mark)
    return by_day


def _marks(line: PackChange, title: str) -> Iterator[tuple[date, Mark]]:
    """Where a pack will be and where it was; the sign before it says it without colour."""
    before, after = _window_before(line), line.becomes
    if after:
        yield after.due, Mark(COMES, title, _arrival(line, after), "+")
    if before and after is None:
        yield before.due, Mark(LEAVES, title, _("cancelled"), "−")
    elif before and after and before.due != after.due:
        words = _("moves to %(day)s", day=short_day(after.due))
        yield before.due, Mark(LEAVES, title, words, "−")


def _arrival(line: PackChange, after: Window) -> str:
    """What is said of a pack on the day it comes to."""
    if line.kind is ChangeKind.WAIT:
        return _("waits for the cycle")
    words = _(
        "open from %(opens)s to %(closes)s",
        opens=short_day(after.opens),
        closes=short_day(after.closes),
    )
    if line.kind is ChangeKind.MOVE and line.was and line.was.due != after.due:
        return _("from %(day)s, %(open)s", day=short_day(line.was.due), open=words)
    return words
