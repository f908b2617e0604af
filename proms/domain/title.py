"""What something of the trial is called."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Title:
    """What something of the trial is called, in each language that its protocol says it in."""

    default: str
    texts: Mapping[str, str] = field(default_factory=dict)  # language -> text

    def __str__(self) -> str:
        return self.default

    def said_in(self, language: str) -> str:
        """The title in a language; the default where the protocol has none in it."""
        return self.texts.get(language, self.default)
