"""The calendar as it is and as it would be: both schedules of a component, and every pack where it
was and will be."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask_babel import gettext as _

from proms.domain.protocol import Protocol
from proms.domain.schedule import ChangeKind, ChangeSummary, History, PackChange
from proms.web.locale import short_day
from proms.web.staff.calendar.cycle_bars import Lane, cycle_lanes
from proms.web.staff.calendar.month import ROWS, CalendarSources, Mark, Month, month_of
from proms.web.staff.calendar.packs import CalendarPack
from proms.web.staff.calendar.week_axis import Week, monday, week_columns

WEEKS, BEFORE = 12, timedelta(weeks=2)
LEAVES, COMES = "was", "nw"


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
    start = monday(min(day for line in description.lines for day in _days(line)))
    end = start + timedelta(weeks=ROWS)
    weeks = week_columns(both.after, both.today, start - BEFORE, WEEKS)
    change = {(line.event, line.number) for line in description.lines}
    unchanged = [pack for pack in both.packs if (pack.event, pack.number) not in change]
    marks: dict[date, list[Mark]] = defaultdict(list)
    for line in description.lines:
        for day, mark in _marks(line, events[line.event]):
            marks[day].append(mark)
    sheet = CalendarSources(both.protocol, both.after, unchanged, both.today, marks)
    return CalendarComparison(
        weeks=weeks,
        lanes=tuple(_lanes(both, weeks)),
        month=month_of(sheet, start),
        beyond=sum(
            not any(start <= day < end for day in _days(line)) for line in description.lines
        ),
    )


def _days(line: PackChange) -> list[date]:
    """The due days a line is about; one that was cancelled before has none."""
    was = line.was if line.kind is not ChangeKind.REOPEN else None
    return [window.due for window in (was, line.becomes) if window]


def _lanes(both: BeforeAndAfter, weeks: Sequence[Week]) -> Iterator[Lane]:
    was = {
        lane.component: lane for lane in cycle_lanes(both.protocol, both.before, both.today, weeks)
    }
    for lane in cycle_lanes(both.protocol, both.after, both.today, weeks):
        before = was.get(lane.component)
        if before == lane:
            yield lane
            continue
        if before:
            yield replace(before, title=_("%(what)s, as it is now", what=before.title))
        yield replace(lane, title=_("%(what)s, after saving", what=lane.title))


def _marks(line: PackChange, title: str) -> Iterator[tuple[date, Mark]]:
    """Where a pack was and where it will be; the sign before it says it without colour."""
    was, becomes = line.was, line.becomes
    if becomes:
        words = _(
            "open from %(opens)s to %(closes)s",
            opens=short_day(becomes.opens),
            closes=short_day(becomes.closes),
        )
        moved = line.kind is ChangeKind.MOVE and was and was.due != becomes.due
        if line.kind is ChangeKind.WAIT:
            words = _("waits for the cycle")
        elif moved and was:
            words = _("from %(day)s, %(open)s", day=short_day(was.due), open=words)
        yield becomes.due, Mark(COMES, title, words, "+")
    if was and line.kind is not ChangeKind.REOPEN and not (becomes and becomes.due == was.due):
        words = _("moves to %(day)s", day=short_day(becomes.due)) if becomes else _("taken back")
        yield was.due, Mark(LEAVES, title, words, "−")
