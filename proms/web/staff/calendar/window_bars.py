"""The windows of what is asked as bars over weeks, a lane for each kind of pack."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from proms.web.locale import short_day
from proms.web.staff.calendar.cycle_bars import Bar, Lane, spans
from proms.web.staff.calendar.packs import FIRST, OVER, CalendarPack
from proms.web.staff.calendar.week_axis import Week, monday

WEEK = timedelta(weeks=1)
TO_COME = "○"


def window_lanes(packs: Sequence[CalendarPack], weeks: Sequence[Week]) -> tuple[Lane, ...]:
    """A lane for each title among these packs, in the order they were first asked.

    What is still to be answered and open for more than a week is drawn over its window; all else
    stands in the week it is due. Several of one week share a bar.
    """
    shown = [pack for pack in packs if pack.look]
    return tuple(
        _lane(title, [pack for pack in shown if pack.title == title], weeks)
        for title in _titles(shown)
    )


def _titles(packs: Sequence[CalendarPack]) -> Iterator[str]:
    yield from dict.fromkeys(pack.title for pack in packs)


def _lane(title: str, packs: Sequence[CalendarPack], weeks: Sequence[Week]) -> Lane:
    within: dict[int, list[CalendarPack]] = defaultdict(list)
    for pack in packs:
        for week in _weeks(pack, weeks[0].starts):
            within[week].append(pack)
    return Lane(
        title, title, tuple(spans({week: _bar(each) for week, each in within.items()}, len(weeks)))
    )


def _weeks(pack: CalendarPack, first: date) -> range:
    drawn_out = pack.state not in OVER and pack.closes - pack.opens > WEEK
    opens, closes = (pack.opens, pack.closes) if drawn_out else (pack.due, pack.due)
    return range((monday(opens) - first).days // 7, (monday(closes) - first).days // 7 + 1)


def _bar(packs: Sequence[CalendarPack]) -> Bar:
    """One look for those of a week: of the one that most wants to be seen."""
    first = min(packs, key=lambda pack: FIRST.index(pack.state))
    signs = " ".join(pack.sign or TO_COME for pack in packs)
    text = f"{signs} {short_day(first.due)}" if len(packs) == 1 else signs
    words = "; ".join(f"{pack.title} {pack.in_full}" for pack in packs)
    return Bar(first.look, text, words, first.due.toordinal(), signs)
