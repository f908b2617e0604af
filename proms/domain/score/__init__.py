"""Scores: from answers to 0-100."""

from proms.domain.score.compiled import SCORING_VERSION, Floats, Score, Scorer, compiled, important, score_one

__all__ = ["SCORING_VERSION", "Floats", "Score", "Scorer", "compiled", "important", "score_one"]
