"""Our own words are there in both languages, each with the same slots, and no catalogue holds a
word nobody says."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from proms.content.catalogues import CATALOGUES
from proms.domain.person import Language
from proms.settings import HOME

SLOT = re.compile(r"%\(\w+\)s")
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "_n": (1, 2),
}


@cache
def said() -> frozenset[str | tuple[str, ...]]:
    """Every text in the code and the templates that goes through gettext."""
    found = extract_from_dir(HOME / "proms", METHODS, keywords=KEYWORDS)
    return frozenset(message for _, _, message, _, _ in found)


def plain(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


@cache
def catalogue(language: str) -> Catalog:
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", list(Language))
def test_every_text_is_in_the_catalogue_and_nothing_else_is(language):
    held = {message.id for message in catalogue(language) if message.id}
    assert said() - held == set()
    assert held - said() == set()


@pytest.mark.parametrize("language", list(Language))
def test_no_text_falls_through_untranslated(language):
    for message in catalogue(language):
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not message.id or all(words), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("language", list(Language))
def test_a_translation_has_the_slots_of_its_text(language):
    for message in catalogue(language):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        slots = {slot for text in ids for slot in SLOT.findall(text)}
        for text in words:
            assert set(SLOT.findall(text)) <= slots, message.id


@pytest.mark.parametrize("language", list(Language))
def test_what_is_compiled_is_what_was_written(language):
    path = Path(CATALOGUES, language, "LC_MESSAGES", "messages.mo")
    with path.open("rb") as file:
        compiled = read_mo(file)
    assert {plain(each) for each in compiled if each.id} == {
        plain(each) for each in catalogue(language) if each.id
    }


def test_dutch_addresses_the_reader_politely():
    for message in catalogue("nl"):
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not any(
            re.search(r"\b(je|jij|jouw)\b", text or "", re.IGNORECASE) for text in words
        ), message.id
