"""Read a laboratory's file, cell by cell, with every fault in it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from proms.content.csv_table import Columns, Misread, TableLine, day, lines, short
from proms.domain.history_import.fault import Fault, FaultCode
from proms.domain.laboratory import ValueFault, read_amount
from proms.domain.laboratory.rows import COLUMNS, LabFault, LabRow, of_table
from proms.domain.plain_text import LONGEST_LINE, LONGEST_REASON

NEEDED = frozenset(COLUMNS) - {"reason"}
LONGEST_WORD = 64
AMOUNTS = ("value", "uln")


@dataclass(frozen=True)
class LabTable:
    """Every row of a file, what is wrong with its cells, and the hash that names the file."""

    rows: tuple[LabRow, ...]
    faults: tuple[LabFault, ...]
    sha256: str


def read_lab_table(raw: bytes, *, day_first: bool = False) -> LabTable:
    """The table in a file: commas or semicolons, UTF-8, columns in any order; decimals stand after
    a point, whatever stands between the cells."""
    faults: list[LabFault] = []
    of_file: list[Fault] = []
    rows = [
        _row(line, faults, day_first=day_first)
        for line in lines(raw, Columns(COLUMNS, NEEDED), of_file)
    ]
    every = sorted([*map(of_table, of_file), *faults], key=lambda fault: fault.line)
    return LabTable(tuple(rows), tuple(every), hashlib.sha256(raw).hexdigest())


def _row(line: TableLine, faults: list[LabFault], *, day_first: bool) -> LabRow:
    readers: dict[str, Callable[[str], Any]] = {
        "patient": lambda text: short(text, LONGEST_LINE),
        "date": lambda text: day(text, day_first),
        "test": lambda text: short(text, LONGEST_WORD),
        "unit": lambda text: short(text, LONGEST_WORD),
        "reason": lambda text: short(text, LONGEST_REASON),
    }
    cells: dict[str, Any] = {}
    wrong: dict[str, LabFault] = {}
    for column, read in readers.items():
        try:
            cells[column] = _cell(column, line.cells.get(column, ""), read)
        except Misread as misread:
            wrong[column] = LabFault(line.number, column, misread.code, misread.slots)
    for column in AMOUNTS:
        amount = _amount(column, line.cells.get(column, ""))
        if isinstance(amount, Decimal):
            cells[column] = amount
        else:
            wrong[column] = LabFault(line.number, column, *amount)
    faults += wrong.values()
    return LabRow(
        line.number,
        patient=cells.get("patient") or "",
        test=cells.get("test") or "",
        taken_on=cells.get("date"),
        value=cells.get("value"),
        unit=cells.get("unit") or "",
        upper_limit=cells.get("uln"),
        reason=cells.get("reason"),
        wrong=frozenset(wrong),
    )


def _cell(column: str, text: str, read: Callable[[str], Any]) -> Any:
    if text:
        return read(text)
    # Which unit is expected is said once the test is known.
    if column in NEEDED and column != "unit":
        raise Misread(FaultCode.NEEDED)
    return None


def _amount(column: str, text: str) -> Decimal | tuple[FaultCode | ValueFault, dict[str, str]]:
    """The number, or the fault in its place."""
    if not text:
        if column == "uln":
            return ValueFault.NO_UPPER_LIMIT, {}
        return FaultCode.NEEDED, {}
    amount = read_amount(text, comma=False)
    if isinstance(amount, Decimal):
        return amount
    return amount, {"example": "12.5"} if amount is ValueFault.NOT_AN_AMOUNT else {}
