"""Scoring in one vectorised implementation: an instrument compiles to matrices, one response is one
row."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isnan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from proms.domain.instrument import Answers, Formula, Instrument, Scale, Value
from proms.domain.instrument.scale import THOUSAND, ValueSet

SCORING_VERSION = "1"
Floats = NDArray[np.float64]
Counts = NDArray[np.int16]
BLOCK = 4096  # rows whose intermediate results stay in a processor's cache


class SingleItemScales(NamedTuple):
    """The linear scales of one item, side by side: where their scores go, and of which items."""

    places: NDArray[np.intp]
    items: NDArray[np.intp]


class Sum(NamedTuple):
    """A linear scale of several items: where its score goes, of which items, and how many must be
    answered."""

    place: int
    items: tuple[int, ...]
    least: int


class ScalePart(NamedTuple):
    """A column that another scale reads, and whether it counts as 100 minus itself (only of a
    mean)."""

    column: int
    turned: bool


class ScoreColumn(NamedTuple):
    """A scale that is not linear: where its score goes, how it is made, and of which columns.

    The parts of a mean are columns of scores, those of all else columns of answers. `losses` has
    for each part of a value set what each of its levels takes, in thousandths.
    """

    place: int
    formula: Formula
    parts: tuple[ScalePart, ...]
    losses: tuple[Floats, ...] = ()
    value_set: ValueSet | None = None


@dataclass(frozen=True)
class ScaleScore:
    """A scale's value, or none, with the number of its items that were answered."""

    scale: str
    value: float | None
    answered: int


@dataclass(frozen=True)
class LinearScales:
    """The linear scales of an instrument: each has a row in `low` and `span`; `reverse` are those
    that are turned round."""

    single: SingleItemScales
    sums: tuple[Sum, ...]
    low: Floats
    span: Floats
    reverse: tuple[int, ...]

    def fill(self, answers: Floats, scores: Floats, counts: Counts) -> None:
        """Fill their scores and counts (scales x rows) from the answers (items x rows)."""
        present = ~np.isnan(answers)
        given = present.astype(np.int16)
        filled = np.where(present, answers, 0.0)
        scores[self.single.places] = answers[self.single.items]
        counts[self.single.places] = given[self.single.items]
        for place, (first, *others), least in self.sums:
            # Views: what is added to them stands in the scores and counts.
            total, answered = scores[place], counts[place]
            total[:] = filled[first]
            answered[:] = given[first]
            for item in others:
                total += filled[item]
                answered += given[item]
            # Half of a scale's items is never none of them: where nothing was answered there is no
            # score to divide for.
            total /= np.maximum(answered, 1)
            np.copyto(total, np.nan, where=answered < least)
        scores -= self.low
        scores /= self.span
        for place in self.reverse:
            np.subtract(1.0, scores[place], out=scores[place])
        scores *= 100.0


@dataclass(frozen=True)
class Scorer:
    """An instrument's scales as columns over its scored items; `codes` names the columns of what
    comes out: first the linear scales, then the others, which may read their scores."""

    items: tuple[str, ...]
    codes: tuple[str, ...]
    linear: LinearScales
    others: tuple[ScoreColumn, ...]

    def score(self, answers: Floats) -> tuple[Floats, Counts]:
        """Scores (rows x codes, NaN where there is none) and numbers answered, of answers (rows x
        items, NaN missing).

        Linear transformation of the mean to 0-100; a scale is scored when at least half of its
        items are answered (EORTC scoring manual, 3rd ed.). Every other formula needs all of its
        parts.
        """
        # Scale by scale in memory, as it is worked out. Sums are added up in an order that does not
        # depend on how many rows there are, and by no matrix product: that takes every core there
        # is, and here gains nothing by it.
        scores = np.empty((len(self.codes), len(answers)))
        counts = np.empty(scores.shape, dtype=np.int16)
        for start in range(0, len(answers), BLOCK):
            rows = slice(start, start + BLOCK)
            self._fill(np.ascontiguousarray(answers[rows].T), scores[:, rows], counts[:, rows])
        return scores.T, counts.T

    def _fill(self, answers: Floats, scores: Floats, counts: Counts) -> None:
        """Fill a block of scores and counts (codes x rows) from its answers (items x rows)."""
        linear = len(self.linear.low)
        if linear:
            self.linear.fill(answers, scores[:linear], counts[:linear])
        for column in self.others:
            source = scores if column.formula is Formula.MEAN else answers
            scores[column.place], counts[column.place] = _combined(column, source)


@lru_cache(maxsize=64)
def compiled(instrument: Instrument) -> Scorer:
    """The scorer of an instrument; raises ValueError for one without scales."""
    if not instrument.scales:
        raise ValueError(f"{instrument.code} has no scales")
    linear = [scale for scale in instrument.scales if scale.is_linear]
    others = [scale for scale in instrument.scales if not scale.is_linear]
    codes = tuple(scale.code for scale in (*linear, *others))
    scored = frozenset[str]().union(*(scale.items for scale in instrument.scales))
    items = tuple(item.code for item in instrument.items if item.code in scored)
    columns = tuple(_column(scale, items, codes) for scale in others)
    return Scorer(items, codes, _linear_scales(linear, items), columns)


