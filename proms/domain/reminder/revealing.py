"""Words that may stand in no message: a phone may lie on a kitchen table."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

ANY_LETTERS = "*"


@dataclass(frozen=True)
class Revealing:
    """What would tell whoever picks the phone up why she is written to, and what only a swindler
    asks for. A word ends where its letters end; `*` stands for any letters."""

    words: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    def reveals(self, text: str) -> str | None:
        """The first word of the text, in plain letters, that says too much."""
        return _found(self._revealing, text)

    def asks(self, text: str) -> str | None:
        """The first word of the text that asks for what we never ask."""
        return _found(self._asking, text)

    def with_words(self, more: Iterable[str]) -> "Revealing":
        return Revealing((*self.words, *more), self.asked)

    @cached_property
    def _revealing(self) -> re.Pattern[str] | None:
        return _pattern(self.words)

    @cached_property
    def _asking(self) -> re.Pattern[str] | None:
        return _pattern(self.asked)


def plain_letters(text: str) -> str:
    """Small letters and digits without accents, and one blank for all that stands between them."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return " ".join(re.findall("[a-z0-9]+", letters))


def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    either = "|".join(_one(word) for word in words)
    return re.compile(f"\\b(?:{either})\\b") if either else None


def _one(word: str) -> str:
    pieces = word.casefold().split(ANY_LETTERS)
    return "[a-z0-9]*".join(re.escape(plain_letters(piece)) for piece in pieces)


def _found(pattern: re.Pattern[str] | None, text: str) -> str | None:
    found = pattern.search(plain_letters(text)) if pattern else None
    return found[0] if found else None
