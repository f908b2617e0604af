"""Scores: from answers to 0-100."""

from proms.domain.score.comparison import Difference, Warned, by_version, differences, newest
from proms.domain.score.scorer import (
    SCORING_VERSION,
    Floats,
    ScaleScore,
    Scorer,
    compiled,
    important,
    score_many,
    score_one,
)

__all__ = [
    "SCORING_VERSION",
    "Difference",
    "Floats",
    "ScaleScore",
    "Scorer",
    "Warned",
    "by_version",
    "compiled",
    "differences",
    "important",
    "newest",
    "score_many",
    "score_one",
]
