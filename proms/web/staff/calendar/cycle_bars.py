"""A component's cycles as bars over weeks: given, delayed, planned, skipped."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from math import ceil

from flask_babel import gettext as _
from flask_babel import ngettext

from proms.domain.protocol import Protocol
from proms.domain.schedule import (
    Cycle,
    CycleState,
    CycleStatus,
    History,
    ScheduledCycle,
    schedule_component,
)
from proms.domain.schedule.plan import end_of
from proms.web.locale import short_day
from proms.web.staff.calendar.week_axis import Week
from proms.web.staff.labels.history import cycle_of_regimen
from proms.web.staff.labels.vocabulary import PACES, titled


# A tone is a class of the style sheet. The component that leads is drawn in another colour than
# the rest: "f" and "s" are cycles given, "fp" and "sp" planned, "dl" late, "sk" skipped.
@dataclass(frozen=True)
class Bar:
    """A stretch of weeks of a component: its look, what stands in it, and the same in full."""

    tone: str
    text: str
    words: str
    cycle: int
    short: str = ""  # stands in it where it spans one week only

    def within(self, weeks: int) -> str:
        if self.short and weeks == 1:
            return self.short
        return self.text


@dataclass(frozen=True)
class Lane:
    """A component with its bars, each with the number of weeks it spans; None where there is
    none."""

    component: str
    title: str
    bars: tuple[tuple[int, Bar | None], ...]


@dataclass
class Pen:
    """Draws one component; a later bar takes the place of an earlier one in the same week."""

    protocol: Protocol
    lead: bool
    first: date
    today: date
    spread: dict[int, Bar] = field(default_factory=dict)

    def week_of(self, day: date) -> int:
        return (day - self.first).days // 7

    def draw(self, scheduled: ScheduledCycle, cycle: Cycle | None) -> None:
        """The delay before a cycle, its bar, and the rest after an infusion."""
        regimen = self.protocol.regimens[scheduled.regimen]
        infusion_weeks = ceil(regimen.infusion_days / 7)
        start = self.week_of(scheduled.starts)
        end = start + (infusion_weeks or 1)
        match scheduled.state:
            case CycleState.DELAYED:
                self._draw_delay_until_today(scheduled)
            case CycleState.GIVEN:
                self._draw_delay_before(scheduled)
                self._fill(start, end, self._given_bar(scheduled, cycle))
                if infusion_weeks:
                    self._draw_rest(scheduled, end, start + regimen.cycle_days // 7)
            case CycleState.SKIPPED:
                words = self._cycle_words(scheduled)
                self._fill(start, end, Bar("sk", "×", words, scheduled.number))
            case CycleState.PLANNED | CycleState.WAITING:
                self._fill(start, end, self._planned_bar(scheduled))

    def _draw_delay_until_today(self, scheduled: ScheduledCycle) -> None:
        days = (self.today - scheduled.planned).days
        words = _(
            "%(cycle)s delayed since %(day)s",
            cycle=self._name(scheduled),
            day=short_day(scheduled.planned),
        )
        start, end = self.week_of(scheduled.planned), self.week_of(self.today) + 1
        self._fill(start, end, _delay_bar(scheduled, days, words))

    def _draw_delay_before(self, scheduled: ScheduledCycle) -> None:
        days = (scheduled.starts - scheduled.planned).days
        if days > 0:
            words = ngettext(
                "%(cycle)s: %(num)s day late",
                "%(cycle)s: %(num)s days late",
                days,
                cycle=self._name(scheduled),
            )
            start, end = self.week_of(scheduled.planned), self.week_of(scheduled.starts)
            self._fill(start, end, _delay_bar(scheduled, days, words))

    def _draw_rest(self, scheduled: ScheduledCycle, start: int, end: int) -> None:
        words = _("rest after %(cycle)s", cycle=self._name(scheduled))
        self._fill(start, end, Bar("rest", _("rest"), words, scheduled.number))

    def _fill(self, start: int, end: int, bar: Bar) -> None:
        for week in range(start, end):
            self.spread[week] = bar

    def _planned_bar(self, scheduled: ScheduledCycle) -> Bar:
        number = str(scheduled.number)
        tone, text = "sp", number
        if self.lead:
            tone, text = "fp", _("%(number)s planned", number=scheduled.number)
        return Bar(tone, text, self._cycle_words(scheduled), scheduled.number, number)

    def _given_bar(self, scheduled: ScheduledCycle, cycle: Cycle | None) -> Bar:
        number = str(scheduled.number)
        text, words = number, self._cycle_words(scheduled)
        if cycle and cycle.dose_percent is not None:
            words = _("%(words)s, dose %(dose)s%%", words=words, dose=cycle.dose_percent)
            if self.lead:
                text = f"{number} · {cycle.dose_percent}%"
        return Bar("f" if self.lead else "s", text, words, scheduled.number, number)

    def _cycle_words(self, scheduled: ScheduledCycle) -> str:
        return _(
            "%(cycle)s %(pace)s, day 1 %(day)s",
            cycle=self._name(scheduled),
            pace=PACES[scheduled.state],
            day=short_day(scheduled.starts),
        )

    def _name(self, scheduled: ScheduledCycle) -> str:
        return cycle_of_regimen(
            self.protocol, scheduled.component, scheduled.regimen, scheduled.number
        )


def cycle_lanes(
    protocol: Protocol, history: History, today: date, weeks: Sequence[Week]
) -> tuple[Lane, ...]:
    """Every component the patient has, the one that leads first."""
    return tuple(
        _lane(protocol, history, code, today, weeks)
        for code in protocol.components
        if code in history.components
    )


def component_title(
    protocol: Protocol, history: History, code: str, *, with_last_dose: bool = True
) -> str:
    """A component with the regimen it has now, and its last dose if one is on record: "Pump:
    FUDR"."""
    title = _with_regimens(protocol, code, [history.components[code]])
    return _with_last_dose(history, code, title) if with_last_dose else title


