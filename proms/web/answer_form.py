"""A form with answers: reading what was filled in, the words that were read, and the key that makes
a second press harmless."""

import re
import secrets
from collections.abc import Sequence

from proms.content import Library
from proms.domain.instrument import Item, ItemKind, Value, WordingRead
from proms.domain.plain_text import KEY, text_fault, with_plain_ends
from proms.domain.response import MissingReason

LONGEST_NUMBER = 9
KEY_BYTES = 16
SHORTEST_KEY = 16


def new_key() -> str:
    """What makes a second tap on the same page harmless."""
    return secrets.token_urlsafe(KEY_BYTES)


def is_key(text: str) -> bool:
    return len(text) >= SHORTEST_KEY and re.fullmatch(KEY, text) is not None


def words_read(library: Library, instrument: str, text: str) -> WordingRead | None:
    """The words that a form says were read; None for words that nobody can have read here."""
    versions = text.split(" ")
    if len(versions) == len(WordingRead._fields):
        read = WordingRead(*versions)
        if library.may_be_read(instrument, read):
            return read
    return None


def read_answer(item: Item, written: str, ticked: Sequence[str]) -> Value | None:
    """The answer in what was written or ticked; None where nothing was. What is no answer of the
    item goes on as it came, to be refused by name."""
    written = written.strip()
    if item.kind is ItemKind.TEXT:
        return with_plain_ends(written) or None
    if item.kind is ItemKind.NUMBER:
        return _read_number(item, written) if written else None
    if not ticked:
        return None
    if item.kind is ItemKind.MULTIPLE:
        return tuple(ticked)
    return _option_of(item, ticked[0])


def impossible_answer(item: Item, given: Value | MissingReason) -> tuple[str, ...] | None:
    """What was filled in, if a person may well do that and it still cannot be kept: it is shown to
    her again."""
    if item.kind is ItemKind.TEXT and isinstance(given, str) and text_fault(given):
        return (given,)
    if item.kind is ItemKind.NUMBER and isinstance(given, str):
        return (given[:LONGEST_NUMBER],)
    if isinstance(given, tuple) and item.none in given and len(given) > 1:
        return given
    return None


def _read_number(item: Item, text: str) -> Value:
    """The number in a text of digits, as a text where it is none that the item takes."""
    # isdigit() is true of digits of every script, and of superscripts that int() does not read.
    in_digits = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    if in_digits and item.low <= int(text) <= item.high:
        return int(text)
    return text


def _option_of(item: Item, text: str) -> Value:
    """The option that a form sent as text; what is no option of the item goes on as it came, to be
    refused by name."""
    for option in item.options:
        if str(option) == text:
            return option
    return text
