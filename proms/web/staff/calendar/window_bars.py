"""The windows of what is asked as bars over weeks, a lane for each kind of pack."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from proms.web.locale import short_day
from proms.web.staff.calendar.cycle_bars import Bar, Lane, spans
from proms.web.staff.calendar.packs import OVER, STATES_BY_WEIGHT, CalendarPack
from proms.web.staff.calendar.week_axis import Week, monday

WEEK = timedelta(weeks=1)
TO_COME = "○"


def window_lanes(packs: Sequence[CalendarPack], weeks: Sequence[Week]) -> tuple[Lane, ...]:
    """A lane for each title among these packs, in the order they were first asked.

    What is still to be answered and open for more than a week is drawn over its window; all else
    stands in the week it is due. Several of one week share a bar.
    """
    by_title: dict[str, list[CalendarPack]] = defaultdict(list)
    for pack in packs:
        if pack.look:
            by_title[pack.title].append(pack)
    return tuple(_lane(title, alike, weeks) for title, alike in by_title.items())


def _lane(title: str, packs: Sequence[CalendarPack], weeks: Sequence[Week]) -> Lane:
    by_week: dict[int, list[CalendarPack]] = defaultdict(list)
    for pack in packs:
        for week in _weeks(pack, weeks[0].starts):
            by_week[week].append(pack)
    bars = {week: _bar(together) for week, together in by_week.items()}
    return Lane(title, title, tuple(spans(bars, len(weeks))))


def _weeks(pack: CalendarPack, first: date) -> range:
    """The weeks it is drawn over, counted from the first of the axis; some may lie outside it."""
    drawn_from = drawn_to = pack.due
    if pack.state not in OVER and pack.closes - pack.opens > WEEK:
        drawn_from, drawn_to = pack.opens, pack.closes
    return range((monday(drawn_from) - first).days // 7, (monday(drawn_to) - first).days // 7 + 1)


def _bar(packs: Sequence[CalendarPack]) -> Bar:
    """One look for those of a week: of the one that most wants to be seen."""
    foremost = min(packs, key=lambda pack: STATES_BY_WEIGHT.index(pack.state))
    signs = " ".join(pack.sign or TO_COME for pack in packs)
    text = signs
    if len(packs) == 1:
        text = f"{signs} {short_day(foremost.due)}"
    words = "; ".join(f"{pack.title} {pack.in_full}" for pack in packs)
    # A window belongs to no cycle: its due day stands where a cycle's number would.
    return Bar(foremost.look, text, words, foremost.due.toordinal(), signs)
