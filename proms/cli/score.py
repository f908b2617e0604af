"""`proms score INSTRUMENT FILE.csv`: item columns in, scale columns out, row by row in constant
memory."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from types import SimpleNamespace
from typing import IO, TextIO, cast

import click
import numpy as np

from proms.cli.edge import guarded
from proms.content import load
from proms.domain.instrument import Instrument, Item
from proms.domain.score import Floats, Scorer, compiled
from proms.refusal import Refusal
from proms.settings import HOME

BLOCK = 2_000  # rows at a time: few enough to stay in a processor's cache
NOTHING = np.inf  # no scale's score
REMEMBERED = 50_000


class BadTable(Refusal):
    """The table cannot be scored; the text says where and why."""

    code = "bad_table"


@dataclass(frozen=True)
class ScoreTable:
    """Which columns of a table are items, and which are carried through."""

    scorer: Scorer
    allowed: dict[str, dict[str, float]]
    items: list[int | None]  # for each scored item its column, if the table has it
    carried: list[int]
    whole: list[bool]  # for each score whether it is always a whole number
    header: list[str]
    lenient: bool


class Texts(dict[float, str]):
    """How a scale's scores are written: it has few different ones, and the shortest digits of one
    cost time to find."""

    def __init__(self, whole: bool) -> None:
        self.whole = whole

    def __missing__(self, score: float) -> str:
        text = self[score] = (
            "" if score == NOTHING else str(int(score)) if self.whole else repr(score)
        )
        return text

    def of(self, scores: Floats) -> list[str]:
        """The cells of a block's column."""
        if len(self) > REMEMBERED:
            self.clear()
        # No NaN is equal to another, so none would ever be found again.
        return list(map(self.__getitem__, np.where(np.isnan(scores), NOTHING, scores).tolist()))


@click.command()
@click.argument("instrument")
@click.argument("file", type=click.Path(allow_dash=True))
@click.option(
    "--lenient",
    is_flag=True,
    help="Count an answer out of range as missing instead of refusing it.",
)
@guarded
def command(instrument: str, file: str, lenient: bool) -> None:
    """Score FILE.csv (- reads standard input): one row of scales out per row in, same order, other
    columns kept."""
    library = load(HOME)
    if instrument not in library.instruments:
        raise BadTable(
            f"there is no instrument {instrument}; there are: {', '.join(sorted(library.instruments))}"
        )
    known = library.instrument(instrument)
    if not known.scales:
        raise BadTable(f"{instrument} has no scales to score")
    try:
        # Bytes, and decoded here: a mark that a spreadsheet puts before the first name would hide
        # its column.
        with click.open_file(file, "rb") as source, click.open_file("-", "w", "utf-8") as out:
            _score(known, TextIOWrapper(source, "utf-8-sig", newline=""), out, lenient)
    except UnicodeDecodeError:
        raise BadTable(f"{file} is not UTF-8 text") from None
    except csv.Error as error:
        raise BadTable(f"{file} is not a CSV table: {error}") from None
    except BrokenPipeError:
        raise  # whoever reads the scores has read enough; click ends quietly
    except OSError as error:
        raise BadTable(f"{file} cannot be read: {error.strerror}") from None


def _score(instrument: Instrument, lines: TextIO, out: IO[str], lenient: bool) -> None:
    rows = csv.reader(lines, strict=True)
    header = next(rows, None)
    if header is None:
        raise BadTable("the table is empty: a header line is expected")
    sheet = _sheet(instrument, header, lenient)
    out.write(_text(sheet, [header], [",".join(sheet.scorer.codes)]))
    known: list[Texts] = [Texts(whole) for whole in sheet.whole]
    number = 2
    while block := [
        row or [""] for row in islice(rows, BLOCK)
    ]:  # a lone empty cell is written as an empty line
        values, _ = sheet.scorer.score(_matrix(sheet, block, number))
        scores = [texts.of(column) for texts, column in zip(known, values.T, strict=True)]
        out.write(_text(sheet, block, map(",".join, zip(*scores, strict=True))))
        number += len(block)


def _sheet(instrument: Instrument, header: list[str], lenient: bool) -> ScoreTable:
    scorer, scales = compiled(instrument), {scale.code: scale for scale in instrument.scales}
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise BadTable(f"column {twice[0]} stands in the table twice")
    if not any(item in header for item in scorer.items):
        raise BadTable(f"no item column: expected {scorer.items[0]} to {scorer.items[-1]}")
    clash = [name for name in header if name in scorer.codes]
    if clash:
        raise BadTable(f"column {clash[0]} is named like a score; rename it")
    return ScoreTable(
        scorer=scorer,
        allowed={item: {"": np.nan} | _plain(instrument.item(item)) for item in scorer.items},
        items=[header.index(item) if item in header else None for item in scorer.items],
        # An item that no scale counts, such as a filter, is neither scored nor carried.
        carried=[column for column, name in enumerate(header) if name not in instrument.by_code],
        whole=[scales[code].whole for code in scorer.codes],
        header=header,
        lenient=lenient,
    )


def _plain(item: Item) -> dict[str, float]:
    """Each answer as people write it, and as a program that keeps whole numbers as floats does."""
    offered = item.options or range(item.low, item.high + 1)
    return {text: float(option) for option in offered for text in (f"{option}", f"{option}.0")}


def _matrix(sheet: ScoreTable, block: list[list[str]], first: int) -> Floats:
    for offset, row in enumerate(block):
        if len(row) != len(sheet.header):
            raise BadTable(
                f"row {first + offset} has {len(row)} cells, the header {len(sheet.header)}"
            )
    cells = list(zip(*block, strict=True))
    matrix = np.full((len(sheet.items), len(block)), np.nan)
    for place, (item, column) in enumerate(zip(sheet.scorer.items, sheet.items, strict=True)):
        if column is not None:
            matrix[place] = _numbers(sheet, item, cells[column], first)
    return matrix.T


def _numbers(sheet: ScoreTable, item: str, cells: tuple[str, ...], first: int) -> Floats:
    try:
        return np.fromiter(map(sheet.allowed[item].__getitem__, cells), np.float64, len(cells))
    except KeyError:
        return np.array(
            [_number(sheet, item, cell, first + offset) for offset, cell in enumerate(cells)]
        )


def _number(sheet: ScoreTable, item: str, cell: str, row: int) -> float:
    offered = sheet.allowed[item]
    found = offered.get(cell.strip())
    if found is not None:
        return found
    if sheet.lenient:
        return np.nan
    first, *_, last = sorted(filter(np.isfinite, offered.values()))
    raise BadTable(
        f"row {row}, column {item}: {cell!r} is not an answer from {first:g} to {last:g}"
    )


def _text(sheet: ScoreTable, block: list[list[str]], scores: Iterable[str]) -> str:
    """A line a row: what is carried, quoted where that is needed, then the scores, which never need
    it."""
    if not sheet.carried:
        return "".join(f"{each}\n" for each in scores)
    carried: list[str] = []
    # Whoever has `write` is a file to csv. A line ends in an empty cell, for the comma that the
    # scores follow, and in CR LF, which is taken off again: csv only quotes a cell for the line
    # ends that it writes itself.
    into = cast(IO[str], SimpleNamespace(write=carried.append))
    csv.writer(into).writerows([row[column] for column in sheet.carried] + [""] for row in block)
    return "".join(f"{before[:-2]}{after}\n" for before, after in zip(carried, scores, strict=True))