def score_one(instrument: Instrument, answers: Answers) -> tuple[ScaleScore, ...]:
    """Every scale of one response; an instrument without scales has none."""
    return score_many(instrument, (answers,))[0]


def score_many(instrument: Instrument, forms: Sequence[Answers]) -> list[tuple[ScaleScore, ...]]:
    """Every scale of each of these responses, in one call."""
    if not instrument.scales:
        return [() for _ in forms]
    scorer = compiled(instrument)
    answers = [list(map(_number, map(form.get, scorer.items))) for form in forms]
    values, counts = scorer.score(np.array(answers))
    return [
        _scale_scores(scorer.codes, *row)
        for row in zip(values.tolist(), counts.tolist(), strict=True)
    ]


def important(scale: Scale, value: float | None) -> bool | None:
    """Whether a score is clinically important: strictly beyond its threshold, unrounded; unknown
    without either."""
    if value is None:
        return None
    if scale.important_below is not None:
        return value < scale.important_below
    if scale.important_above is not None:
        return value > scale.important_above
    return None


def _number(answer: Value | None) -> float:
    """An answer as a number; NaN where there is none, or it is no number."""
    return float(answer) if isinstance(answer, int) else np.nan


def _scale_scores(
    codes: Sequence[str], values: Sequence[float], counts: Sequence[int]
) -> tuple[ScaleScore, ...]:
    """One row of what a scorer gives, scale by scale."""
    scores: list[ScaleScore] = []
    for code, value, count in zip(codes, values, counts, strict=True):
        scores.append(ScaleScore(code, None if isnan(value) else value, count))
    return tuple(scores)


def _linear_scales(scales: Sequence[Scale], items: Sequence[str]) -> LinearScales:
    single: list[tuple[int, int]] = []
    sums: list[Sum] = []
    reverse: list[int] = []
    for place, scale in enumerate(scales):
        members = tuple(items.index(item) for item in scale.items)
        if len(members) == 1:
            single.append((place, members[0]))
        else:
            # At least half of its items must be answered.
            sums.append(Sum(place, members, least=(len(members) + 1) // 2))
        if scale.formula is Formula.REVERSE:
            reverse.append(place)
    places, read = np.array(single, np.intp).reshape(-1, 2).T
    low = np.array([scale.low for scale in scales], np.float64)
    high = np.array([scale.high for scale in scales], np.float64)
    return LinearScales(
        single=SingleItemScales(places, read),
        sums=tuple(sums),
        # A column each, to be applied to every row of answers at once.
        low=low.reshape(-1, 1),
        span=(high - low).reshape(-1, 1),
        reverse=tuple(reverse),
    )


def _column(scale: Scale, items: Sequence[str], codes: Sequence[str]) -> ScoreColumn:
    names = codes if scale.formula is Formula.MEAN else items
    losses: tuple[Floats, ...] = ()
    if scale.value_set:
        taken = scale.value_set.losses
        losses = tuple(np.array(taken[part], dtype=np.float64) for part in scale.parts)
    return ScoreColumn(
        place=codes.index(scale.code),
        formula=scale.formula,
        parts=tuple(ScalePart(names.index(part), part in scale.turned) for part in scale.parts),
        losses=losses,
        value_set=scale.value_set,
    )


def _combined(column: ScoreColumn, source: Floats) -> tuple[Floats, Counts]:
    """The column's scores, none where a part is missing, and how many parts there are."""
    # Part by part: the order of the additions, and so the last bit, does not depend on how many
    # rows there are.
    parts: list[Floats] = []
    for place, turned in column.parts:
        parts.append(100.0 - source[place] if turned else source[place])
    given = ~np.isnan(source[[part.column for part in column.parts]])
    present = np.add.reduce(given, axis=0, dtype=np.int16)
    if column.value_set:
        missing = present < len(parts)
        return _valued(column.value_set, column.losses, parts, missing), present
    total = np.zeros(source.shape[1])
    if column.formula is Formula.DIGITS:
        # From the last digit, the ones, to the first.
        for power, part in enumerate(reversed(parts)):
            total = total + part * 10.0**power
        return total, present
    for part in parts:
        total = total + part
    return total / len(parts), present  # as answered: the mean of one


def _valued(
    value_set: ValueSet,
    losses: tuple[Floats, ...],
    levels: list[Floats],
    missing: NDArray[np.bool_],
) -> Floats:
    """Full health less what the levels take; in whole thousandths until the end, which floats add
    without an error."""
    taken = np.zeros(len(missing))
    any_problem = np.zeros(len(missing), dtype=np.bool_)
    for level, loss in zip(levels, losses, strict=True):
        # Level 1 is the first entry of a table. A row with a part missing is looked up as if it had
        # none, and is left without a value at the end.
        place = np.where(missing, 1, level).astype(np.int64) - 1
        taken = taken + loss[place]
        any_problem = any_problem | (place > 0)
    value = (value_set.full - value_set.any_problem * any_problem - taken) / THOUSAND
    return np.where(missing, np.nan, value)
