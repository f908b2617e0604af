"""How windows of one series are kept from overlapping."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from proms.domain.protocol import Clip, Series
from proms.domain.schedule.asking import Ask
from proms.domain.schedule.window import Window

DAY = timedelta(days=1)


def clipped(asks: Iterable[Ask], series: Mapping[str, Series]) -> list[Ask]:
    """Each series' windows side by side; what waits is laid out by itself.

    A check that was begun keeps its window and takes no room from the next one. Windows that end half-way to their
    neighbours do so whether one was begun or not: what is compared must not depend on what was answered.
    """
    lanes: dict[tuple[str, bool, bool], list[Ask]] = {}
    for ask in asks:
        alone = ask.begun is not None and series[ask.event.series].clip is Clip.DAY_BEFORE_DUE
        lanes.setdefault((ask.event.series, ask.waiting, alone), []).append(ask)
    done: list[Ask] = []
    for (code, _, alone), lane in lanes.items():
        done += lane if alone else _side_by_side(sorted(lane, key=_due_day), _CLIPS[series[code].clip])
    return done


def _due_day(ask: Ask) -> int:
    return ask.window.due.toordinal()


def _side_by_side(lane: list[Ask], clip: Callable[[Window, Window], tuple[Window, Window]]) -> list[Ask]:
    windows = [ask.window for ask in lane]
    for i in range(1, len(windows)):
        windows[i - 1], windows[i] = clip(windows[i - 1], windows[i])
    return [
        ask if ask.window is window else ask._replace(window=window) for ask, window in zip(lane, windows, strict=True)
    ]


def day_before_due(first: Window, second: Window) -> tuple[Window, Window]:
    """The first closes on the day before the second is due; the second opens once the first has closed."""
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
