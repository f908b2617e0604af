"""Which packs give way: one component leads the checks, and none comes too close to a better one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, groupby, takewhile

from proms.domain.protocol import AnchorKind, Distance, Series
from proms.domain.schedule.asking import Ask, Situation
from proms.domain.schedule.course import Course
from proms.domain.schedule.history import UNKNOWN_DAY


def led(asks: Iterable[Ask], courses: Mapping[str, Course]) -> list[Ask]:
    """One check series at a time: of the components that run on a day the one listed first asks; a begun pack stays."""
    return [ask for ask in asks if ask.turn is None or ask.begun or _leads(ask.turn.component, ask, courses)]


def _leads(component: str, ask: Ask, courses: Mapping[str, Course]) -> bool:
    """Where no component runs the first that is late asks, and where none is late anyone may.

    What waits gives way only to a component listed before its own, whether that runs or is late itself.
    """
    due = ask.window.due
    if ask.waiting:
        before = takewhile(lambda each: each != component, courses)
        return not any(courses[each].runs_on(due) or courses[each].late_on(due) for each in before)
    running = (each for each, course in courses.items() if course.runs_on(due))
    late = (each for each, course in courses.items() if course.late_on(due))
    return next(chain(running, late), component) == component


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

    Else answering late would cost the next week's check. One begun on a day nobody knows counts from its due day, if
    it is of the same series: a baseline is due long after it opens.
    """
    begun = {(each.code, each.number): each for each in asks if each.begun}
    for key, day in seen.history.checked.items():
        if key.instrument not in ask.event.instruments:
            continue
        other = begun.get((key.event, key.number))
        if day != UNKNOWN_DAY:
            yield min(day, other.window.due) if other else day
        elif other and other.event.series == ask.event.series:
            yield other.window.due


def spaced(asks: Sequence[Ask], series: Mapping[str, Series], courses: Mapping[str, Course]) -> list[Ask]:
    """None within the series' `apart` days of a better ranked one, nor of an earlier one of the same event.

    What was begun stays where it is. What waits gives way like any other, but keeps nobody away: its day is not known.
    """
    kept: list[Ask] = []
    taken: dict[str, set[int]] = {code: set() for code in series}
    rank = _ranked(asks, courses)
    for _, equals in groupby(sorted(asks, key=lambda ask: (rank(ask), _day(ask))), key=rank):
        stay: list[Ask] = []
        own: dict[str, set[int]] = {}
        for ask in equals:
            day, near = _day(ask), own.setdefault(ask.code, set())
            if ask.begun or (day not in near and day not in taken[ask.event.series]):
                stay.append(ask)
                near.update(() if ask.waiting else _around(ask, series))
        for ask in stay:
            if not ask.waiting:
                taken[ask.event.series].update(_around(ask, series))
        kept += stay
    return kept


def _around(ask: Ask, series: Mapping[str, Series]) -> range:
    apart = series[ask.event.series].apart
    return range(_day(ask) - apart, _day(ask) + apart + 1)


def _ranked(asks: Sequence[Ask], courses: Mapping[str, Course]) -> Callable[[Ask], tuple[int, int]]:
    """The rank of the event; what is left of a cycle once its component has stopped comes after all cycles that run."""
    last = max((ask.event.rank for ask in asks if _of_cycle(ask)), default=0)

    def rank(ask: Ask) -> tuple[int, int]:
        left_over = _of_cycle(ask) and not ask.waiting and not _runs(ask, courses)
        return (last, ask.event.rank) if left_over else (ask.event.rank, 0)

    return rank


def _of_cycle(ask: Ask) -> bool:
    return ask.event.anchors[0].kind is AnchorKind.CYCLE


def _runs(ask: Ask, courses: Mapping[str, Course]) -> bool:
    return ask.turn is not None and courses[ask.turn.component].runs_on(ask.window.due)


def _day(ask: Ask) -> int:
    return ask.window.due.toordinal()
