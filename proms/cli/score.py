"""`proms score INSTRUMENT FILE.csv`: item columns in, scale columns out, row by row in constant
memory."""

import csv
from collections.abc import Iterable, Iterator
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
    values: dict[str, dict[str, float]]  # item -> what a cell may hold -> its number
    columns: list[int | None]  # for each scored item its column, if the table has it
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
        if score == NOTHING:
            text = ""
        elif self.whole:
            text = str(int(score))
        else:
            text = repr(score)
        self[score] = text
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
    scored = library.instrument(instrument)
    if not scored.scales:
        raise BadTable(f"{instrument} has no scales to score")
    try:
        # Bytes, and decoded here: a mark that a spreadsheet puts before the first name would hide
        # its column.
        with click.open_file(file, "rb") as source, click.open_file("-", "w", "utf-8") as out:
            _score(scored, TextIOWrapper(source, "utf-8-sig", newline=""), out, lenient)
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
    table = _table(instrument, header, lenient)
    out.write(_lines(table, [header], [",".join(table.scorer.codes)]))
    texts = [Texts(whole) for whole in table.whole]
    first_row = 2  # the header is row 1
    for block in _blocks(rows):
        values, _ = table.scorer.score(_matrix(table, block, first_row))
        columns = [text.of(scores) for text, scores in zip(texts, values.T, strict=True)]
        out.write(_lines(table, block, map(",".join, zip(*columns, strict=True))))
        first_row += len(block)


def _blocks(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    """The rows, some at a time, until there are no more."""
    while True:
        # A table of one column writes an empty cell as an empty line, which csv reads as no cells.
        block = [row or [""] for row in islice(rows, BLOCK)]
        if not block:
            return
        yield block


def _table(instrument: Instrument, header: list[str], lenient: bool) -> ScoreTable:
    scorer = compiled(instrument)
    _refuse_header(header, scorer)
    columns: dict[str, int] = {name: column for column, name in enumerate(header)}
    scales = {scale.code: scale for scale in instrument.scales}
    return ScoreTable(
        scorer=scorer,
        values={item: _values(instrument.item(item)) for item in scorer.items},
        columns=[columns.get(item) for item in scorer.items],
        # An item that no scale counts, such as a filter, is neither scored nor carried.
        carried=[column for name, column in columns.items() if name not in instrument.by_code],
        whole=[scales[code].whole for code in scorer.codes],
        header=header,
        lenient=lenient,
    )


def _refuse_header(header: list[str], scorer: Scorer) -> None:
    twice = {name for name in header if header.count(name) > 1}
    if twice:
        raise BadTable(f"column {min(twice)} stands in the table twice")
    if not any(item in header for item in scorer.items):
        raise BadTable(f"no item column: expected {scorer.items[0]} to {scorer.items[-1]}")
    for name in header:
        if name in scorer.codes:
            raise BadTable(f"column {name} is named like a score; rename it")


def _values(item: Item) -> dict[str, float]:
    """Each answer as people write it, and as a program that keeps whole numbers as floats does; an
    empty cell is none."""
    values = {"": np.nan}
    for option in item.options or range(item.low, item.high + 1):
        values[f"{option}"] = float(option)
        values[f"{option}.0"] = float(option)
    return values


def _matrix(table: ScoreTable, block: list[list[str]], first_row: int) -> Floats:
    """The numbers of a block: a row a response, a column a scored item; NaN where there is none."""
    for row_number, row in enumerate(block, start=first_row):
        if len(row) != len(table.header):
            raise BadTable(f"row {row_number} has {len(row)} cells, the header {len(table.header)}")
    cells = list(zip(*block, strict=True))
    # Filled item by item, so that each fill is of memory that lies together; turned round at the
    # end, which copies nothing.
    matrix = np.full((len(table.columns), len(block)), np.nan)
    for place, column in enumerate(table.columns):
        if column is not None:
            matrix[place] = _numbers(table, table.scorer.items[place], cells[column], first_row)
    return matrix.T


def _numbers(table: ScoreTable, item: str, cells: tuple[str, ...], first_row: int) -> Floats:
    """The numbers in a column: all at once if every cell is as it should be, else one by one."""
    try:
        return np.fromiter(map(table.values[item].__getitem__, cells), np.float64, len(cells))
    except KeyError:
        rows = enumerate(cells, start=first_row)
        return np.array([_number(table, item, cell, row) for row, cell in rows])


def _number(table: ScoreTable, item: str, cell: str, row: int) -> float:
    values = table.values[item]
    number = values.get(cell.strip())
    if number is not None:
        return number
    if table.lenient:
        return np.nan
    offered = [number for number in values.values() if np.isfinite(number)]
    raise BadTable(
        f"row {row}, column {item}: {cell!r} is not an answer "
        f"from {min(offered):g} to {max(offered):g}"
    )


def _lines(table: ScoreTable, block: list[list[str]], scores: Iterable[str]) -> str:
    """A line a row: what is carried, quoted where that is needed, then the scores, which never need
    it."""
    if not table.carried:
        return "".join(f"{text}\n" for text in scores)
    carried: list[str] = []
    # Whoever has `write` is a file to csv. A line ends in an empty cell, for the comma that the
    # scores follow, and in CR LF, which is taken off again: csv only quotes a cell for the line
    # ends that it writes itself.
    into = cast(IO[str], SimpleNamespace(write=carried.append))
    csv.writer(into).writerows([row[column] for column in table.carried] + [""] for row in block)
    return "".join(f"{before[:-2]}{after}\n" for before, after in zip(carried, scores, strict=True))
