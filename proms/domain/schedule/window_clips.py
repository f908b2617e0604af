"""How windows of one series are kept from overlapping."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from proms.domain.schedule.occurrences import PlannedPack
from proms.domain.schedule.window import Window
from proms.domain.series import Clip, Series

DAY = timedelta(days=1)


def clip_windows(packs: Iterable[PlannedPack], series: Mapping[str, Series]) -> list[PlannedPack]:
    """Each series' windows side by side; what waits is laid out by itself.

    A check that was begun keeps its window and takes no room from the next one. Windows that end
    half-way to their neighbours do so whether one was begun or not: what is compared must not
    depend on what was answered.
    """
    lanes: dict[tuple[str, bool, bool], list[PlannedPack]] = {}
    for pack in packs:
        alone = pack.begun is not None and series[pack.event.series].clip is Clip.DAY_BEFORE_DUE
        lanes.setdefault((pack.event.series, pack.waiting, alone), []).append(pack)
    clipped: list[PlannedPack] = []
    for (code, _waiting, alone), lane in lanes.items():
        clipped += (
            lane if alone else _side_by_side(sorted(lane, key=_due_day), _CLIPS[series[code].clip])
        )
    return clipped


def _due_day(pack: PlannedPack) -> int:
    return pack.window.due.toordinal()


def _side_by_side(
    lane: list[PlannedPack], clip: Callable[[Window, Window], tuple[Window, Window]]
) -> list[PlannedPack]:
    # From left to right: the window on the left has met its own left neighbour by then, and is only
    # ever cut shorter, so nothing that was settled overlaps again.
    windows = [pack.window for pack in lane]
    for i in range(1, len(windows)):
        windows[i - 1], windows[i] = clip(windows[i - 1], windows[i])
    # A pack whose window stays is handed on as it is: copying every one of them cost a tenth of a
    # plan.
    return [
        pack if pack.window is window else pack._replace(window=window)
        for pack, window in zip(lane, windows, strict=True)
    ]


def day_before_due(first: Window, second: Window) -> tuple[Window, Window]:
    """The first closes on the day before the second is due; the second opens once the first has
    closed."""
    if second.due <= first.closes:
        first = first._replace(closes=max(first.due, second.due - DAY))
    if second.opens <= first.closes:
        second = second._replace(opens=min(second.due, first.closes + DAY))
    return first, second


def half_way(first: Window, second: Window) -> tuple[Window, Window]:
    """Where two overlap the first closes, and the second opens, half-way between their due days."""
    if first.closes < second.opens:
        return first, second
    middle = first.due + (second.due - first.due) // 2
    return (
        first._replace(closes=min(first.closes, middle)),
        second._replace(opens=max(second.opens, min(second.due, middle + DAY))),
    )


_CLIPS = {Clip.HALF_WAY: half_way, Clip.DAY_BEFORE_DUE: day_before_due}
