"""Scoring in one vectorised implementation: an instrument compiles to matrices, one response is one row."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from proms.domain.instrument import Answers, Formula, Instrument, Scale

SCORING_VERSION = "1"
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
BLOCK = 2048  # rows whose intermediate results stay in a processor's cache


class Part(NamedTuple):
    """A scale's column in the summary, and whether it counts as 100 minus the score."""

    column: int
    turned: bool


@dataclass(frozen=True)
class Score:
    """A scale's 0-100 value, or none, with the number of its items that were answered."""

    scale: str
    value: float | None
    answered: int


@dataclass(frozen=True)
class Scorer:
    """An instrument's scales as matrices over its scored items; `codes` names the columns of what comes out."""

    items: tuple[str, ...]
    codes: tuple[str, ...]
    members: Floats  # items x scales, 1 where the item belongs to the scale
    low: Floats
    span: Floats
    reverse: NDArray[np.bool_]
    sizes: Floats
    summary: tuple[Part, ...]

    def score(self, answers: Floats) -> tuple[Floats, Counts]:
        """Scores (rows x codes, NaN where there is none) and numbers answered, of answers (rows x items, NaN missing).

        Linear transformation of the mean to 0-100; a scale is scored when at least half of its items are answered
        (EORTC scoring manual, 3rd ed.). The summary is the mean of its scales, only when all are present.
        """
        scores = np.empty((len(answers), len(self.codes)))
        counts = np.empty(scores.shape, dtype=np.int64)
        for start in range(0, len(answers), BLOCK):
            rows = slice(start, start + BLOCK)
            self._fill(answers[rows], scores[rows], counts[rows])
        return scores, counts

    def _fill(self, answers: Floats, scores: Floats, counts: Counts) -> None:
        width = self.members.shape[1]
        given = ~np.isnan(answers)
        answered = given.astype(np.float64) @ self.members
        total = np.where(given, answers, 0.0) @ self.members
        # Half of a scale's items is never none of them: where nothing was answered there is no score to divide for.
        share = (total / np.maximum(answered, 1.0) - self.low) / self.span
        share = np.where(self.reverse, 1.0 - share, share)
        scores[:, :width] = np.where(2 * answered >= self.sizes, 100.0 * share, np.nan)
        counts[:, :width] = answered
        if self.summary:
            scores[:, width], counts[:, width] = _mean_of(scores, self.summary)


@lru_cache(maxsize=64)
def compiled(instrument: Instrument) -> Scorer:
    """The scorer of an instrument; raises ValueError for one without scales."""
    scales = instrument.scales
    if not scales:
        raise ValueError(f"{instrument.code} has no scales")
    items = tuple(item.code for item in instrument.items if any(item.code in scale.items for scale in scales))
    members = np.array([[float(item in scale.items) for scale in scales] for item in items])
    codes = tuple(scale.code for scale in scales)
    return Scorer(
        items=items,
        codes=(*codes, instrument.summary.code) if instrument.summary else codes,
        members=members,
        low=np.array([float(scale.low) for scale in scales]),
        span=np.array([float(scale.high - scale.low) for scale in scales]),
        reverse=np.array([scale.formula is Formula.REVERSE for scale in scales]),
        sizes=members.sum(axis=0),
        summary=_parts(instrument, codes),
    )


def score_one(instrument: Instrument, answers: Answers) -> tuple[Score, ...]:
    """Every scale of one response; an instrument without scales has none."""
    if not instrument.scales:
        return ()
    scorer = compiled(instrument)
    row = np.array([[_number(answers.get(item)) for item in scorer.items]])
    values, counts = scorer.score(row)
    return tuple(
        Score(code, None if np.isnan(value) else float(value), int(count))
        for code, value, count in zip(scorer.codes, values[0], counts[0], strict=True)
    )


def important(scale: Scale, value: float | None) -> bool | None:
    """Whether a score is clinically important: strictly beyond its threshold, unrounded; unknown without either."""
    if value is None or (scale.important_below is None and scale.important_above is None):
        return None
    if scale.important_below is not None:
        return value < scale.important_below
    return scale.important_above is not None and value > scale.important_above


def _number(value: object) -> float:
    return float(value) if isinstance(value, int) else np.nan


def _mean_of(scores: Floats, parts: tuple[Part, ...]) -> tuple[Floats, Counts]:
    # Column by column: the order of the additions, and so the last bit, does not depend on how many rows there are.
    total, present = np.zeros(len(scores)), np.zeros(len(scores), dtype=np.int64)
    for column, turned in parts:
        score = scores[:, column]
        total += 100.0 - score if turned else score
        present += ~np.isnan(score)
    return total / len(parts), present


def _parts(instrument: Instrument, codes: tuple[str, ...]) -> tuple[Part, ...]:
    summary = instrument.summary
    return tuple(Part(codes.index(code), code in summary.turned) for code in summary.scales) if summary else ()
