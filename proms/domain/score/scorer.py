"""Scoring in one vectorised implementation: an instrument compiles to matrices, one response is one
row."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from proms.domain.instrument import Answers, Formula, Instrument, Scale
from proms.domain.instrument.scale import THOUSAND, ValueSet

SCORING_VERSION = "1"
Floats = NDArray[np.float64]
Counts = NDArray[np.int16]
BLOCK = 4096  # rows whose intermediate results stay in a processor's cache


class Sum(NamedTuple):
    """A linear scale of several items: where its score goes, of which items, and how many must be
    answered."""

    place: int
    members: tuple[int, ...]
    least: int


class ScalePart(NamedTuple):
    """A column that another scale reads, and whether it counts as 100 minus itself (only of a
    mean)."""

    column: int
    turned: bool


class ScoreColumn(NamedTuple):
    """A scale that is not linear: where its score goes, how it is made, and of which columns."""

    place: int
    formula: Formula
    parts: tuple[ScalePart, ...]  # of a mean: scores, of all else: answers
    losses: tuple[
        Floats, ...
    ] = ()  # of a value set: for each part what a level takes, in thousandths
    value_set: ValueSet | None = None


@dataclass(frozen=True)
class ScaleScore:
    """A scale's value, or none, with the number of its items that were answered."""

    scale: str
    value: float | None
    answered: int


@dataclass(frozen=True)
class Scorer:
    """An instrument's scales as columns over its scored items; `codes` names the columns of what
    comes out."""

    items: tuple[str, ...]
    codes: tuple[str, ...]
    alone: tuple[
        NDArray[np.intp], NDArray[np.intp]
    ]  # linear scales of one item: their places, their items
    sums: tuple[Sum, ...]
    low: Floats  # this and the next: a row a linear scale, which come first
    span: Floats
    reverse: tuple[int, ...]
    others: tuple[ScoreColumn, ...]  # come after the linear scales, and may read them

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
        width = len(self.low)
        if width:
            self._fill_linear(answers, scores[:width], counts[:width])
        for column in self.others:
            read = scores if column.formula is Formula.MEAN else answers
            scores[column.place], counts[column.place] = _combined(column, read)

    def _fill_linear(self, answers: Floats, scores: Floats, counts: Counts) -> None:
        present = ~np.isnan(answers)
        given, filled = present.astype(np.int16), np.where(present, answers, 0.0)
        places, items = self.alone
        scores[places], counts[places] = answers[items], given[items]
        for place, members, least in self.sums:
            total, answered = scores[place], counts[place]
            total[:], answered[:] = filled[members[0]], given[members[0]]
            for member in members[1:]:
                total += filled[member]
                answered += given[member]
            # Half of a scale's items is never none of them: where nothing was answered there is no
            # score to divide for.
            total /= np.maximum(answered, 1)
            np.copyto(total, np.nan, where=answered < least)
        scores -= self.low
        scores /= self.span
        for place in self.reverse:
            np.subtract(1.0, scores[place], out=scores[place])
        scores *= 100.0


