"""The data set for analysts: what a row holds, in which order, under which names; arms pooled before the data lock."""

from proms.domain.export.cells import lines, unformulated
from proms.domain.export.codebook import codebook
from proms.domain.export.columns import Column, Kind, Shelf, Status, columns, measured
from proms.domain.export.moment import Place, place
from proms.domain.export.pooled import Answered, Sheet, pooled

__all__ = [
    "Answered",
    "Column",
    "Kind",
    "Place",
    "Sheet",
    "Shelf",
    "Status",
    "codebook",
    "columns",
    "lines",
    "measured",
    "place",
    "pooled",
    "unformulated",
]
