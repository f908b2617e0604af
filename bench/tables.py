"""`proms score` from CSV to CSV, against a program that only copies the table with the same csv
module."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import BinaryIO

import numpy as np

from bench.scoring import answered
from bench.timing import Figure
from proms.content import Library
from proms.domain.score import compiled

WAYS = ("score", "copy")
AT_ONCE = 10_000
SHORTEST = 0.005  # seconds: less is lost in how long a process takes to start


def figures(library: Library, sizes: list[int], times: int) -> Iterator[Figure]:
    """Each table scored and copied in turn; a process's start, which a table without rows costs
    too, is left out."""
    with tempfile.TemporaryDirectory() as folder:
        files = {rows: Path(folder, f"{rows}.csv") for rows in [0, *sizes]}
        for rows, file in files.items():
            _write(library, file, rows)
        start = _in_turn(files[0], times)
        for rows in sizes:
            cost = _in_turn(files[rows], times)
            net = {way: cost[way]["seconds"] - start[way]["seconds"] for way in WAYS}
            told = min(net.values()) > SHORTEST
            yield Figure(
                "proms score, CSV to CSV",
                rows,
                net["score"] if told else None,
                "csv copying it",
                net["copy"] / net["score"] if told else 0.0,
                "memory flat",
                round(cost["score"]["peak"] / 1024),
            )


def _write(library: Library, file: Path, rows: int) -> None:
    items = compiled(library.instrument("qlq-c30")).items
    forms = answered(library.instrument("qlq-c30"), rows)
    texts = np.array(["", *map(str, range(1, 8))], dtype=object)
    with file.open("w") as out:
        out.write(",".join(["usubjid", *items]) + "\n")
        for start in range(0, rows, AT_ONCE):
            block = texts[np.nan_to_num(forms[start : start + AT_ONCE]).astype(int)]
            out.writelines(f"P{start + n:07},{','.join(row)}\n" for n, row in enumerate(block))


def _cost(way: str, table: BinaryIO) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.measured", way]
    told = subprocess.run(
        command, stdin=table, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True
    )
    cost: dict[str, float] = json.loads(told.stderr)
    return cost


def _in_turn(file: Path, times: int) -> dict[str, dict[str, float]]:
    """The median processor seconds and peak memory (KB) of each way."""
    costs: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(times):
        for way in WAYS:
            with file.open("rb") as table:
                costs[way].append(_cost(way, table))
    return {
        way: {key: median(cost[key] for cost in each) for key in each[0]}
        for way, each in costs.items()
    }
