"""`proms score INSTRUMENT FILE.csv`: item columns in, scale columns out, row by row in constant
memory."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from types import SimpleNamespace
from typing import IO, Any, TextIO, cast

import click
import numpy as np

from proms.cli.edge import guarded, say
from proms.content import load
from proms.domain.instrument import Instrument, Item
from proms.domain.score import Floats, Scorer, compiled
from proms.refusal import Refusal
from proms.settings import HOME

BLOCK = 2_000  # rows at a time: few enough to stay in a processor's cache
NOTHING = np.inf  # no scale's score
REMEMBERED = 50_000


TAB = "tab"  # on a command line
SEPARATORS = ",;\t"
LONGEST_HEADER = 1_000_000  # characters
COUNT = "_N"  # the end of the name of a count, as in the export


class BadTable(Refusal):
    """The table cannot be scored; the text says where and why."""

    code = "bad_table"


@dataclass(frozen=True)
class Wishes:
    """How whoever asks for scores wants the table read and written."""

    separator: str | None = None  # None: the one under which the header names items
    decimal: str | None = None  # None: a comma beside semicolons, else a point
    missing: tuple[str, ...] = ()  # cells that count as no answer, besides empty ones
    absent_missing: bool = False  # an item without a column has no answer, and is not refused
    lenient: bool = False
    counts: bool = False


@dataclass(frozen=True)
class Header:
    """The names of the columns, how the table's lines are written, and the row they stand on."""

    names: list[str]
    separator: str
    row: int


@dataclass(frozen=True)
class ScoreTable:
    """Which columns of a table are items, and which are carried through."""

    scorer: Scorer
    values: dict[str, dict[str, float]]  # item -> what a cell may hold -> its number
    columns: list[int | None]  # for each scored item its column, if the table has it
    carried: list[int]
    whole: list[bool]  # for each score whether it is always a whole number
    header: Header
    wishes: Wishes

    @property
    def decimal(self) -> str:
        """Beside semicolons a comma is the decimal mark, as spreadsheets write in Dutch."""
        return self.wishes.decimal or ("," if self.header.separator == ";" else ".")

    @property
    def added(self) -> list[str]:
        """The names of the columns that come out behind those that are carried."""
        counts = [f"{code}{COUNT}" for code in self.scorer.codes] if self.wishes.counts else []
        return [*self.scorer.codes, *counts]


class Texts(dict[float, str]):
    """How a scale's scores are written: it has few different ones, and the shortest digits of one
    cost time to find."""

    def __init__(self, whole: bool, decimal: str) -> None:
        self.whole = whole
        self.decimal = decimal

    def __missing__(self, score: float) -> str:
        if score == NOTHING:
            text = ""
        elif self.whole:
            text = str(int(score))
        else:
            text = repr(score).replace(".", self.decimal)
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
    "--missing",
    metavar="LIST",
    default="",
    callback=lambda _context, _option, cells: tuple(cell.strip() for cell in cells.split(",")),
    help='Cells that mean no answer, with commas between, as in "NA,.,9"; an empty cell always does.',
)
@click.option(
    "--absent-missing",
    is_flag=True,
    help="Count an item that has no column as not answered instead of refusing the table.",
)
@click.option(
    "--lenient",
    is_flag=True,
    help="Count an answer out of range as missing instead of refusing it.",
)
@click.option("--counts", is_flag=True, help="Add, for each scale, how many items were answered.")
@click.option(
    "--sep",
    "separator",
    type=click.Choice([",", ";", TAB]),
    callback=lambda _context, _option, separator: "\t" if separator == TAB else separator,
    help="What stands between cells, in and out [default: the one under which items are found].",
)
@click.option(
    "--decimal",
    type=click.Choice([",", "."]),
    help="The decimal mark of the scores [default: a comma beside semicolons, else a point].",
)
@guarded
def command(instrument: str, file: str, **wishes: Any) -> None:
    """Score FILE.csv (- reads standard input): one row of scales out per row in, same order, other
    columns kept.

    Columns are items by name, whatever the case, blanks and leading zeros (Q3, q03). An item that
    has no column is refused, so that a misspelt name is not a missing answer.
    """
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
            _score(scored, TextIOWrapper(source, "utf-8-sig", newline=""), out, Wishes(**wishes))
    except UnicodeDecodeError:
        raise BadTable(f"{file} is not UTF-8 text") from None
    except csv.Error as error:
        raise BadTable(f"{file} is not a CSV table: {error}") from None
    except BrokenPipeError:
        raise  # whoever reads the scores has read enough; click ends quietly
    except OSError as error:
        raise BadTable(f"{file} cannot be read: {error.strerror}") from None


