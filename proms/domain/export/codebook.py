"""The codebook: every column with its meaning, derived from the same definitions as the columns."""

from collections.abc import Iterator

from proms.domain.export.cells import lines
from proms.domain.export.columns import ContentSource, columns

HEADER = ("column", "meaning", "type", "values", "source")


def codebook(content: ContentSource) -> Iterator[str]:
    """The codebook of the scored data set as CSV."""
    rows = [HEADER]
    for column in columns(content):
        rows.append((column.name, column.meaning, column.kind, column.values, column.source))
    yield from lines(rows)
