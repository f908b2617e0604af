"""Builders for tables of cycles and milestones: `line("cycle", "pump", number=1,
day_1="2026-03-02")`."""

from proms.content.history_table import COLUMNS, HistoryTable, read_table

HEADER = ",".join(COLUMNS)


def line(what: str, kind: str, **cells: object) -> str:
    """One line about Anna."""
    row = {"patient": "anna", "what": what, "kind": kind, **cells}
    return ",".join(str(row.get(name, "")) for name in COLUMNS)


def table(*lines: str, day_first: bool = False) -> HistoryTable:
    """What a file of these lines reads as."""
    return read_table("\n".join([HEADER, *lines]).encode(), day_first=day_first)
