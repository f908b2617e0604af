"""The order of a run in several processes: what takes minutes begins at once in each of them, so
that none is left alone with it at the end."""

from collections.abc import Sequence
from pathlib import Path

import pytest

LONG_FOLDERS = ("fault",)
LONG_FILES = (
    "test_any_course.py",
    "test_bench.py",
    "test_cut_off.py",
    "test_hostile_values.py",
    "test_simulation.py",
)


def longest_first(items: Sequence[pytest.Item], processes: int) -> list[pytest.Item]:
    """The items in as many stretches of one length as there are processes, which is how they are
    handed out at first; each stretch begins with its share of those that take long."""
    long = [item for item in items if takes_long(item.path)]
    rest = [item for item in items if not takes_long(item.path)]
    ordered: list[pytest.Item] = []
    for process in range(processes):
        mine = long[process::processes]
        end = len(items) * (process + 1) // processes
        share = max(0, end - len(ordered) - len(mine))
        ordered += [*mine, *rest[:share]]
        rest = rest[share:]
    return [*ordered, *rest]


def takes_long(path: Path) -> bool:
    return path.parent.name in LONG_FOLDERS or path.name in LONG_FILES