def _score(instrument: Instrument, lines: TextIO, out: IO[str], wishes: Wishes) -> None:
    header = _header(lines, compiled(instrument), wishes)
    rows = csv.reader(lines, delimiter=header.separator, strict=True)
    table = _table(instrument, header, wishes)
    comma = header.separator
    out.write(_lines(table, [header.names], [comma.join(table.added)]))
    texts = [Texts(whole, table.decimal) for whole in table.whole]
    first_row = header.row + 1
    for block in _blocks(rows, header):
        values, counts = table.scorer.score(_matrix(table, block, first_row))
        columns = [text.of(scores) for text, scores in zip(texts, values.T, strict=True)]
        if wishes.counts:
            columns += [list(map(str, answered.tolist())) for answered in counts.T]
        out.write(_lines(table, block, map(comma.join, zip(*columns, strict=True))))
        first_row += len(block)


def _header(lines: TextIO, scorer: Scorer, wishes: Wishes) -> Header:
    """The first line, or the second where a spreadsheet was told the separator by the first."""
    text = _record(lines)
    row = 1
    separator = wishes.separator
    told = re.fullmatch(r"sep=(.)\s*", text, re.IGNORECASE)
    if told:
        separator = separator or told[1]
        text = _record(lines)
        row = 2
    if not text.strip():
        raise BadTable("the table is empty: a header line is expected")
    known = set(map(_plain, scorer.items))
    for tried in separator or SEPARATORS:
        try:
            names = next(csv.reader([text], delimiter=tried, strict=True))
        except csv.Error:
            continue  # quotes that make no sense with this one
        if known & set(map(_plain, names)):
            return Header(names, tried, row)
    raise BadTable(f"no item column: expected {scorer.items[0]} to {scorer.items[-1]}")


def _record(lines: TextIO) -> str:
    """The next line, with those that a quoted name goes on in."""
    text = lines.readline()
    while text.count('"') % 2 and len(text) < LONGEST_HEADER and (more := lines.readline()):
        text += more
    return text


