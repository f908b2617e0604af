"""Read a table as a hospital's system writes it: commas or semicolons, UTF-8, columns in any order,
with every fault at its line."""

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from io import StringIO
from typing import NamedTuple, TypeVar

from proms.domain.history_import.fault import Fault, FaultCode
from proms.domain.plain_text import TextFault, line_fault

YEAR_FIRST = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)", re.ASCII)
YEAR_LAST = re.compile(
    r"(?P<day>\d\d?)(?P<mark>[-/])(?P<month>\d\d?)(?P=mark)(?P<year>\d{4})", re.ASCII
)
# What Excel writes above the names when it is told which mark stands between cells.
TOLD_DELIMITER = re.compile(r"\"?sep=(?P<delimiter>[,;\t])\"?[ ,;\t]*(?=\r|\n|\Z)", re.IGNORECASE)
MONTHS = 12
LONGEST_NUMBER = 5  # digits
W = TypeVar("W", bound=StrEnum)


@dataclass(frozen=True)
class Columns:
    """The columns that a table may have, and those that it must."""

    known: Collection[str]
    needed: Collection[str]


class Misread(Exception):
    """A file or a cell that does not read, and why."""

    def __init__(self, code: FaultCode, **slots: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.slots = slots


class TableLine(NamedTuple):
    """One line of the file, its cells by column."""

    number: int
    cells: Mapping[str, str]


def lines(raw: bytes, columns: Columns, faults: list[Fault]) -> Iterator[TableLine]:
    """The lines below the header; a line of empty cells is none."""
    try:
        text = _decoded(raw)
    except Misread as misread:
        faults.append(Fault(1, "", misread.code))
        return
    told = TOLD_DELIMITER.match(text)
    delimiter = told["delimiter"] if told else _delimiter(text)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        if told:
            next(reader)
        begins = reader.line_num + 1
        header = _header(next(reader, []))
        header_faults = list(_header_faults(header, columns, begins))
        if header_faults:
            faults += header_faults
            return
        # A quoted cell may hold line ends: a fault names the line on which the record begins.
        begins = reader.line_num + 1
        for record in reader:
            cells = _without_empty_end([cell.strip() for cell in record], len(header))
            if any(cells):
                if len(cells) == len(header):
                    yield TableLine(begins, dict(zip(header, cells, strict=True)))
                else:
                    slots = {"cells": len(cells), "columns": len(header)}
                    faults.append(Fault(begins, "", FaultCode.CELL_COUNT, slots))
            begins = reader.line_num + 1
    except csv.Error:
        faults.append(Fault(begins, "", FaultCode.STRAY_QUOTE))


def _decoded(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Misread(FaultCode.NOT_UTF8) from None
    if "\0" in text:
        raise Misread(FaultCode.NOT_CSV)
    return text


def _delimiter(text: str) -> str:
    """Where a comma is the decimal mark, as in Dutch, a spreadsheet writes semicolons."""
    first_line = text.partition("\n")[0]
    return ";" if ";" in first_line else ","


def _header(record: list[str]) -> list[str]:
    return _without_empty_end([name.strip().casefold() for name in record], 0)


def _without_empty_end(cells: list[str], least: int) -> list[str]:
    """A spreadsheet may write empty cells after the last column."""
    while len(cells) > least and not cells[-1]:
        cells = cells[:-1]
    return cells


def _header_faults(header: list[str], columns: Columns, line: int) -> Iterator[Fault]:
    if not set(header) <= set(columns.known):
        yield Fault(line, "", FaultCode.UNKNOWN_COLUMN, {"known": ", ".join(columns.known)})
    for name in columns.known:
        if header.count(name) > 1:
            yield Fault(line, name, FaultCode.COLUMN_TWICE)
        if name in columns.needed and name not in header:
            yield Fault(line, name, FaultCode.COLUMN_MISSING)


def day(text: str, day_first: bool) -> date:
    year_last = YEAR_LAST.fullmatch(text)
    parts = year_last or YEAR_FIRST.fullmatch(text)
    if parts is None:
        raise Misread(FaultCode.NOT_A_DATE)
    year, month, day = int(parts["year"]), int(parts["month"]), int(parts["day"])
    reads_both_ways = day <= MONTHS and month <= MONTHS and day != month
    if year_last and reads_both_ways and not day_first:
        raise Misread(FaultCode.TWO_DATES)
    try:
        return date(year, month, day)
    except ValueError:
        raise Misread(FaultCode.NOT_A_DATE) from None


def whole(text: str, lowest: int, highest: int) -> int:
    digits = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    if not digits or not lowest <= int(text) <= highest:
        raise Misread(FaultCode.NOT_A_NUMBER, lowest=lowest, highest=highest)
    return int(text)


def word(text: str, vocabulary: type[W], offered: Collection[W] | type[W]) -> W:
    """One of the words of a vocabulary that a file may use."""
    word = text.casefold()
    if word not in set(offered):
        raise Misread(FaultCode.NOT_A_WORD, known=", ".join(offered))
    return vocabulary(word)


def short(text: str, longest: int) -> str:
    """The text with single spaces."""
    short = " ".join(text.split())
    fault = line_fault(short, longest)
    if fault is TextFault.TOO_LONG:
        raise Misread(FaultCode.TOO_LONG, longest=longest)
    if fault:
        raise Misread(FaultCode.STRANGE_CHARACTER)
    return short
