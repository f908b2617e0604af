"""The data set for analysts: what a row holds, in which order, under which names; arms pooled
before the data lock."""

from proms.domain.export.cells import lines, unformulated
from proms.domain.export.codebook import codebook
from proms.domain.export.columns import Column, ContentSource, Kind, columns, measured
from proms.domain.export.pooled import PooledExport, pooled
from proms.domain.export.row import ExportRow, ScoredResponse, Status
from proms.domain.export.study_moment import StudyMoment, study_moment

__all__ = [
    "ScoredResponse",
    "Column",
    "ExportRow",
    "Kind",
    "StudyMoment",
    "PooledExport",
    "ContentSource",
    "Status",
    "codebook",
    "columns",
    "lines",
    "measured",
    "study_moment",
    "pooled",
    "unformulated",
]
