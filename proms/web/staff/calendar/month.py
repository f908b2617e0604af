"""A calendar of weeks by days: infusions as bands, cycles, milestones and questionnaires on their
days."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from babel.dates import format_date, get_day_names
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from proms.domain.protocol import CONSENT, RANDOMISATION, Protocol
from proms.domain.schedule import Cycle, CycleState, History, ScheduledCycle
from proms.web.staff.calendar.cycle_bars import drawn_cycles
from proms.web.staff.calendar.packs import CalendarPack
from proms.web.staff.calendar.week_axis import monday
from proms.web.staff.labels.history import cycle_name
from proms.web.staff.labels.vocabulary import milestone, titled

ROWS = 7  # weeks shown
HALF_YEAR = 26  # weeks on a page to print
BEFORE = 2  # of these weeks before today's, where none was asked for
STEP, HALF_YEAR_STEP = 4, 13  # weeks that earlier and later go
TO_COME = (CycleState.PLANNED, CycleState.WAITING)


@dataclass(frozen=True)
class Mark:
    """Something on a day: its look, a few words, the whole of it, and a sign that says the look
    without colour."""

    look: str
    text: str
    words: str = ""
    sign: str = ""


@dataclass(frozen=True)
class Band:
    """An infusion from its first to its last day."""

    text: str
    planned: bool
    first: date
    last: date

    def over(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Day:
    """One day with what is on it."""

    day: date
    today: bool
    begins: bool  # the calendar, so that its month is named
    bands: tuple[Band, ...]
    marks: tuple[Mark, ...]

    @property
    def named(self) -> str:
        return format_date(self.day, "EEEE d MMMM", locale=get_locale())

    @property
    def month(self) -> str:
        return format_date(self.day, "MMM", locale=get_locale()).strip(".")

    @property
    def empty(self) -> bool:
        return not self.marks and not any(self.opens(band) for band in self.bands)

    def opens(self, band: Band) -> bool:
        """Whether a band's words stand here: on its first day, and again each Monday."""
        return self.day == band.first or self.day.weekday() == 0


@dataclass(frozen=True)
class WeekRow:
    """One week."""

    number: int
    note: str
    days: tuple[Day, ...]


@dataclass(frozen=True)
class Month:
    """Some weeks, named by the months they lie in."""

    title: str
    weekdays: tuple[str, ...]
    rows: tuple[WeekRow, ...]
    earlier: date
    later: date


@dataclass(frozen=True)
class CalendarSources:
    """What a calendar is drawn from; `more` stands on its days besides."""

    protocol: Protocol
    history: History
    packs: Sequence[CalendarPack]
    today: date
    more: Mapping[date, Sequence[Mark]] = field(default_factory=dict)

    def cycles(self) -> Iterator[tuple[str, Cycle | None, ScheduledCycle]]:
        """Every cycle, recorded or expected, component by component."""
        for component in self.protocol.components:
            if component not in self.history.components:
                continue
            for cycle, scheduled in drawn_cycles(
                self.protocol, self.history, component, self.today
            ):
                yield component, cycle, scheduled

    def infusion_days(self, scheduled: ScheduledCycle) -> int:
        return self.protocol.regimens[scheduled.regimen].infusion_days


def half_year_of(sheet: CalendarSources, first: date | None) -> Month:
    """Half a year of weeks, to print."""
    return month_of(sheet, first, rows=HALF_YEAR, step=HALF_YEAR_STEP)


