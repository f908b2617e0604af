"""The codebook: every column with its meaning, derived from the same definitions as the columns."""

from collections.abc import Iterator

from proms.domain.export.cells import lines
from proms.domain.export.columns import InstrumentSource, columns, measured

HEADER = ("column", "meaning", "type", "values", "source")


def codebook(library: InstrumentSource) -> Iterator[str]:
    """The codebook of the scored data set as CSV."""
    rows = [HEADER]
    protocols = [
        protocol for versions in library.protocols.values() for protocol in versions.values()
    ]
    for column in columns(measured(library)):
        values = column.values if isinstance(column.values, str) else column.values(protocols)
        rows.append((column.name, column.meaning, column.kind, values, column.source))
    yield from lines(rows)
