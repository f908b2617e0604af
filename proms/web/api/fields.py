"""The forms of what comes in over the API: written by hand and strict, or made from an
instrument."""

import re
from enum import StrEnum
from typing import Any

from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Boolean, Field, Integer, List, String
from marshmallow.validate import Length, OneOf, Range, Validator

from proms.domain.instrument import Instrument, Item, ItemKind
from proms.domain.plain_text import LARGEST_INTEGER, LINE, LONGEST_TEXT, TEXT, with_plain_ends

LONGEST_NUMBER = len(str(LARGEST_INTEGER))


class Written(Validator):
    """A pattern that the whole text must match: `$` alone leaves a line's end at its end unseen."""

    def __init__(self, pattern: str, sentence: str) -> None:
        self.regex = re.compile(pattern)  # what the description of the API calls the pattern
        self.sentence = sentence

    def __call__(self, value: str) -> str:
        if not self.regex.fullmatch(value):
            raise ValidationError(self.sentence)
        return value


class Fits(Length):
    """A length that is counted as on every page: the end of a line is one character."""

    def __call__(self, value: Any) -> Any:
        super().__call__(with_plain_ends(value))
        return value


class Strict(Schema):
    """What comes in: a field that is not named here is refused."""

    class Meta:
        unknown = RAISE


class Digits(Integer):
    """A whole number as an address writes it: Python would also read 1_000 and other alphabets'
    digits."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
            raise self.make_error("invalid")
        return int(text)


class Flag(Boolean):
    """True or false as JSON has them; no text or number stands for either."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Not true or false.")
        return value


def line(longest: int, shortest: int = 0, **options: Any) -> String:
    """One line of text."""
    strange = "Not one line of characters that can be seen."
    return String(validate=[Length(shortest, longest), Written(LINE, strange)], **options)


def text(longest: int, **options: Any) -> String:
    """Text of several lines."""
    strange = "Holds a character that cannot be kept."
    return String(validate=[Fits(0, longest), Written(TEXT, strange)], **options)


def whole(lowest: int = 0, highest: int = LARGEST_INTEGER, **options: Any) -> Integer:
    """A whole number; neither 1.5 nor "1" is one."""
    return Integer(strict=True, validate=Range(lowest, highest), **options)


def digits(lowest: int, highest: int, **options: Any) -> Integer:
    """A whole number as an address writes it: in digits."""
    return Digits(validate=Range(lowest, highest), **options)


def word(vocabulary: type[StrEnum], **options: Any) -> String:
    """One word of a vocabulary, as it is stored."""
    return String(validate=OneOf([member.value for member in vocabulary]), **options)


def answers_schema(instrument: Instrument) -> type[Schema]:
    """The wire form of a response: one optional field an item, only the codes the item offers."""
    fields = {item.code: _answer(item) for item in instrument.items}
    return Strict.from_dict(fields, name=f"Answers_{instrument.code}_{instrument.version}")


def _answer(item: Item) -> Field[Any]:
    if item.kind is ItemKind.TEXT:
        return text(LONGEST_TEXT)
    if item.kind is ItemKind.MULTIPLE:
        return List(String(validate=OneOf(item.options)), validate=Length(1, len(item.options)))
    if item.kind is ItemKind.NUMBER:
        return whole(item.low, item.high)
    if all(isinstance(option, int) for option in item.options):
        return Integer(strict=True, validate=OneOf(item.options))
    return String(validate=OneOf(item.options))
