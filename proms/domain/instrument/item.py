"""Instruments and their items: what may be answered, and when an item is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import ClassVar

from proms.domain.instrument.condition import (
    Answers,
    Condition,
    ConditionContext,
    Facts,
    Value,
    facts_in,
    holds,
)
from proms.domain.instrument.scale import Scale
from proms.domain.plain_text import LONGEST_TEXT, text_fault, with_plain_ends
from proms.refusal import Refusal

LEVEL = "level"  # the fact that says how urgent the answers are


class ItemKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TEXT = "text"
    NUMBER = "number"  # a whole number between two others


class Place(StrEnum):
    """Where a question stands: among the others, or beside the number to call."""

    FORM = "form"
    CALL = "call"


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
class Variant:
    """One of several ways to word an item, such as for a stoma; without a condition, the one for
    all other cases."""

    code: str
    when: Condition | None = None
    cdisc: str | None = None


@dataclass(frozen=True)
class Item:
    """One question with its code; `options` are the stored values in the order they are shown.

    A number item has `low` and `high` instead. `variant` is the one that is asked, once that is
    known.
    """

    code: str
    kind: ItemKind
    options: tuple[int | str, ...] = ()
    low: int = 0
    high: int = 0
    asked_if: Condition | None = None
    place: Place = Place.FORM
    optional: bool = False  # asked only under a regimen that the protocol says it goes with
    variants: tuple[Variant, ...] = ()
    variant: str | None = None
    safety: bool = False  # a red-flag item: leaving it out is asked about, and is itself a breach
    none: str | None = None  # the option of a multiple-choice item that excludes the others
    cdisc: str | None = None

    def checked(self, value: Value | list[str]) -> Value:
        """The answer in its proper form; raises NotOffered."""
        match self.kind:
            case ItemKind.NUMBER:
                return self._checked_number(value)
            case ItemKind.SINGLE:
                return self._checked_option(value)
            case ItemKind.MULTIPLE:
                return self._checked_options(value)
            case ItemKind.TEXT:
                return self._checked_text(value)

    def as_asked(self, context: ConditionContext) -> "Item":
        """The item in the variant that goes with what is known."""
        for variant in self.variants:
            if variant.when is None or holds(variant.when, context):
                return self.in_variant(variant)
        return self

    def in_variant(self, variant: Variant) -> "Item":
        """The item in one of its variants."""
        return replace(self, variant=variant.code, cdisc=variant.cdisc)

    def _checked_number(self, value: Value | list[str]) -> int:
        # To Python True and 1.0 equal 1; neither is an answer.
        if type(value) is not int or not self.low <= value <= self.high:
            raise NotOffered(self.code, f": a whole number from {self.low} to {self.high}")
        return value

    def _checked_option(self, value: Value | list[str]) -> int | str:
        if (type(value) is int or type(value) is str) and value in self.options:
            return value
        raise NotOffered(self.code)

    def _checked_options(self, value: Value | list[str]) -> tuple[str, ...]:
        """The ticked options once each, in the order they are shown."""
        if not isinstance(value, (list, tuple)) or not value:
            raise NotOffered(self.code, ": a list of options")
        for option in value:
            if not isinstance(option, str) or option not in self.options:
                raise NotOffered(self.code)
        if self.none in value and len(set(value)) > 1:
            raise NotOffered(self.code, f": {self.none} goes with nothing else")
        return tuple(str(option) for option in self.options if option in value)

    def _checked_text(self, value: Value | list[str]) -> str:
        """The text with the same line ends and no blanks around it, however it was sent."""
        if isinstance(value, str) and text_fault(value.strip()) is None:
            return with_plain_ends(value.strip())
        raise NotOffered(self.code, f": at most {LONGEST_TEXT} characters of text")


@dataclass(frozen=True)
class Published:
    """What CDISC has published: the NCIt concept of the instrument's category, and whether its
    items' codes too."""

    category: str
    items: bool = False


@dataclass(frozen=True)
class Section:
    """Items that belong together for who looks her answers over."""

    code: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Instrument:
    """A versioned questionnaire without its words."""

    code: str
    version: str
    items: tuple[Item, ...]
    scales: tuple[Scale, ...] = ()
    sections: tuple[Section, ...] = ()  # every item in one of them, or none at all
    minutes: int = 1
    recall_days: int | None = None  # the days it asks about, the day of answering included
    licensor: str | None = None  # whose licence its wording needs; None: the wording is ours
    # wording version -> name in an export
    exported_as: Mapping[str, str] = field(default_factory=dict)
    snomed: str | None = None
    category: str | None = None  # CDISC QSCAT
    scored_by: str | None = None  # where the scoring is published
    thresholds_from: str | None = None  # where the thresholds for clinical importance are published
    published: Published | None = None  # None: category and codes are the trial's own
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

    @cached_property
    def conditional(self) -> bool:
        """Whether who she is, or what she answered, decides what a patient is asked."""
        return any(item.asked_if or item.variants for item in self.items)

    @cached_property
    def facts(self) -> frozenset[str]:
        """What its conditions ask about a patient."""
        facts: set[str] = set()
        for item in self.items:
            conditions = [item.asked_if, *(variant.when for variant in item.variants)]
            for condition in conditions:
                if condition:
                    facts.update(facts_in(condition))
        return frozenset(facts)

    def asked(self, facts: Facts, answers: Answers | None = None) -> tuple[Item, ...]:
        """The items this patient is asked now that she gave these answers, in order, each in its
        variant; an answer to what is not asked decides nothing."""
        given = answers or {}
        counted: dict[str, Value] = {}  # a condition looks at items that stand before its own
        context = ConditionContext(answers=counted, facts=facts)
        asked: list[Item] = []
        for item in self.items:
            if item.asked_if is None or holds(item.asked_if, context):
                asked.append(item.as_asked(context))
                if item.code in given:
                    counted[item.code] = given[item.code]
        return tuple(asked)

    def reworded(self, facts: Facts, before: Answers, after: Answers) -> frozenset[str]:
        """The items that these answers ask in other words than those answers did."""
        variants = {item.code: item.variant for item in self.asked(facts, before)}
        reworded: set[str] = set()
        for item in self.asked(facts, after):
            if item.code in variants and item.variant != variants[item.code]:
                reworded.add(item.code)
        return frozenset(reworded)

    def checked(self, answers: Answers) -> dict[str, Value]:
        """The answers in their proper form; raises UnknownItem or NotOffered for the first that is
        not."""
        return {code: self.item(code).checked(value) for code, value in answers.items()}

    def name_in_export(self, wording_version: str) -> str:
        """Answers under stand-in labels are never exported as the licensed instrument's."""
        return self.exported_as.get(wording_version, self.code)
