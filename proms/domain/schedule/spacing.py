"""Which packs give way: one component leads the checks, and none comes too close to a better
one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from proms.domain.protocol import Distance
from proms.domain.schedule.history import UNKNOWN_DAY
from proms.domain.schedule.occurrences import PlannedPack, Situation
from proms.domain.schedule.scheduled_cycles import ComponentSchedule
from proms.domain.series import Series

Schedules = Mapping[
    str, ComponentSchedule
]  # by component, the one the protocol lists first before the others


def keep_leading(packs: Iterable[PlannedPack], schedules: Schedules) -> list[PlannedPack]:
    """One check series at a time: of the components that run on a day the one listed first asks; a
    begun pack stays."""
    return [pack for pack in packs if pack.cycle is None or pack.begun or _leads(pack, schedules)]


def _leads(pack: PlannedPack, schedules: Schedules) -> bool:
    """Where no component runs the first that is late asks, and where none is late anyone may.

    What waits gives way only to a component listed before its own, whether that runs or is late
    itself.
    """
    assert pack.cycle is not None
    own, due = pack.cycle.component, pack.window.due
    if pack.waiting:
        return not _earlier_component_needs(own, due, schedules)
    for component, schedule in schedules.items():
        if schedule.runs_on(due):
            return component == own
    for component, schedule in schedules.items():
        if schedule.late_on(due):
            return component == own
    return True


def _earlier_component_needs(own: str, due: date, schedules: Schedules) -> bool:
    """Whether a component listed before this one runs that day, or is late."""
    for component, schedule in schedules.items():
        if component == own:
            return False
        if schedule.runs_on(due) or schedule.late_on(due):
            return True
    return False


def keep_distant(packs: Sequence[PlannedPack], situation: Situation) -> list[PlannedPack]:
    """None within its stated days of what it keeps away from; a begun pack stays."""
    return [pack for pack in packs if pack.begun or _is_distant(pack, packs, situation)]


def _is_distant(pack: PlannedPack, packs: Sequence[PlannedPack], situation: Situation) -> bool:
    distance = pack.event.not_within
    if distance is None:
        return True
    return all(
        abs((pack.window.due - day).days) > distance.days
        for day in _kept_from(pack, distance, packs, situation)
    )


def _kept_from(
    pack: PlannedPack, distance: Distance, packs: Sequence[PlannedPack], situation: Situation
) -> Iterator[date]:
    """The days a pack keeps its distance from."""
    if distance.started:
        yield from _started_days(pack, packs, situation)
    else:
        yield from (other.window.due for other in packs if other.event.group in distance.groups)


def _started_days(
    pack: PlannedPack, packs: Sequence[PlannedPack], situation: Situation
) -> Iterator[date]:
    """When the same instrument was begun; one answered after its due day counts from that day on.

    Else answering late would cost the next week's check. One begun on a day nobody knows counts
    from its due day, if it is of the same series: a baseline is due long after it opens.
    """
    begun = {(other.code, other.number): other for other in packs if other.begun}
    for key, day in situation.history.checked.items():
        if key.instrument not in pack.event.instruments:
            continue
        other = begun.get((key.event, key.number))
        if day != UNKNOWN_DAY:
            yield min(day, other.window.due) if other else day
        elif other and other.event.series == pack.event.series:
            yield other.window.due


def keep_apart(
    packs: Sequence[PlannedPack], series: Mapping[str, Series], schedules: Schedules
) -> list[PlannedPack]:
    """None within the series' `apart` days of a better ranked one, nor of an earlier one of the
    same event.

    What was begun stays where it is. What waits gives way like any other, but keeps nobody away:
    its day is not known.
    """
    rank = _ranking(packs, schedules)
    kept: list[PlannedPack] = []
    taken: dict[str, set[int]] = {code: set() for code in series}
    # Rank by rank, the best first. `taken` holds the days that better ranks keep clear in each
    # series; it grows only when a rank is done, so that packs of equal rank give way to better ones
    # and, by `near`, to earlier packs of their own event, but not to each other.
    for _, equals in groupby(
        sorted(packs, key=lambda pack: (rank(pack), _due_day(pack))), key=rank
    ):
        staying: list[PlannedPack] = []
        near: dict[str, set[int]] = {}
        for pack in equals:
            own = near.setdefault(pack.code, set())
            free = _due_day(pack) not in own and _due_day(pack) not in taken[pack.event.series]
            if pack.begun or free:
                staying.append(pack)
                own.update(_days_kept_clear(pack, series))
        for pack in staying:
            taken[pack.event.series].update(_days_kept_clear(pack, series))
        kept += staying
    return kept


def _days_kept_clear(pack: PlannedPack, series: Mapping[str, Series]) -> Iterable[int]:
    """The days around a pack on which no lesser one of its series is asked."""
    if pack.waiting:
        return ()
    apart = series[pack.event.series].apart
    return range(_due_day(pack) - apart, _due_day(pack) + apart + 1)


def _ranking(
    packs: Sequence[PlannedPack], schedules: Schedules
) -> Callable[[PlannedPack], tuple[int, int]]:
    """The rank of the event; what is left of a cycle once its component has stopped comes after all
    cycles that run."""
    last = max((pack.event.rank for pack in packs if pack.of_cycle), default=0)

    def rank(pack: PlannedPack) -> tuple[int, int]:
        if pack.of_cycle and not pack.waiting and not _runs(pack, schedules):
            return last, pack.event.rank
        return pack.event.rank, 0

    return rank


def _runs(pack: PlannedPack, schedules: Schedules) -> bool:
    return pack.cycle is not None and schedules[pack.cycle.component].runs_on(pack.window.due)


def _due_day(pack: PlannedPack) -> int:
    return pack.window.due.toordinal()
