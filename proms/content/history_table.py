"""Read a table of cycles and milestones as a hospital's system writes it, cell by cell, with every
fault in it."""

import csv
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from io import StringIO
from typing import Any, NamedTuple, TypeVar

from proms.domain.history_import.row import Fault, ImportRow, _l
from proms.domain.schedule.history import HIGHEST_DOSE, HIGHEST_NUMBER, CycleStatus, EntryKind

COLUMNS = (
    "patient",
    "what",
    "kind",
    "number",
    "planned",
    "day_1",
    "status",
    "drugs",
    "dose_percent",
    "arm",
    "date",
    "reason",
)
FIELDS = {"date": "on"}
NEEDED = ("patient", "what", "kind")
CYCLE = frozenset({"number", "planned", "day_1", "status", "drugs", "dose_percent"})
USED = {
    EntryKind.MILESTONE: frozenset({"number", "arm", "date"}),
    EntryKind.CYCLE: CYCLE,
    EntryKind.REGIMEN: frozenset[str](),
    EntryKind.STOP: frozenset({"date"}),
}
TEMPLATE = """\
patient,what,kind,number,planned,day_1,status,drugs,dose_percent,arm,date,reason
K7M2QX,milestone,randomisation,,,,,,,B,2026-01-12,
K7M2QX,regimen,fudr,,,,,,,,,
K7M2QX,milestone,pump_surgery,,,,,,,,2026-02-02,
K7M2QX,cycle,pump,1,2026-03-02,2026-03-09,given,floxuridine,80,,,
K7M2QX,cycle,pump,2,2026-04-06,,planned,,,,,
K7M2QX,milestone,panel,1,,,,,,,2026-05-04,
K7M2QX,stop,pump,,,,,,,,2026-08-01,
"""
YEAR_FIRST = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
YEAR_LAST = re.compile(r"(\d\d?)([-/])(\d\d?)\2(\d{4})", re.ASCII)
MONTHS = 12
LONGEST_NAME, LONGEST_REASON = 200, 500
W = TypeVar("W", bound=StrEnum)


@dataclass(frozen=True)
class HistoryTable:
    """Every row of a file, what is wrong with its cells, and the hash that names the file."""

    rows: tuple[ImportRow, ...]
    faults: tuple[Fault, ...]
    sha256: str


class Misread(Exception):
    """A cell that does not read; the text says what it should be."""

    def __init__(self, sentence: str, **slots: str | int) -> None:
        super().__init__(sentence)
        self.sentence, self.slots = sentence, slots


class TableLine(NamedTuple):
    """One line of the file, its cells by column."""

    number: int
    cells: Mapping[str, str]


def read_table(raw: bytes, *, day_first: bool = False) -> HistoryTable:
    """The table in a file: commas or semicolons, UTF-8, columns in any order.

    `day_first` says that dates with the year last, as in 31-12-2026, begin with the day; else they
    are read only where they can be nothing else.
    """
    faults: list[Fault] = []
    rows = [_row(line, day_first, faults) for line in _lines(raw, faults)]
    return HistoryTable(tuple(rows), tuple(faults), hashlib.sha256(raw).hexdigest())


