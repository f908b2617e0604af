"""Scoring in one vectorised implementation: an instrument compiles to matrices, one response is one row."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from proms.domain.instrument import Answers, Formula, Instrument, Scale
from proms.domain.instrument.scale import THOUSAND, ValueSet

SCORING_VERSION = "1"
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
BLOCK = 2048  # rows whose intermediate results stay in a processor's cache


class Part(NamedTuple):
    """A column that another scale reads, and whether it counts as 100 minus itself (only of a mean)."""

    column: int
    turned: bool


class Column(NamedTuple):
    """A scale that is not linear: where its score goes, how it is made, and of which columns."""

    place: int
    formula: Formula
    parts: tuple[Part, ...]  # of a mean: scores, of all else: answers
    losses: tuple[Floats, ...] = ()  # of a value set: for each part what a level takes, in thousandths
    value_set: ValueSet | None = None


@dataclass(frozen=True)
class Score:
    """A scale's value, or none, with the number of its items that were answered."""

    scale: str
    value: float | None
    answered: int


@dataclass(frozen=True)
class Scorer:
    """An instrument's scales as matrices over its scored items; `codes` names the columns of what comes out."""

    items: tuple[str, ...]
    codes: tuple[str, ...]
    members: Floats  # items x linear scales, 1 where the item belongs to the scale
    low: Floats
    span: Floats
    reverse: NDArray[np.bool_]
    sizes: Floats
    others: tuple[Column, ...]  # come after the linear scales, and may read them

    def score(self, answers: Floats) -> tuple[Floats, Counts]:
        """Scores (rows x codes, NaN where there is none) and numbers answered, of answers (rows x items, NaN missing).

        Linear transformation of the mean to 0-100; a scale is scored when at least half of its items are answered
        (EORTC scoring manual, 3rd ed.). Every other formula needs all of its parts.
        """
        scores = np.empty((len(answers), len(self.codes)))
        counts = np.empty(scores.shape, dtype=np.int64)
        for start in range(0, len(answers), BLOCK):
            rows = slice(start, start + BLOCK)
            self._fill(answers[rows], scores[rows], counts[rows])
        return scores, counts

    def _fill(self, answers: Floats, scores: Floats, counts: Counts) -> None:
        width = self.members.shape[1]
        if width:
            self._fill_linear(answers, scores[:, :width], counts[:, :width])
        for column in self.others:
            read = scores if column.formula is Formula.MEAN else answers
            scores[:, column.place], counts[:, column.place] = _combined(column, read)

    def _fill_linear(self, answers: Floats, scores: Floats, counts: Counts) -> None:
        given = ~np.isnan(answers)
        answered = given.astype(np.float64) @ self.members
        total = np.where(given, answers, 0.0) @ self.members
        # Half of a scale's items is never none of them: where nothing was answered there is no score to divide for.
        share = (total / np.maximum(answered, 1.0) - self.low) / self.span
        share = np.where(self.reverse, 1.0 - share, share)
        scores[:] = np.where(2 * answered >= self.sizes, 100.0 * share, np.nan)
        counts[:] = answered


@lru_cache(maxsize=64)
def compiled(instrument: Instrument) -> Scorer:
    """The scorer of an instrument; raises ValueError for one without scales."""
    if not instrument.scales:
        raise ValueError(f"{instrument.code} has no scales")
    linear = [scale for scale in instrument.scales if scale.is_linear]
    ordered = [*linear, *(scale for scale in instrument.scales if not scale.is_linear)]
    items = tuple(item.code for item in instrument.items if any(item.code in scale.items for scale in ordered))
    codes = tuple(scale.code for scale in ordered)
    members = np.array([[float(item in scale.items) for scale in linear] for item in items])
    return Scorer(
        items=items,
        codes=codes,
        members=members.reshape(len(items), len(linear)),
        low=np.array([float(scale.low) for scale in linear]),
        span=np.array([float(scale.high - scale.low) for scale in linear]),
        reverse=np.array([scale.formula is Formula.REVERSE for scale in linear], dtype=bool),
        sizes=np.array([float(len(scale.items)) for scale in linear]),
        others=tuple(_column(scale, items, codes) for scale in ordered if not scale.is_linear),
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
    if value is None or scale.threshold is None:
        return None
    return value < scale.threshold if scale.important_below is not None else value > scale.threshold


def _number(value: object) -> float:
    return float(value) if isinstance(value, int) else np.nan


def _column(scale: Scale, items: tuple[str, ...], codes: tuple[str, ...]) -> Column:
    names = codes if scale.formula is Formula.MEAN else items
    losses = scale.value_set.losses if scale.value_set else {}
    return Column(
        place=codes.index(scale.code),
        formula=scale.formula,
        parts=tuple(Part(names.index(part), part in scale.turned) for part in scale.parts),
        losses=tuple(np.array(losses[part], dtype=np.float64) for part in scale.parts if losses),
        value_set=scale.value_set,
    )


def _combined(column: Column, read: Floats) -> tuple[Floats, Counts]:
    """The column's scores, none where a part is missing, and how many parts there are."""
    # Part by part: the order of the additions, and so the last bit, does not depend on how many rows there are.
    parts = [100.0 - read[:, place] if turned else read[:, place] for place, turned in column.parts]
    present = sum((~np.isnan(part) for part in parts), np.zeros(len(read), dtype=np.int64))
    if column.formula is Formula.DIGITS:
        return sum((part * 10.0**power for power, part in enumerate(reversed(parts))), np.zeros(len(read))), present
    if column.value_set:
        return _valued(column.value_set, column.losses, parts), present
    return sum(parts, np.zeros(len(read))) / len(parts), present  # as answered: the mean of one


def _valued(value_set: ValueSet, losses: tuple[Floats, ...], levels: list[Floats]) -> Floats:
    """Full health less what the levels take; in whole thousandths until the end, which floats add without an error."""
    missing: NDArray[np.bool_] = np.logical_or.reduce([np.isnan(level) for level in levels])
    places = [np.where(missing, 1, level).astype(np.int64) - 1 for level in levels]
    taken = sum((each[place] for each, place in zip(losses, places, strict=True)), np.zeros(len(missing)))
    troubled = np.logical_or.reduce([place > 0 for place in places])
    value = (value_set.full - value_set.any_problem * troubled - taken) / THOUSAND
    return np.where(missing, np.nan, value)
