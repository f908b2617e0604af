"""A site's roster: its staffed hours and holidays, who is on duty on which days, and who is called
outside those hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar
from zoneinfo import ZoneInfo

from proms.domain.roster.hours import A_DAY, Hours
from proms.refusal import Refusal


class NobodyOnDuty(Refusal):
    """A staffed day for which the roster names nobody."""

    code: ClassVar[str] = "nobody_on_duty"

    def __init__(self, day: date) -> None:
        super().__init__(f"nobody is on duty on {day}, a staffed day")
        self.day = day


@dataclass(frozen=True)
class NoticeLimits:
    """How many minutes a red alert waits for a person before it is told to the next: two of staffed
    hours, and one by the clock, between two notices to who is on call."""

    next_after: int
    on_call_after: int
    again_after: int


@dataclass(frozen=True)
class Duty:
    """Who is on duty from a day on, the first before her deputies; `until` is the last such day."""

    since: date
    until: date | None
    who: tuple[str, ...]

    def fits(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Roster:
    """Without an `on_call` list the site chose none."""

    zone: ZoneInfo
    hours: Mapping[int, Hours]  # by weekday, Monday is 0; a day that is absent is not staffed
    duties: tuple[Duty, ...]
    limits: NoticeLimits
    holidays: frozenset[date] = field(default_factory=frozenset)
    on_call: tuple[str, ...] = ()

    def hours_on(self, day: date) -> Hours | None:
        """When the site is staffed on this day; None where it is not."""
        if day in self.holidays:
            return None
        return self.hours.get(day.weekday())

    def next_staffed(self, day: date) -> date:
        """This day, or the first after it, that is staffed."""
        while not self.hours_on(day):
            day += A_DAY
        return day

    def on_duty(self, day: date) -> tuple[str, ...]:
        """Who is on duty, the first of them first: of the entries that fit the last counts."""
        for duty in reversed(self.duties):
            if duty.fits(day):
                return duty.who
        raise NobodyOnDuty(day)


def gap_between(roster: Roster, first: date, last: date) -> date | None:
    """The first staffed day from `first` to `last` for which the roster names nobody."""
    day = first
    while day <= last:
        fitting = [duty for duty in roster.duties if duty.fits(day)]
        if any(duty.until is None for duty in fitting):
            return None
        if fitting:
            # No day before the end of the longest of them can be a gap; after the last day of all
            # there is none to go on to.
            covered = max(duty.until for duty in fitting if duty.until)
            if covered >= last:
                return None
            day = covered + A_DAY
        elif roster.hours_on(day):
            return day
        else:
            day += A_DAY
    return None


def written_days(duties: Sequence[Duty]) -> tuple[date, date]:
    """The first and the last day that the entries name."""
    last = max(duty.until or duty.since for duty in duties)
    return min(duty.since for duty in duties), last
