"""CSV as RFC 4180 has it, in which no text can become a spreadsheet's formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

Cell = str | int | float | None
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\0")
CHUNK = 256


def lines(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The rows as text, some at a time; a number keeps every digit, a missing value is an empty
    cell."""
    held = StringIO()
    writer = csv.writer(held, lineterminator="\r\n")
    waiting = 0
    for row in rows:
        writer.writerow([unformulated(cell) if isinstance(cell, str) else cell for cell in row])
        waiting += 1
        if waiting == CHUNK:
            yield _taken(held)
            waiting = 0
    if waiting:
        yield _taken(held)


def unformulated(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets a quote in front; a reader takes that one
    quote off again."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _taken(held: StringIO) -> str:
    text = held.getvalue()
    held.seek(0)
    held.truncate()
    return text