def _lines(raw: bytes, faults: list[Fault]) -> Iterator[TableLine]:
    """The lines below the header; a line of empty cells is none."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        faults.append(Fault(1, "", _l("This is not UTF-8 text. Save the file as CSV UTF-8.")))
        return
    if "\0" in text:
        faults.append(Fault(1, "", _l("This is not a CSV file.")))
        return
    first = text.partition("\n")[0]
    reader = csv.reader(
        StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True
    )
    begins = 1
    try:
        header = _without_empty_end([name.strip().casefold() for name in next(reader, [])], 0)
        wrong = tuple(_header_faults(header))
        faults.extend(wrong)
        while not wrong:
            begins = reader.line_num + 1
            cells = _without_empty_end([cell.strip() for cell in next(reader)], len(header))
            if len(cells) != len(header) and any(cells):
                sentence = _l("This line has %(cells)s cells and the first line %(columns)s.")
                faults.append(
                    Fault(begins, "", sentence, {"cells": len(cells), "columns": len(header)})
                )
            elif any(cells):
                yield TableLine(begins, dict(zip(header, cells, strict=True)))
    except StopIteration:
        return
    except csv.Error:
        faults.append(
            Fault(
                begins,
                "",
                _l("From this line on the file is not CSV: look for a stray quotation mark."),
            )
        )


def _without_empty_end(cells: list[str], least: int) -> list[str]:
    """A spreadsheet may write empty cells after the last column."""
    while len(cells) > least and not cells[-1]:
        cells = cells[:-1]
    return cells


def _header_faults(header: list[str]) -> Iterator[Fault]:
    known = {"known": ", ".join(COLUMNS)}
    if not set(header) <= set(COLUMNS):
        yield Fault(
            1,
            "",
            _l("The first line names a column that is not known. Known are: %(known)s."),
            known,
        )
    for name in COLUMNS:
        if header.count(name) > 1:
            yield Fault(1, name, _l("This column stands in the file twice."))
        if name in NEEDED and name not in header:
            yield Fault(1, name, _l("This column is missing."))


def _row(line: TableLine, day_first: bool, faults: list[Fault]) -> ImportRow:
    """The line as far as it reads; each cell that does not is a fault."""
    fields: dict[str, Any] = {"what": None, "patient": "", "kind": ""}
    wrong = set()
    unused = _unused(line.cells["what"])
    for column, reads in _readers(day_first).items():
        text = line.cells.get(column, "")
        try:
            if text and column in unused:
                raise Misread(_l("A row of this kind has nothing here: leave this empty."))
            if not text and column in NEEDED:
                raise Misread(_l("This is needed here."))
            if text:
                fields[FIELDS.get(column, column)] = reads(text)
        except Misread as misread:
            wrong.add(column)
            faults.append(Fault(line.number, column, misread.sentence, misread.slots))
    return ImportRow(line.number, **fields, wrong=frozenset(wrong))


def _unused(what: str) -> frozenset[str]:
    """The columns that a row of this kind leaves empty."""
    used = USED.get(what.casefold())  # type: ignore[call-overload]
    return frozenset() if used is None else frozenset(COLUMNS) - {*NEEDED, "reason"} - used


def _readers(day_first: bool) -> dict[str, Callable[[str], object]]:
    def day(text: str) -> date:
        return _day(text, day_first)

    return {
        "patient": lambda text: _short(text, LONGEST_NAME),
        "what": lambda text: _word(text, EntryKind),
        "kind": str,
        "number": lambda text: _whole(text, 1, HIGHEST_NUMBER),
        "planned": day,
        "day_1": day,
        "status": lambda text: _word(text, CycleStatus),
        "drugs": lambda text: tuple(dict.fromkeys(text.split())),
        "dose_percent": lambda text: _whole(text, 0, HIGHEST_DOSE),
        "arm": str,
        "date": day,
        "reason": lambda text: _short(text, LONGEST_REASON),
    }


def _day(text: str, day_first: bool) -> date:
    if found := YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := YEAR_LAST.fullmatch(text):
        day, month, year = int(found[1]), int(found[3]), int(found[4])
        if not day_first and day <= MONTHS and month <= MONTHS and day != month:
            raise Misread(
                _l(
                    "This may be one of two dates: write 2026-12-31, or say that dates in the file begin with the day."
                )
            )
    else:
        raise Misread(_l("This is not a date such as 2026-12-31."))
    try:
        return date(year, month, day)
    except ValueError:
        raise Misread(_l("This is not a date such as 2026-12-31.")) from None


def _whole(text: str, lowest: int, highest: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and lowest <= int(text) <= highest):
        raise Misread(
            _l("Write a whole number from %(lowest)s to %(highest)s."),
            lowest=lowest,
            highest=highest,
        )
    return int(text)


def _word(text: str, vocabulary: type[W]) -> W:
    try:
        return vocabulary(text.casefold())
    except ValueError:
        raise Misread(
            _l("Write one of these words: %(known)s."), known=", ".join(vocabulary)
        ) from None


def _short(text: str, longest: int) -> str:
    said = " ".join(text.split())
    if len(said) > longest:
        raise Misread(_l("This is longer than %(longest)s characters."), longest=longest)
    return said
