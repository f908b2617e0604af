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
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    waiting = 0
    for row in rows:
        writer.writerow([unformulated(cell) if isinstance(cell, str) else cell for cell in row])
        waiting += 1
        if waiting == CHUNK:
            yield _emptied(buffer)
            waiting = 0
    if waiting:
        yield _emptied(buffer)


def unformulated(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets a quote in front; a reader takes that one
    quote off again."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _emptied(buffer: StringIO) -> str:
    """What was written so far; the buffer starts again."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
