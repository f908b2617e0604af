"""Laboratory tests with their units and the limits of their grades."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from proms.domain.title import Title


@dataclass(frozen=True)
class Bound:
    """Where a grade begins, as a multiple; strictly above it, or from it on."""

    multiple: Decimal
    inclusive: bool = False

    def reached_by(self, value: Decimal, base: Decimal) -> bool:
        """Whether a value is so many times the base; never divided, so that a border is exact."""
        if self.inclusive:
            return value >= self.multiple * base
        return value > self.multiple * base


@dataclass(frozen=True)
class LabTest:
    """One test: the unit it is kept in, other units a value may not come in, and its grades."""

    code: str
    title: Title
    unit: str
    written: frozenset[str]  # spellings of the unit, as `plain_unit` has them
    other_units: Mapping[str, Decimal]  # what 1 of it is in the unit that is kept
    upper_limit: tuple[Decimal, Decimal]
    normal_baseline: Mapping[int, Bound]
    abnormal_baseline: Mapping[int, Bound]
    names: frozenset[str] = frozenset()  # other names in a laboratory's file, without case

    def other_unit(self, written: str) -> str | None:
        """The unit that is known and not kept, if that is what was written."""
        for unit in self.other_units:
            if plain_unit(unit) == plain_unit(written):
                return unit
        return None

    def is_own_unit(self, written: str) -> bool:
        return plain_unit(written) in self.written

    def grade(self, value: Decimal, base: Decimal, *, abnormal_baseline: bool) -> int:
        """The highest grade whose limit is reached, else 0."""
        bounds = self.abnormal_baseline if abnormal_baseline else self.normal_baseline
        reached = [grade for grade, bound in bounds.items() if bound.reached_by(value, base)]
        return max(reached, default=0)


@dataclass(frozen=True)
class Panel:
    """The tests that a trial keeps values of, and where their limits come from."""

    code: str
    title: Title
    source: str
    tests: Mapping[str, LabTest]

    def named(self, text: str) -> LabTest | None:
        """The test of this code, or of this name in a laboratory's file."""
        plain = " ".join(text.casefold().split())
        if plain in self.tests:
            return self.tests[plain]
        return next((test for test in self.tests.values() if plain in test.names), None)


def plain_unit(text: str) -> str:
    """A unit without case, blanks and the two characters that both look like a micro sign."""
    return "".join(text.split()).casefold().replace("\u03bc", "u").replace("\u00b5", "u")
