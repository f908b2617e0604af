"""Read `protocols/<code>/messages/words.yaml`: what no message of the trial may hold."""

import re
from pathlib import Path

from proms.content.source import Node, read
from proms.domain.reminder import Revealing
from proms.domain.reminder.revealing import plain_letters

LETTERS = re.compile(r"[a-z0-9 *]+")


def read_message_words(path: Path, shown: Path | None = None) -> Revealing:
    """The words in a file."""
    root = read(path, shown)
    root.mapping(("revealing", "asked"), ())
    return Revealing(_words(root["revealing"]), _words(root["asked"]))


def _words(node: Node) -> tuple[str, ...]:
    words = tuple(_word(entry) for entry in node.several())
    for word, entry in zip(words, node, strict=True):
        if words.count(word) > 1:
            entry.fail(f"{word!r} stands here twice")
    return words


def _word(node: Node) -> str:
    word = node.text()
    # Any other sign is not there in what a word is compared with: it would never be found.
    if not LETTERS.fullmatch(word) or not plain_letters(word):
        node.fail(f"{word!r} is not written in small letters without accents")
    return word
