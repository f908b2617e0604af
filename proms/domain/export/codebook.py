"""The codebook: every column with its meaning, derived from the same definitions as the columns."""

from collections.abc import Iterator

from proms.domain.export.cells import lines
from proms.domain.export.columns import InstrumentSource, columns, measured

HEADER = ("column", "meaning", "type", "values", "source")


def codebook(library: InstrumentSource) -> Iterator[str]:
    """The codebook of the scored data set as CSV."""
    rows = [HEADER]
    for column in columns(measured(library)):
        rows.append((column.name, column.meaning, column.kind, column.values, column.source))
    yield from lines(rows)
