"""Which packs give way: one component leads the checks, and none comes too close to a better one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from proms.domain.protocol import Distance, Series
from proms.domain.schedule.asking import Ask, Situation
from proms.domain.schedule.course import Course


def led(asks: Iterable[Ask], courses: Mapping[str, Course]) -> list[Ask]:
    """One check series at a time: of the components that run on a day the one listed first asks; a begun pack stays."""
    return [ask for ask in asks if ask.turn is None or ask.begun or _leads(ask.turn.component, ask, courses)]


def _leads(component: str, ask: Ask, courses: Mapping[str, Course]) -> bool:
    """Where no component runs anyone may ask; what waits gives way only to a component listed before its own."""
    for each, course in courses.items():
        if each == component and ask.waiting:
            return True
        if course.runs_on(ask.window.due):
            return each == component
    return True


def at_a_distance(asks: Sequence[Ask], seen: Situation) -> list[Ask]:
    """None within its stated days of what it keeps away from; a begun pack stays."""
    return [
        ask for ask in asks if ask.begun or ask.event.not_within is None or _far(ask, ask.event.not_within, asks, seen)
    ]


def _far(ask: Ask, distance: Distance, asks: Sequence[Ask], seen: Situation) -> bool:
    due = ask.window.due
    others = _started(ask, asks, seen) if distance.started else _due(distance.groups, asks)
    return all(abs((due - day).days) > distance.days for day in others)


def _due(groups: frozenset[str], asks: Sequence[Ask]) -> Iterator[date]:
    return (ask.window.due for ask in asks if ask.event.group in groups)


def _started(ask: Ask, asks: Sequence[Ask], seen: Situation) -> Iterator[date]:
    """When the same instrument was begun; one answered after its due day counts from that day on.

    Else answering late would cost the next week's check.
    """
    due = {(each.code, each.number): each.window.due for each in asks if each.begun}
    for key, day in seen.history.checked.items():
        if key.instrument in ask.event.instruments:
            yield min(day, due.get((key.event, key.number), day))


def spaced(asks: Iterable[Ask], series: Mapping[str, Series]) -> list[Ask]:
    """None within the series' `apart` days of a better ranked one; what waits or was begun stays where it is."""
    kept: list[Ask] = []
    taken: dict[str, set[int]] = {code: set() for code in series}
    for _, equals in groupby(sorted(asks, key=_rank), key=_rank):
        stay = [ask for ask in equals if ask.begun or ask.waiting or _day(ask) not in taken[ask.event.series]]
        for ask in stay:
            if not ask.waiting:
                apart = series[ask.event.series].apart
                taken[ask.event.series].update(range(_day(ask) - apart, _day(ask) + apart + 1))
        kept += stay
    return kept


def _rank(ask: Ask) -> int:
    return ask.event.rank


def _day(ask: Ask) -> int:
    return ask.window.due.toordinal()