def month_of(
    sheet: CalendarSources, first: date | None, *, rows: int = ROWS, step: int = STEP
) -> Month:
    """Some weeks from the one asked for, else from two weeks ago; earlier and later go `step`
    weeks."""
    history, today = sheet.history, sheet.today
    start = monday(first or today - timedelta(weeks=BEFORE))
    anchor = monday(history.first(RANDOMISATION) or history.first(CONSENT) or today)
    bands = list(_bands(sheet))
    marks = _marks(sheet)
    weeks = []
    for week in range(rows):
        starts = start + timedelta(weeks=week)
        days = []
        for weekday in range(7):
            day = starts + timedelta(days=weekday)
            days.append(
                Day(
                    day=day,
                    today=day == today,
                    begins=day == start,
                    bands=tuple(band for band in bands if band.over(day)),
                    marks=tuple(marks.get(day, ())),
                )
            )
        weeks.append(WeekRow((starts - anchor).days // 7, _note(days), tuple(days)))
    # Babel counts the days of a week from Monday, which is 0.
    names = get_day_names("short", locale=get_locale())
    return Month(
        title=_span(start, start + timedelta(days=7 * rows - 1)),
        weekdays=tuple(names[index] for index in range(7)),
        rows=tuple(weeks),
        earlier=start - timedelta(weeks=step),
        later=start + timedelta(weeks=step),
    )


def _note(days: Sequence[Day]) -> str:
    """The infusions of a week, each once."""
    return ", ".join(dict.fromkeys(band.text for day in days for band in day.bands))


def _bands(sheet: CalendarSources) -> Iterator[Band]:
    for component, cycle, scheduled in sheet.cycles():
        infusion_days = sheet.infusion_days(scheduled)
        planned = scheduled.state in TO_COME
        if not infusion_days or not (planned or scheduled.state is CycleState.GIVEN):
            continue
        text = cycle_name(sheet.protocol, sheet.history, component, scheduled.number)
        if planned:
            text = _("%(cycle)s planned", cycle=text)
        elif cycle and cycle.dose_percent is not None:
            text = f"{text}, {cycle.dose_percent}%"
        last = scheduled.starts + timedelta(days=infusion_days - 1)
        stopped = sheet.history.stopped.get(component)
        if stopped:
            # A last dose cuts the infusion short, but its first day remains.
            last = min(last, max(stopped, scheduled.starts))
        yield Band(text, planned, scheduled.starts, last)


def _marks(sheet: CalendarSources) -> dict[date, list[Mark]]:
    marks: dict[date, list[Mark]] = defaultdict(list)
    for day, mark in _treatment_marks(sheet):
        marks[day].append(mark)
    for pack in sheet.packs:
        if pack.look:
            marks[pack.due].append(Mark(pack.look, pack.title, pack.in_full, pack.sign))
    for day, more in sheet.more.items():
        marks[day].extend(more)
    return marks


def _treatment_marks(sheet: CalendarSources) -> Iterator[tuple[date, Mark]]:
    for kind, days in sheet.history.milestones.items():
        for day in days:
            yield day, Mark("", milestone(sheet.protocol, kind))
    for component, _cycle, scheduled in sheet.cycles():
        yield from _cycle_mark(sheet, component, scheduled)
    for component, day in sheet.history.stopped.items():
        regimen = sheet.protocol.regimens[sheet.history.components[component]]
        yield day, Mark("", _("Last dose: %(what)s", what=titled(regimen.title)))


def _cycle_mark(
    sheet: CalendarSources, component: str, scheduled: ScheduledCycle
) -> Iterator[tuple[date, Mark]]:
    """A cycle's own mark; one with an infusion is a band, and only what is odd about it is
    marked."""
    name = cycle_name(sheet.protocol, sheet.history, component, scheduled.number)
    late = (scheduled.starts - scheduled.planned).days
    infused = bool(sheet.infusion_days(scheduled))
    if scheduled.state is CycleState.DELAYED:
        text = _("%(cycle)s delayed", cycle=name)
        words = _("Planned for this day, and nothing is recorded")
        yield scheduled.planned, Mark("dl", text, words)
    elif scheduled.state is CycleState.SKIPPED:
        yield scheduled.planned, Mark("", _("%(cycle)s skipped", cycle=name))
    elif scheduled.state in TO_COME:
        if not infused:
            yield scheduled.starts, Mark("sp", name, _("planned"))
    elif late > 0:
        text = ngettext("%(cycle)s +%(num)s day", "%(cycle)s +%(num)s days", late, cycle=name)
        yield scheduled.starts, Mark("dl", text, _("later than planned"))
    elif not infused:
        yield scheduled.starts, Mark("s", name, _("given"))


def _span(first: date, last: date) -> str:
    start = format_date(first, "LLLL", locale=get_locale()).capitalize()
    end = format_date(last, "LLLL y", locale=get_locale())
    return _("%(first)s – %(last)s", first=start, last=end)
