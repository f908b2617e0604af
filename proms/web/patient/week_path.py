"""The patient's way through her weeks, drawn as a line of dots."""

import math
from dataclasses import dataclass
from enum import StrEnum

from proms.db.queries.today import Days, Pack

# Dots: at most so many behind today and ahead of it, and no line with fewer than these in all.
BEHIND = 10
AHEAD = 5
FEWEST = 4
# The drawing, in units of its SVG: the line swings about its middle.
WIDTH = 348
MARGIN = 14
MIDDLE = 26
SWING = 8
PIECES = 24  # straight ones that a bent line is drawn in


class DotKind(StrEnum):
    """What a dot stands for."""

    FILLED_IN = "filled_in"
    LEFT = "left"
    TODAY = "today"
    COMING = "coming"


@dataclass(frozen=True)
class Dot:
    step: DotKind
    x: float
    y: float


@dataclass(frozen=True)
class WeekPath:
    """The dots, the line up to today and the line from there on, as SVG takes them; and the counts
    for who hears the page instead of seeing it."""

    dots: tuple[Dot, ...]
    walked: str
    line: str
    filled_in: int
    left: int
    coming: int


def week_path(days: Days) -> WeekPath | None:
    """The last packs, today and the next; None while they are too few for a line."""
    behind = [_kind_of(pack) for pack in reversed(days.done[:BEHIND])]
    ahead = [DotKind.COMING] * len(days.coming[:AHEAD])
    steps = [*behind, DotKind.TODAY, *ahead]
    if not behind or len(steps) < FEWEST:
        return None
    gap = (WIDTH - 2 * MARGIN) / (len(steps) - 1)
    dots = tuple(Dot(step, *_point(MARGIN + index * gap)) for index, step in enumerate(steps))
    today = dots[len(behind)].x
    return WeekPath(
        dots=dots,
        walked=_line(dots[0].x, today),
        line=_line(today, dots[-1].x),
        filled_in=behind.count(DotKind.FILLED_IN),
        left=behind.count(DotKind.LEFT),
        coming=len(ahead),
    )


def _kind_of(pack: Pack) -> DotKind:
    """Of a pack that is behind her."""
    return DotKind.FILLED_IN if pack.answered_at else DotKind.LEFT


def _point(x: float) -> tuple[float, float]:
    return round(x, 1), round(MIDDLE + SWING * math.sin(x / WIDTH * math.pi * 3.2), 1)


def _line(start: float, end: float) -> str:
    points = (_point(start + (end - start) * piece / PIECES) for piece in range(PIECES + 1))
    return "M" + " L".join(f"{x} {y}" for x, y in points)
