"""An instrument's words in one language: shown byte for byte, never interpreted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from proms.domain.instrument.condition import Value
from proms.domain.instrument.item import Item, Place

# Among the words of `about`: those for several things at once, with {reported} in them.
SEVERAL = "several"
REPORTED = "{reported}"
# The wording version of neutral labels of our own, shown instead of a licensed text.
STAND_IN = "DEMO"


@dataclass(frozen=True)
class Licence:
    """The right to show a wording: who gave it, under which reference, when."""

    licensor: str
    reference: str
    granted: date


class WordingRead(NamedTuple):
    """Which words were read: the instrument's version, that of its wording, and the language."""

    instrument_version: str
    wording_version: str
    language: str


@dataclass(frozen=True)
class Wording:
    """The official text of one instrument version in one language.

    In our own safety line `{phone}` stands for the site's number; a licensed text has no such
    places.
    """

    instrument: str
    instrument_version: str
    version: str
    language: str
    title: str
    short_title: str
    items: Mapping[str, str]  # of an item with variants: the words of its last
    options: Mapping[str, Mapping[str, str]]
    # item -> variant -> text
    variants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    head: str = ""
    recall: str = ""
    # item -> the period that it alone asks about
    recalls: Mapping[str, str] = field(default_factory=dict)
    safety_line: str = ""
    banner: str | None = None
    hints: Mapping[str, str] = field(default_factory=dict)
    # item or scale -> a few words for tables and charts
    labels: Mapping[str, str] = field(default_factory=dict)
    # section -> the heading over its answers
    sections: Mapping[str, str] = field(default_factory=dict)
    # item -> the name of answers that others have too
    sharing: Mapping[str, str] = field(default_factory=dict)
    # item -> what it asks about: an item, or with a point an option of one -> the words to ask in
    about: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    digest: str = ""
    licence: Licence | None = None

    @property
    def read(self) -> WordingRead:
        """What is stored of it with a draft or a response."""
        return WordingRead(self.instrument_version, self.version, self.language)

    @property
    def stands_in(self) -> bool:
        """Whether these are neutral labels that stand in for a licensed text."""
        return self.version == STAND_IN

    def question(self, item: Item) -> str:
        """The words of an item as it is asked, in its variant."""
        if item.variant:
            return self.variants[item.code][item.variant]
        return self.items[item.code]

    def question_about(self, item: Item, ticked: Sequence[str], named: str) -> str:
        """The words of an item that asks about other answers: about one of them in words of its
        own, about several by their names; without such words, or any answer, as it stands."""
        words = self.about.get(item.code, {})
        if len(ticked) == 1 and ticked[0] in words:
            return words[ticked[0]]
        if ticked and SEVERAL in words:
            return words[SEVERAL].replace(REPORTED, named)
        return self.question(item)

    def recall_of(self, item: Item) -> str:
        """The period an item asks about: its own, else that of all; beside the number to call it
        is about now."""
        if item.place is Place.CALL:
            return ""
        return self.recalls.get(item.code, self.recall)

    def option(self, item: str, value: Value) -> str:
        """The words of an answer; of several, joined by semicolons: an answer may hold a comma."""
        words = self.options.get(item, {})
        if isinstance(value, tuple):
            return "; ".join(words.get(option, option) for option in value)
        return words.get(str(value), str(value))

    def label(self, code: str) -> str:
        """A few words for an item or a scale: its label, else its text, else its code."""
        return self.labels.get(code) or self.items.get(code) or code
