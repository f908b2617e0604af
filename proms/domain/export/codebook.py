"""The codebook: every column with its meaning, derived from the same definitions as the columns."""

from collections.abc import Iterator

from proms.domain.export.cells import lines
from proms.domain.export.columns import InstrumentSource, columns, measured

HEADER = ("column", "meaning", "type", "values", "source")


def codebook(library: InstrumentSource) -> Iterator[str]:
    """The codebook of the scored data set as CSV."""
    described = columns(measured(library))
    yield from lines(
        [
            HEADER,
            *((each.name, each.meaning, each.kind, each.values, each.source) for each in described),
        ]
    )
