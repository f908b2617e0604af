"""Taking turns: what is compared is run in turn, so that a busy machine slows both alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import process_time


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, per row, and how many times the peer's pace that
    is."""

    what: str
    rows: int
    seconds: float | None  # None: too short to tell
    peer: str
    ratio: float
    aim: str = ""
    peak: int | None = None  # MB

    @property
    def cells(self) -> tuple[str, ...]:
        held = "" if self.peak is None else f"{self.peak} MB"
        if self.seconds is None:
            return (self.what, f"{self.rows:,}", "-", "-", "too short to tell", self.aim, held)
        per_row = self.seconds / self.rows
        return (
            self.what,
            f"{self.rows:,}",
            f"{per_row * 1e6:.3f}" if per_row < 1e-5 else f"{per_row * 1e6:.0f}",
            f"{1 / per_row:,.0f}",
            f"{self.ratio:.2f} x {self.peer}",
            self.aim,
            held,
        )


HEADER = ("figure", "rows", "us a row", "rows/s", "pace", "aim", "peak memory")


def taking_turns(
    contenders: Mapping[str, Callable[[], object]],
    times: int,
    *,
    clock: Callable[[], float] = process_time,
) -> dict[str, float]:
    """The median seconds of each: of the processor, or by another clock where others do part of the
    work."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(times):
        for name, run in contenders.items():
            began = clock()
            run()
            taken[name].append(clock() - began)
    return {name: median(each) for name, each in taken.items()}


def table(figures: list[Figure]) -> str:
    """The figures as text in columns."""
    lines = [HEADER, *(figure.cells for figure in figures)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEADER))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