def _lane_title(protocol: Protocol, history: History, code: str) -> str:
    """The same with every regimen it was given under, the first one first: "Systemic: FOLFOX,
    FOLFIRI"."""
    given = [history.regimen_of(cycle) for cycle in history.cycles_of(code) if cycle.day_1]
    title = _with_regimens(protocol, code, [*given, history.components[code]])
    return _with_last_dose(history, code, title)


def _with_regimens(protocol: Protocol, code: str, regimens: Sequence[str]) -> str:
    titles = [titled(protocol.regimens[regimen].title) for regimen in dict.fromkeys(regimens)]
    return _(
        "%(component)s: %(regimen)s",
        component=titled(protocol.components[code].title),
        regimen=", ".join(titles),
    )


def _with_last_dose(history: History, code: str, title: str) -> str:
    if code not in history.stopped:
        return title
    return _("%(title)s, last dose %(day)s", title=title, day=short_day(history.stopped[code]))


def drawn_cycles(
    protocol: Protocol, history: History, component: str, today: date
) -> Iterator[tuple[Cycle | None, ScheduledCycle]]:
    """The cycles of a component as they are drawn: none that fell away with a stop, death or
    withdrawal."""
    recorded = {cycle.number: cycle for cycle in history.cycles_of(component)}
    # After the end nothing turns late any more: the schedule stays as it was that day.
    end = end_of(protocol, history, today)
    for scheduled in schedule_component(protocol, history, component, end or today).cycles:
        cycle = recorded.get(scheduled.number)
        match scheduled.state:
            case CycleState.GIVEN:
                drawn = True
            case CycleState.SKIPPED:
                # The schedule calls also those skipped that fell away with a stop.
                drawn = cycle is not None and cycle.status is CycleStatus.SKIPPED
            case _:
                drawn = end is None
        if drawn:
            yield cycle, scheduled


def _lane(
    protocol: Protocol, history: History, code: str, today: date, weeks: Sequence[Week]
) -> Lane:
    lead = code == next(iter(protocol.components))
    pen = Pen(protocol, lead, weeks[0].starts, today)
    for cycle, scheduled in drawn_cycles(protocol, history, code, today):
        pen.draw(scheduled, cycle)
    title = _lane_title(protocol, history, code)
    return Lane(code, title, tuple(spans(pen.spread, len(weeks))))


def spans(spread: Mapping[int, Bar], weeks: int) -> Iterator[tuple[int, Bar | None]]:
    """The weeks of a lane, those that a bar covers taken together."""
    # Weeks beyond either end of the axis are never asked for; equal bars side by side are one bar.
    for bar, stretch in groupby(spread.get(week) for week in range(weeks)):
        length = len(list(stretch))
        if bar is not None:
            yield length, bar
        else:
            for _week in range(length):
                yield 1, None


def _delay_bar(scheduled: ScheduledCycle, days: int, words: str) -> Bar:
    return Bar("dl", _("+%(days)s d", days=days), words, scheduled.number)
