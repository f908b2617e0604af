"""Reads titles, and what a content file may leave out."""

from proms.content.source import Node
from proms.domain.person import Language
from proms.domain.title import Title


def read_title(node: Node) -> Title:
    """A title: one text for every language, or one for each."""
    if not isinstance(node.value, dict):
        return Title(node.text())
    languages = [language.value for language in Language]
    texts = {language: text.text() for language, text in node.mapping(languages, ()).items()}
    return Title(texts[Language.EN], texts)


# An absent key is not an empty one: the readers of optional keys give what the domain takes where
# the key is left out.


def optional_title(node: Node | None) -> Title | None:
    """The title in a node that may be left out."""
    return read_title(node) if node else None


def optional_mapping(node: Node | None) -> dict[str, Node]:
    """The entries of a node that may be left out; none where it is."""
    return node.mapping() if node else {}
