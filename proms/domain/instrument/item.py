"""Instruments and their items: what may be answered, and when an item is asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import ClassVar

from proms.domain.instrument.condition import Answers, Condition, Facts, Known, Value, holds
from proms.refusal import Refusal

LONGEST_TEXT = 2000
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no database takes these: a zero, and halves of a character


class ItemKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TEXT = "text"


class Formula(StrEnum):
    """How a scale's mean answer becomes 0-100; `reverse` turns it round."""

    LINEAR = "linear"
    REVERSE = "reverse"


class Polarity(StrEnum):
    """What a higher score means: not the same as the formula's direction."""

    HIGHER_IS_BETTER = "higher_is_better"
    HIGHER_IS_WORSE = "higher_is_worse"


class UnknownItem(Refusal):
    """An item that the instrument does not have."""

    code: ClassVar[str] = "unknown_item"

    def __init__(self, item: str) -> None:
        super().__init__(f"There is no item {item[:40]!r} in this instrument.")
        self.item = item


class NotOffered(Refusal):
    """An answer that the item does not offer."""

    code: ClassVar[str] = "answer_not_offered"

    def __init__(self, item: str, reason: str = "") -> None:
        super().__init__(f"Item {item} does not offer this answer{reason}.")
        self.item = item


@dataclass(frozen=True)
class Item:
    """One question with its code; `options` are the stored values in the order they are shown."""

    code: str
    kind: ItemKind
    options: tuple[int | str, ...] = ()
    asked_if: Condition | None = None
    safety: bool = False  # a red-flag item: leaving it out is asked about, and is itself a breach
    none: str | None = None  # the option of a multiple-choice item that excludes the others
    cdisc: str | None = None

    def checked(self, value: Value | list[str]) -> Value:
        """The answer in its proper form; raises NotOffered."""
        if self.kind is ItemKind.SINGLE:
            # To Python True and 1.0 equal 1; neither is an answer.
            if type(value) not in (int, str) or value not in self.options:
                raise NotOffered(self.code)
            return value if isinstance(value, int) else str(value)
        if self.kind is ItemKind.TEXT:
            if not isinstance(value, str) or len(value) > LONGEST_TEXT or UNSTORABLE.search(value):
                raise NotOffered(self.code, f": at most {LONGEST_TEXT} characters of text")
            return value
        return self._ticked(value)

    def _ticked(self, value: Value | list[str]) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or not value:
            raise NotOffered(self.code, ": a list of options")
        if any(not isinstance(each, str) or each not in self.options for each in value):
            raise NotOffered(self.code)
        if self.none in value and len(set(value)) > 1:
            raise NotOffered(self.code, f": {self.none} goes with nothing else")
        return tuple(str(option) for option in self.options if option in value)


@dataclass(frozen=True)
class Scale:
    """Items scored together: range of an item's answers, formula, polarity, and when a score matters (if known)."""

    code: str
    items: tuple[str, ...]
    low: int
    high: int
    formula: Formula
    polarity: Polarity
    important_below: float | None = None
    important_above: float | None = None
    cdisc: str | None = None


@dataclass(frozen=True)
class Summary:
    """The mean of scales, those in `turned` as 100 minus the score; only when every scale is present."""

    code: str
    scales: tuple[str, ...]
    turned: frozenset[str]
    polarity: Polarity
    source: str


@dataclass(frozen=True)
class Instrument:
    """A versioned questionnaire without its words."""

    code: str
    version: str
    items: tuple[Item, ...]
    scales: tuple[Scale, ...] = ()
    summary: Summary | None = None
    minutes: int = 1
    exported_as: Mapping[str, str] = field(default_factory=dict)  # wording version -> name in an export
    category: str | None = None  # CDISC QSCAT
    digest: str = ""

    def __hash__(self) -> int:
        return hash((self.code, self.version, self.digest))

    @cached_property
    def by_code(self) -> dict[str, Item]:
        return {item.code: item for item in self.items}

    def item(self, code: str) -> Item:
        """The item of that code; raises UnknownItem."""
        if code not in self.by_code:
            raise UnknownItem(code)
        return self.by_code[code]

    def asked(self, facts: Facts) -> tuple[Item, ...]:
        """The items this patient is asked, in order."""
        known = Known(facts=facts)
        return tuple(item for item in self.items if item.asked_if is None or holds(item.asked_if, known))

    def checked(self, answers: Answers) -> dict[str, Value]:
        """The answers in their proper form; raises UnknownItem or NotOffered for the first that is not."""
        return {code: self.item(code).checked(value) for code, value in answers.items()}

    def name_in_export(self, wording_version: str) -> str:
        """Answers under stand-in labels are never exported as the licensed instrument's."""
        return self.exported_as.get(wording_version, self.code)
