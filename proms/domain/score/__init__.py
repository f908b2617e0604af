"""Scores: from answers to 0-100."""

from proms.domain.score.compared import Difference, Warned, by_version, differences, newest
from proms.domain.score.compiled import (
    SCORING_VERSION,
    Floats,
    Score,
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
    "Score",
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
