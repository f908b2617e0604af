"""An instrument's words in one language: shown byte for byte, never interpreted."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from proms.domain.instrument.condition import Value


@dataclass(frozen=True)
class Wording:
    """The official text of one instrument version in one language; `{phone}` stands for the site's number."""

    instrument: str
    version: str
    language: str
    title: str
    short_title: str
    items: Mapping[str, str]
    options: Mapping[str, Mapping[str, str]]
    head: str = ""
    recall: str = ""
    safety_line: str = ""
    banner: str | None = None
    hints: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)  # item or scale -> a few words for tables and charts
    digest: str = ""

    def option(self, item: str, value: Value) -> str:
        """The words of an answer; of several, joined by commas."""
        words = self.options.get(item, {})
        if isinstance(value, tuple):
            return ", ".join(words.get(each, each) for each in value)
        return words.get(str(value), str(value))

    def label(self, code: str) -> str:
        """A few words for an item or a scale: its label, else its text, else its code."""
        return self.labels.get(code) or self.items.get(code) or code
