"""Read a table of cycles and milestones as a hospital's system writes it, cell by cell, with every
fault in it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from proms.content.csv_table import Columns, Misread, TableLine, day, lines, short, whole, word
from proms.domain.history_import.example import COLUMNS
from proms.domain.history_import.fault import Fault, FaultCode
from proms.domain.history_import.row import ImportRow
from proms.domain.plain_text import LONGEST_LINE, LONGEST_REASON
from proms.domain.schedule.history import HIGHEST_DOSE, HIGHEST_NUMBER, CycleStatus, EntryKind

FIELDS = {"date": "on"}  # of an ImportRow, where it has another name than the column
NEEDED = ("patient", "what", "kind")
COLUMNS_OF_HISTORY = Columns(COLUMNS, NEEDED)
# What each kind of row may fill in, besides the columns every row has.
USED: Mapping[EntryKind, frozenset[str]] = {
    EntryKind.MILESTONE: frozenset({"number", "arm", "date"}),
    EntryKind.CYCLE: frozenset(
        {"number", "planned", "day_1", "status", "regimen", "drugs", "dose_percent"}
    ),
    EntryKind.REGIMEN: frozenset(),
    EntryKind.STOP: frozenset({"date"}),
}
Readers = Mapping[str, Callable[[str], object]]  # by column: the value a cell stands for


@dataclass(frozen=True)
class HistoryTable:
    """Every row of a file, what is wrong with its cells, and the hash that names the file."""

    rows: tuple[ImportRow, ...]
    faults: tuple[Fault, ...]
    sha256: str


def read_table(raw: bytes, *, day_first: bool = False) -> HistoryTable:
    """The table in a file: commas or semicolons, UTF-8, columns in any order.

    `day_first` says that dates with the year last, as in 31-12-2026, begin with the day; else they
    are read only where they can be nothing else.
    """
    faults: list[Fault] = []
    readers = _readers(day_first)
    rows = [_row(line, readers, faults) for line in lines(raw, COLUMNS_OF_HISTORY, faults)]
    return HistoryTable(tuple(rows), tuple(faults), hashlib.sha256(raw).hexdigest())


def _row(line: TableLine, readers: Readers, faults: list[Fault]) -> ImportRow:
    """The line as far as it reads; each cell that does not is a fault."""
    fields: dict[str, Any] = {"what": None, "patient": "", "kind": ""}
    wrong = set()
    unused = _unused(line.cells["what"])
    for column, read in readers.items():
        text = line.cells.get(column, "")
        try:
            if text and column in unused:
                raise Misread(FaultCode.NOT_USED)
            if not text and column in NEEDED:
                raise Misread(FaultCode.NEEDED)
            if text:
                fields[FIELDS.get(column, column)] = read(text)
        except Misread as misread:
            wrong.add(column)
            faults.append(Fault(line.number, column, misread.code, misread.slots))
    return ImportRow(line.number, **fields, wrong=frozenset(wrong))


def _unused(what: str) -> frozenset[str]:
    """The columns that a row of this kind leaves empty; none where the kind does not read."""
    kind = what.casefold()
    if kind not in set(USED):
        return frozenset()
    return frozenset(COLUMNS) - {*NEEDED, "reason"} - USED[EntryKind(kind)]


def _readers(day_first: bool) -> Readers:
    def on(text: str) -> date:
        return day(text, day_first)

    return {
        "patient": lambda text: short(text, LONGEST_LINE),
        "what": lambda text: word(text, EntryKind, USED),
        "kind": str,
        "number": lambda text: whole(text, 1, HIGHEST_NUMBER),
        "planned": on,
        "day_1": on,
        "status": lambda text: word(text, CycleStatus, CycleStatus),
        "regimen": str,
        "drugs": lambda text: tuple(dict.fromkeys(text.split())),
        "dose_percent": lambda text: whole(text, 0, HIGHEST_DOSE),
        "arm": str,
        "date": on,
        "reason": lambda text: short(text, LONGEST_REASON),
    }
