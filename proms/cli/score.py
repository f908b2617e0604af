"""`proms score INSTRUMENT FILE.csv`: item columns in, scale columns out, row by row in constant memory."""

import csv
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

import click
import numpy as np

from proms.cli.edge import guarded
from proms.content import load
from proms.domain.instrument import Instrument
from proms.domain.score import Scorer, compiled
from proms.refusal import Refusal
from proms.settings import HOME

BLOCK = 10_000


class BadTable(Refusal):
    """The table cannot be scored; the text says where and why."""

    code = "bad_table"


@dataclass(frozen=True)
class Sheet:
    """Which columns of a table are items, and which are carried through."""

    scorer: Scorer
    allowed: dict[str, dict[str, float]]
    items: list[int | None]  # for each scored item its column, if the table has it
    carried: list[int]
    header: list[str]
    lenient: bool


@click.command()
@click.argument("instrument")
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--lenient", is_flag=True, help="Count an answer out of range as missing instead of refusing it.")
@guarded
def command(instrument: str, file: str, lenient: bool) -> None:
    """Score FILE.csv (- reads standard input): one row of scales out per row in, same order, other columns kept."""
    library = load(HOME)
    if instrument not in library.instruments:
        raise BadTable(f"there is no instrument {instrument}; there are: {', '.join(sorted(library.instruments))}")
    known = library.instrument(instrument)
    if not known.scales:
        raise BadTable(f"{instrument} has no scales to score")
    try:
        source = nullcontext(sys.stdin) if file == "-" else open(file, encoding="utf-8-sig", newline="")
        with source as lines:
            _score(known, lines, lenient)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadTable(f"{file} cannot be read: {error}") from None


def _score(instrument: Instrument, lines: TextIO, lenient: bool) -> None:
    rows = csv.reader(lines, strict=True)
    header = next(rows, None)
    if header is None:
        raise BadTable("the table is empty: a header line is expected")
    sheet = _sheet(instrument, header, lenient)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow([header[column] for column in sheet.carried] + list(sheet.scorer.codes))
    number = 2
    while block := list(islice(rows, BLOCK)):
        values, _ = sheet.scorer.score(_matrix(sheet, block, number))
        out.writerows(_written(sheet, block, values))
        number += len(block)


def _sheet(instrument: Instrument, header: list[str], lenient: bool) -> Sheet:
    scorer = compiled(instrument)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise BadTable(f"column {twice[0]} stands in the table twice")
    if not any(item in header for item in scorer.items):
        raise BadTable(f"no item column: expected {scorer.items[0]} to {scorer.items[-1]}")
    clash = [name for name in header if name in scorer.codes]
    if clash:
        raise BadTable(f"column {clash[0]} is named like a score; rename it")
    return Sheet(
        scorer=scorer,
        allowed={item: {str(each): float(each) for each in instrument.item(item).options} for item in scorer.items},
        items=[header.index(item) if item in header else None for item in scorer.items],
        carried=[column for column, name in enumerate(header) if name not in scorer.items],
        header=header,
        lenient=lenient,
    )


def _matrix(sheet: Sheet, block: list[list[str]], first: int) -> np.ndarray:
    for offset, row in enumerate(block):
        if len(row) != len(sheet.header):
            raise BadTable(f"row {first + offset} has {len(row)} cells, the header {len(sheet.header)}")
    matrix = np.full((len(block), len(sheet.items)), np.nan)
    for place, (item, column) in enumerate(zip(sheet.scorer.items, sheet.items, strict=True)):
        if column is not None:
            matrix[:, place] = [_number(sheet, item, row[column], first + n) for n, row in enumerate(block)]
    return matrix


def _number(sheet: Sheet, item: str, cell: str, row: int) -> float:
    found = sheet.allowed[item].get(cell)
    if found is not None:
        return found
    text = cell.strip()
    if not text:
        return np.nan
    found = sheet.allowed[item].get(text.removesuffix(".0"))
    if found is None and not sheet.lenient:
        offered = list(sheet.allowed[item])
        raise BadTable(f"row {row}, column {item}: {cell!r} is not an answer from {offered[0]} to {offered[-1]}")
    return np.nan if found is None else found


def _written(sheet: Sheet, block: list[list[str]], values: np.ndarray) -> Iterator[list[str]]:
    for row, scores in zip(block, values.tolist(), strict=True):
        yield [row[column] for column in sheet.carried] + ["" if score != score else repr(score) for score in scores]
