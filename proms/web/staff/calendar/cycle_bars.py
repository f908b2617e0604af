"""A component's cycles as bars over weeks: given, delayed, planned, skipped."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from math import ceil

from flask_babel import gettext as _

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
from proms.web.staff.labels.vocabulary import PACES, titled

PLANNED = (CycleState.PLANNED, CycleState.WAITING)


@dataclass(frozen=True)
class Bar:
    """A stretch of weeks of a component: its look, what stands in it, and the same in full."""

    tone: str
    text: str
    words: str
    cycle: int
    short: str = ""  # stands in it where it spans one week only

    def within(self, weeks: int) -> str:
        return self.short if self.short and weeks == 1 else self.text


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

    lead: bool
    cycle_weeks: int
    infusion_weeks: int
    first: date
    today: date
    spread: dict[int, Bar] = field(default_factory=dict)

    def week_of(self, day: date) -> int:
        return (day - self.first).days // 7

    def draw(self, scheduled: ScheduledCycle, cycle: Cycle | None) -> None:
        """The delay before a cycle, its bar, and the rest after an infusion."""
        at = self.week_of(scheduled.starts)
        late = (scheduled.starts - scheduled.planned).days
        if scheduled.state is CycleState.DELAYED:
            waits = (self.today - scheduled.planned).days
            words = _(
                "cycle %(number)s delayed since %(day)s",
                number=scheduled.number,
                day=short_day(scheduled.planned),
            )
            self._fill(
                self.week_of(scheduled.planned),
                self.week_of(self.today) + 1,
                _late(scheduled, waits, words),
            )
            return
        if scheduled.state is CycleState.GIVEN and late > 0:
            words = _("cycle %(number)s %(days)s days late", number=scheduled.number, days=late)
            self._fill(self.week_of(scheduled.planned), at, _late(scheduled, late, words))
        self._fill(at, at + (self.infusion_weeks or 1), self._bar(scheduled, cycle))
        if self.infusion_weeks and scheduled.state is CycleState.GIVEN:
            rest = Bar(
                "rest",
                _("rest"),
                _("rest after cycle %(number)s", number=scheduled.number),
                scheduled.number,
            )
            self._fill(at + self.infusion_weeks, at + self.cycle_weeks, rest)

    def _fill(self, start: int, end: int, bar: Bar) -> None:
        for week in range(start, end):
            self.spread[week] = bar

    def _bar(self, scheduled: ScheduledCycle, cycle: Cycle | None) -> Bar:
        dose = cycle.dose_percent if cycle else None
        words = _(
            "cycle %(number)s %(pace)s, day 1 %(day)s",
            number=scheduled.number,
            pace=PACES[scheduled.state],
            day=short_day(scheduled.starts),
        )
        if scheduled.state is CycleState.SKIPPED:
            return Bar("sk", "×", words, scheduled.number)
        if scheduled.state in PLANNED:
            text = (
                _("%(number)s planned", number=scheduled.number)
                if self.lead
                else str(scheduled.number)
            )
            return Bar(
                "fp" if self.lead else "sp", text, words, scheduled.number, str(scheduled.number)
            )
        text = (
            f"{scheduled.number} · {dose}%"
            if dose is not None and self.lead
            else str(scheduled.number)
        )
        full = (
            _("%(words)s, dose %(dose)s%%", words=words, dose=dose) if dose is not None else words
        )
        return Bar("f" if self.lead else "s", text, full, scheduled.number, str(scheduled.number))


def cycle_lanes(
    protocol: Protocol, history: History, today: date, weeks: Sequence[Week]
) -> tuple[Lane, ...]:
    """Every component the patient has, the one that leads first."""
    return tuple(
        _lane(protocol, history, code, today, weeks)
        for code in protocol.components
        if code in history.components
    )


def component_title(protocol: Protocol, history: History, code: str) -> str:
    """A component with its regimen, and its last dose once it has stopped: "Pump: FUDR"."""
    title = _(
        "%(component)s: %(regimen)s",
        component=titled(protocol.components[code].title),
        regimen=titled(protocol.regimens[history.components[code]].title),
    )
    if code in history.stopped:
        return _("%(title)s, last dose %(day)s", title=title, day=short_day(history.stopped[code]))
    return title


def drawn_cycles(
    protocol: Protocol, history: History, component: str, today: date
) -> Iterator[tuple[Cycle | None, ScheduledCycle]]:
    """The cycles of a component as they are drawn: none that fell away with a stop, death or
    withdrawal."""
    recorded = {cycle.number: cycle for cycle in history.cycles_of(component)}
    end = end_of(protocol, history, today)
    for scheduled in schedule_component(protocol, history, component, end or today).cycles:
        cycle = recorded.get(scheduled.number)
        fell_away = scheduled.state is CycleState.SKIPPED and not (
            cycle and cycle.status is CycleStatus.SKIPPED
        )
        to_come = scheduled.state not in (CycleState.GIVEN, CycleState.SKIPPED)
        if not fell_away and not (end and to_come):
            yield cycle, scheduled


def _lane(
    protocol: Protocol, history: History, code: str, today: date, weeks: Sequence[Week]
) -> Lane:
    regimen = protocol.regimens[history.components[code]]
    lead = code == next(iter(protocol.components))
    pen = Pen(
        lead, regimen.cycle_days // 7, ceil(regimen.infusion_days / 7), weeks[0].starts, today
    )
    for cycle, scheduled in drawn_cycles(protocol, history, code, today):
        pen.draw(scheduled, cycle)
    return Lane(
        code, component_title(protocol, history, code), tuple(spans(pen.spread, len(weeks)))
    )


def spans(spread: Mapping[int, Bar], weeks: int) -> Iterator[tuple[int, Bar | None]]:
    """The weeks of a lane, those that a bar covers taken together."""
    for _key, stretch in groupby(range(weeks), key=lambda week: spread.get(week)):
        known = list(stretch)
        bar = spread.get(known[0])
        if bar is None:
            yield from ((1, None) for _each in known)
        else:
            yield len(known), bar


def _late(scheduled: ScheduledCycle, days: int, words: str) -> Bar:
    return Bar("dl", _("+%(days)s d", days=days), words, scheduled.number)