def _plain(name: str) -> str:
    """A column's name whatever its case, blanks and leading zeros: ` Q03` is q3."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", "".join(name.split()).casefold())


def _blocks(rows: Iterator[list[str]], header: Header) -> Iterator[list[list[str]]]:
    """The rows, some at a time, until there are no more; blank lines at the end are none."""
    first_row = header.row + 1
    while block := list(islice(rows, BLOCK)):
        if len(header.names) == 1:
            # A table of one column writes an empty cell as an empty line, which csv reads as no
            # cells.
            yield [row or [""] for row in block]
            continue
        end = len(block)
        while end and _blank(block[end - 1]):
            end -= 1
        if end:
            yield block[:end]
        if end < len(block) and not all(map(_blank, rows)):
            raise BadTable(f"row {first_row + end} is empty, and more rows follow")
        first_row += len(block)


def _blank(row: list[str]) -> bool:
    return not row or (len(row) == 1 and not row[0].strip())


def _table(instrument: Instrument, header: Header, wishes: Wishes) -> ScoreTable:
    scorer = compiled(instrument)
    scales = {scale.code: scale for scale in instrument.scales}
    columns = _item_columns(header.names, instrument)
    items = set(columns.values())
    carried = [column for column, _ in enumerate(header.names) if column not in items]
    table = ScoreTable(
        scorer=scorer,
        values={},
        columns=[columns.get(item) for item in scorer.items],
        # An item that no scale counts, such as a filter, is neither scored nor carried.
        carried=carried,
        whole=[scales[code].whole for code in scorer.codes],
        header=header,
        wishes=wishes,
    )
    _refuse_names([header.names[column] for column in carried], table.added)
    _refuse_absent(table)
    for item in scorer.items:
        table.values[item] = _values(instrument.item(item), table)
    return table


def _item_columns(names: list[str], instrument: Instrument) -> dict[str, int]:
    """The column of each item that has one; raises BadTable where two say they are one item."""
    items = {_plain(item): item for item in instrument.by_code}
    found: dict[str, list[int]] = defaultdict(list)
    for column, name in enumerate(names):
        if item := items.get(_plain(name)):
            found[item].append(column)
    for item, columns in found.items():
        if len(columns) > 1:
            one, other = (names[column] for column in columns[:2])
            if one == other:
                raise BadTable(f"column {one} stands in the table twice")
            raise BadTable(f"columns {one!r} and {other!r} are both item {item}")
    return {item: column for item, (column,) in found.items()}


def _refuse_names(carried: list[str], added: list[str]) -> None:
    twice = {name for name in carried if carried.count(name) > 1}
    if twice:
        name = min(twice) or "without a name"
        raise BadTable(f"column {name} stands in the table twice")
    for name in carried:
        if name in added:
            raise BadTable(f"column {name} is named like a score; rename it")


def _refuse_absent(table: ScoreTable) -> None:
    """Raise BadTable where an item has no column, unless that was asked for: then say it."""
    placed = zip(table.scorer.items, table.columns, strict=True)
    absent = ", ".join(item for item, column in placed if column is None)
    if not absent:
        return
    if not table.wishes.absent_missing:
        raise BadTable(
            f"no column for {absent}: look for a misspelt name, or say --absent-missing if "
            "that was not asked"
        )
    say(f"no column for {absent}: counted as not answered.")


def _values(item: Item, table: ScoreTable) -> dict[str, float]:
    """Each answer as people write it, and as a program that keeps whole numbers as floats does; an
    empty cell is none."""
    values = {"": np.nan}
    for option in item.options or range(item.low, item.high + 1):
        for text in _as_written(f"{option}", table.decimal):
            values[text] = float(option)
    for cell in table.wishes.missing:
        for text in _as_written(cell, table.decimal):
            if np.isfinite(values.get(text, np.nan)):
                raise BadTable(f"--missing {cell}: that is an answer to {item.code}")
            values[text] = np.nan
    return values


def _as_written(number: str, decimal: str) -> set[str]:
    """A whole number as text, and as a float's."""
    if not number.lstrip("-").isdecimal():
        return {number}
    return {number, f"{number}.0", f"{number}{decimal}0"}


def _matrix(table: ScoreTable, block: list[list[str]], first_row: int) -> Floats:
    """The numbers of a block: a row a response, a column a scored item; NaN where there is none."""
    width = len(table.header.names)
    for row_number, row in enumerate(block, start=first_row):
        if len(row) != width:
            if _blank(row):
                raise BadTable(f"row {row_number} is empty, and more rows follow")
            raise BadTable(f"row {row_number} has {len(row)} cells, the header {width}")
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
    if table.wishes.lenient:
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
    # Whoever has `write` is a file to csv. A line ends in an empty cell, for the separator that the
    # scores follow, and in CR LF, which is taken off again: csv only quotes a cell for the line
    # ends that it writes itself.
    into = cast(IO[str], SimpleNamespace(write=carried.append))
    writer = csv.writer(into, delimiter=table.header.separator)
    writer.writerows([row[column] for column in table.carried] + [""] for row in block)
    return "".join(f"{before[:-2]}{after}\n" for before, after in zip(carried, scores, strict=True))
