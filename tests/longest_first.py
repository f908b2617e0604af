"""The order of a run in several processes: what takes minutes begins at once in each of them, so
that none is left alone with it at the end."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pytest

LONG_FOLDERS = ("fault",)
LONG_FILES = (
    "test_any_course.py",
    "test_bench.py",
    "test_cut_off.py",
    "test_hostile_values.py",
    "test_patient.py",
    "test_second_tap.py",
    "test_simulation.py",
)
# What all tests of the file look at takes a minute to make, in each process that makes it.
ONE_PROCESS = ("test_simulation.py",)


def longest_first(items: Sequence[pytest.Item], processes: int) -> list[pytest.Item]:
    """The items in as many stretches of one length as there are processes, which is how they are
    handed out at first; each stretch begins with its share of those that take long."""
    together = bunches([item for item in items if takes_long(item.path)])
    rest = [item for item in items if not takes_long(item.path)]
    ordered: list[pytest.Item] = []
    for process in range(processes):
        mine = [item for bunch in together[process::processes] for item in bunch]
        end = len(items) * (process + 1) // processes
        share = max(0, end - len(ordered) - len(mine))
        ordered += [*mine, *rest[:share]]
        rest = rest[share:]
    return [*ordered, *rest]


def bunches(items: Sequence[pytest.Item]) -> list[list[pytest.Item]]:
    """Each alone, but for those that share what is made for them."""
    by_file = groupby(items, key=lambda item: item.path)
    return [
        bunch
        for path, mine in by_file
        for bunch in ([list(mine)] if path.name in ONE_PROCESS else [[item] for item in mine])
    ]


def takes_long(path: Path) -> bool:
    return path.parent.name in LONG_FOLDERS or path.name in LONG_FILES
