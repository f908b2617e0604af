"""The roster as a form: what stands in it, and the roster that it describes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from proms.db.queries.people import Member
from proms.domain.roster import WEEKDAYS, Duty, Hours, NoticeLimits, Roster
from proms.web.staff.forms import Form

EMPTY_ROWS = 2  # for entries to come
MOST_ROWS = 100
DEPUTIES = 3  # places in a row, with the first person; more where a roster has more
LONGEST_LIMIT = 24 * 60  # minutes
LONGEST_LIST = 2000
OFFICE = Hours(time(8), time(17))


@dataclass(frozen=True)
class Offered:
    """What the form lets a person choose from."""

    zone: ZoneInfo
    staff: tuple[Member, ...]  # who may be on duty
    callable: tuple[Member, ...]  # who may be on call
    holidays: Mapping[date, str]
    limits: NoticeLimits


def as_typed(roster: Roster, offered: Offered) -> dict[str, str]:
    """What a form shows of a roster."""
    typed: dict[str, str] = {}
    for number, day in enumerate(WEEKDAYS):
        hours = roster.hours.get(number)
        if hours:
            typed[f"{day}_opens"], typed[f"{day}_closes"] = _clock_times(hours)
    for row, duty in enumerate(roster.duties, start=1):
        typed[f"from_{row}"] = duty.since.isoformat()
        typed[f"until_{row}"] = duty.until.isoformat() if duty.until else ""
        for place, who in enumerate(duty.who, start=1):
            typed[f"who_{row}_{place}"] = who
    for day_off in sorted(roster.holidays & offered.holidays.keys()):
        typed[f"holiday_{day_off}"] = "1"
    first = min(offered.holidays, default=date.min)
    own = sorted(roster.holidays - offered.holidays.keys())
    typed["own_days"] = "\n".join(day.isoformat() for day in own if day >= first)
    for who in roster.on_call:
        typed[f"call_{who}"] = "1"
    if not roster.on_call:
        typed["no_on_call"] = "1"
    typed["next_after"] = str(roster.limits.next_after)
    typed["on_call_after"] = str(roster.limits.on_call_after)
    return typed


def proposed(offered: Offered, today: date) -> dict[str, str]:
    """What a site that has no roster yet begins with."""
    typed = {f"holiday_{day}": "1" for day in offered.holidays}
    for day in WEEKDAYS[:5]:
        typed[f"{day}_opens"], typed[f"{day}_closes"] = _clock_times(OFFICE)
    typed["from_1"] = today.isoformat()
    typed["next_after"] = str(offered.limits.next_after)
    typed["on_call_after"] = str(offered.limits.on_call_after)
    return typed


def rows_of(typed: Mapping[str, str]) -> int:
    """How many entries a form has places for: those that are filled in, and some to come."""
    filled = [row for row in range(1, MOST_ROWS) if typed.get(f"from_{row}")]
    return max(filled, default=0) + EMPTY_ROWS


def places_of(typed: Mapping[str, str], row: int) -> int:
    place = DEPUTIES
    while typed.get(f"who_{row}_{place + 1}"):
        place += 1
    return place


def read_form(form: Form, offered: Offered) -> Roster | None:
    """The roster that a form describes; None, with a sentence at each field, where it does not
    read."""
    hours = dict(_hours(form))
    if not hours and "hours" not in form.wrong:
        form.wrong["hours"] = _("Give the hours of at least one day.")
    duties = tuple(_duties(form, offered))
    if not duties and "who" not in form.wrong:
        form.wrong["who"] = _("Say who is on duty.")
    on_call = tuple(str(one.id) for one in offered.callable if form.ticked(f"call_{one.id}"))
    if bool(on_call) == form.ticked("no_on_call"):
        form.wrong["on_call"] = _("Tick who is on call, or that you choose no on-call list.")
    picked = {day for day in offered.holidays if form.ticked(f"holiday_{day}")}
    picked.update(_own_days(form))
    next_after = form.number("next_after", 1, LONGEST_LIMIT)
    on_call_after = form.number("on_call_after", 1, LONGEST_LIMIT)
    if form.wrong or next_after is None or on_call_after is None:
        return None
    limits = NoticeLimits(next_after, on_call_after, offered.limits.again_after)
    return Roster(offered.zone, hours, duties, limits, frozenset(picked), on_call)


def _clock_times(hours: Hours) -> tuple[str, str]:
    return f"{hours.opens:%H:%M}", f"{hours.closes or time(0):%H:%M}"


def _hours(form: Form) -> Iterator[tuple[int, Hours]]:
    for number, day in enumerate(WEEKDAYS):
        opens, closes = form.optional(f"{day}_opens"), form.optional(f"{day}_closes")
        if opens is None and closes is None:
            continue
        begins, ends = _clock_time(opens), _clock_time(closes)
        if begins is None or ends is None:
            form.wrong["hours"] = _("Give a start and an end for each staffed day, as 08:00.")
        elif ends == time(0):
            yield number, Hours(begins, None)
        elif ends <= begins:
            form.wrong["hours"] = _("The hours of a day end after they start.")
        else:
            yield number, Hours(begins, ends)


def _clock_time(text: str | None) -> time | None:
    try:
        return time.fromisoformat(text) if text and len(text) == len("08:00") else None
    except ValueError:
        return None


def _duties(form: Form, offered: Offered) -> Iterator[Duty]:
    known = {str(one.id) for one in offered.staff}
    for row in range(1, rows_of(form.typed) + 1):
        places = range(1, places_of(form.typed, row) + 1)
        typed = [form.typed.get(f"who_{row}_{place}", "") for place in places]
        who = tuple(one for one in typed if one)
        if not who and row > 1 and not form.typed.get(f"from_{row}"):
            continue
        since = _day(form, f"from_{row}")
        until = form.maybe_day(f"until_{row}")
        if f"until_{row}" in form.wrong or since is None:
            form.wrong.pop(f"until_{row}", None)
            form.wrong["who"] = _("Give each entry the day from which it holds.")
        elif until and until < since:
            form.wrong["who"] = _("An entry ends on the day it begins, or later.")
        elif not who:
            form.wrong["who"] = _("Say who is on duty.")
        elif not known.issuperset(who):
            form.wrong["who"] = _("Choose one of these.")
        elif len(set(who)) < len(who):
            form.wrong["who"] = _("Somebody stands twice in one entry.")
        else:
            yield Duty(since, until, who)


def _day(form: Form, name: str) -> date | None:
    day = form.maybe_day(name)
    form.wrong.pop(name, None)
    return day


def _own_days(form: Form) -> Iterator[date]:
    written = form.typed.get("own_days", "")[:LONGEST_LIST].split()
    for text in written:
        try:
            yield date.fromisoformat(text)
        except ValueError:
            form.wrong["own_days"] = _("Write each day on a line of its own, like 2026-12-31.")
