"""Scales: items scored together by a named formula."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

THOUSAND = 1000


class Formula(StrEnum):
    """How answers become a score; `reverse` turns the linear transformation round."""

    LINEAR = "linear"  # mean answer to 0-100, with the half rule
    REVERSE = "reverse"  # the same, turned round: 100 minus
    MEAN = "mean"  # of other scales, only when all are present
    DIGITS = "digits"  # the levels side by side, as EQ-5D names a health state
    VALUE_SET = "value_set"  # what a population thinks a health state is worth
    AS_ANSWERED = "as_answered"  # one item's own number


LINEAR = frozenset({Formula.LINEAR, Formula.REVERSE})


class Polarity(StrEnum):
    """What a higher score means: not the same as the formula's direction."""

    HIGHER_IS_BETTER = "higher_is_better"
    HIGHER_IS_WORSE = "higher_is_worse"


@dataclass(frozen=True)
class ValueSet:
    """A country's value set in thousandths: what each level of an item takes from `full`, and any
    problem at all."""

    full: int
    any_problem: int
    losses: Mapping[str, tuple[int, ...]]  # item -> what its first, second, ... level takes

    @property
    def worst(self) -> float:
        """The value of the worst state."""
        most_taken = sum(max(losses) for losses in self.losses.values())
        return (self.full - self.any_problem - most_taken) / THOUSAND

    @property
    def best(self) -> float:
        return self.full / THOUSAND


@dataclass(frozen=True)
class Scale:
    """Parts (items; for a mean, scales) scored together: formula, polarity, and when a score
    matters (if known).

    `low` and `high` are the range of an item's answers. `unconfirmed` says what about the scale is
    not certain.
    """

    code: str
    parts: tuple[str, ...]
    formula: Formula
    polarity: Polarity | None = None
    low: int = 0
    high: int = 0
    turned: frozenset[str] = frozenset()  # of a mean: the scales that count as 100 minus the score
    value_set: ValueSet | None = None
    important_below: float | None = None
    important_above: float | None = None
    unconfirmed: str | None = None
    source: str | None = None
    cdisc: str | None = None
    snomed: str | None = None

    @property
    def is_linear(self) -> bool:
        return self.formula in LINEAR

    @property
    def items(self) -> tuple[str, ...]:
        """The items scored; a mean has none of its own."""
        return () if self.formula is Formula.MEAN else self.parts

    @property
    def threshold(self) -> float | None:
        """Where a score becomes clinically important, on whichever side; None where nothing is
        published."""
        if self.important_below is not None:
            return self.important_below
        return self.important_above

    @property
    def whole(self) -> bool:
        """Whether every score is a whole number."""
        return self.formula in (Formula.DIGITS, Formula.AS_ANSWERED)

    def written(self, value: float | None) -> float | None:
        """A score as tables hold it: without a decimal point where every score is a whole
        number."""
        if value is None or not self.whole:
            return value
        return int(value)

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The lowest and the highest score; None for a name made of digits, which is no
        quantity."""
        if self.formula is Formula.DIGITS:
            return None
        if self.value_set:
            return self.value_set.worst, self.value_set.best
        if self.formula is Formula.AS_ANSWERED:
            return self.low, self.high
        return 0, 100