@lru_cache(maxsize=64)
def compiled(instrument: Instrument) -> Scorer:
    """The scorer of an instrument; raises ValueError for one without scales."""
    if not instrument.scales:
        raise ValueError(f"{instrument.code} has no scales")
    linear = [scale for scale in instrument.scales if scale.is_linear]
    ordered = [*linear, *(scale for scale in instrument.scales if not scale.is_linear)]
    items = tuple(
        item.code for item in instrument.items if any(item.code in scale.items for scale in ordered)
    )
    codes = tuple(scale.code for scale in ordered)
    held = [tuple(items.index(item) for item in scale.items) for scale in linear]
    alone = [(place, members[0]) for place, members in enumerate(held) if len(members) == 1]
    return Scorer(
        items=items,
        codes=codes,
        alone=(
            np.array([place for place, _ in alone], np.intp),
            np.array([item for _, item in alone], np.intp),
        ),
        sums=tuple(
            Sum(place, each, -(-len(each) // 2)) for place, each in enumerate(held) if len(each) > 1
        ),
        low=np.array([[float(scale.low)] for scale in linear]).reshape(-1, 1),
        span=np.array([[float(scale.high - scale.low)] for scale in linear]).reshape(-1, 1),
        reverse=tuple(
            place for place, scale in enumerate(linear) if scale.formula is Formula.REVERSE
        ),
        others=tuple(_column(scale, items, codes) for scale in ordered if not scale.is_linear),
    )


def score_one(instrument: Instrument, answers: Answers) -> tuple[ScaleScore, ...]:
    """Every scale of one response; an instrument without scales has none."""
    return score_many(instrument, (answers,))[0]


def score_many(instrument: Instrument, forms: Sequence[Answers]) -> list[tuple[ScaleScore, ...]]:
    """Every scale of each of these responses, in one call."""
    if not instrument.scales:
        return [() for _ in forms]
    scorer = compiled(instrument)
    values, counts = scorer.score(
        np.array([[_number(form.get(item)) for item in scorer.items] for form in forms])
    )
    return [
        tuple(
            ScaleScore(code, None if value != value else value, count)
            for code, value, count in zip(scorer.codes, *row, strict=True)
        )
        for row in zip(values.tolist(), counts.tolist(), strict=True)
    ]


def important(scale: Scale, value: float | None) -> bool | None:
    """Whether a score is clinically important: strictly beyond its threshold, unrounded; unknown
    without either."""
    if value is None or scale.threshold is None:
        return None
    return value < scale.threshold if scale.important_below is not None else value > scale.threshold


def _number(value: object) -> float:
    return float(value) if isinstance(value, int) else np.nan


def _column(scale: Scale, items: tuple[str, ...], codes: tuple[str, ...]) -> ScoreColumn:
    names = codes if scale.formula is Formula.MEAN else items
    losses = scale.value_set.losses if scale.value_set else {}
    return ScoreColumn(
        place=codes.index(scale.code),
        formula=scale.formula,
        parts=tuple(ScalePart(names.index(part), part in scale.turned) for part in scale.parts),
        losses=tuple(np.array(losses[part], dtype=np.float64) for part in scale.parts if losses),
        value_set=scale.value_set,
    )


def _combined(column: ScoreColumn, read: Floats) -> tuple[Floats, Counts]:
    """The column's scores, none where a part is missing, and how many parts there are."""
    # Part by part: the order of the additions, and so the last bit, does not depend on how many
    # rows there are.
    parts = [100.0 - read[place] if turned else read[place] for place, turned in column.parts]
    present = np.add.reduce(
        ~np.isnan(read[[part.column for part in column.parts]]), axis=0, dtype=np.int16
    )
    nothing = np.zeros(read.shape[1])
    if column.formula is Formula.DIGITS:
        return sum(
            (part * 10.0**power for power, part in enumerate(reversed(parts))), nothing
        ), present
    if column.value_set:
        return _valued(column.value_set, column.losses, parts, present < len(parts)), present
    return sum(parts, nothing) / len(parts), present  # as answered: the mean of one


def _valued(
    value_set: ValueSet,
    losses: tuple[Floats, ...],
    levels: list[Floats],
    missing: NDArray[np.bool_],
) -> Floats:
    """Full health less what the levels take; in whole thousandths until the end, which floats add
    without an error."""
    places = [np.where(missing, 1, level).astype(np.int64) - 1 for level in levels]
    taken = sum(
        (each[place] for each, place in zip(losses, places, strict=True)), np.zeros(len(missing))
    )
    troubled = np.logical_or.reduce([place > 0 for place in places])
    value = (value_set.full - value_set.any_problem * troubled - taken) / THOUSAND
    return np.where(missing, np.nan, value)
