"""Our own words are there in both languages, each with the same slots, and no catalogue holds a
word nobody says."""

import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo

from proms.content.catalogues import CATALOGUES
from proms.domain.person import Language
from tests.words import catalogue, forms, used


@pytest.mark.parametrize("language", list(Language))
def test_every_text_is_in_the_catalogue_and_nothing_else_is(language):
    held = {forms(message.id) for message in catalogue(language) if message.id}
    assert used().keys() - held == set()
    assert held - used().keys() == set()


@pytest.mark.parametrize("language", list(Language))
def test_no_text_falls_through_untranslated(language):
    for message in catalogue(language):
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not message.id or all(words), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("language", list(Language))
def test_what_is_compiled_is_what_was_written(language):
    path = Path(CATALOGUES, language, "LC_MESSAGES", "messages.mo")
    with path.open("rb") as file:
        compiled = read_mo(file)
    assert {forms(each.id) for each in compiled if each.id} == {
        forms(each.id) for each in catalogue(language) if each.id
    }


def test_dutch_addresses_the_reader_politely():
    for message in catalogue("nl"):
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not any(
            re.search(r"\b(je|jij|jouw)\b", text or "", re.IGNORECASE) for text in words
        ), message.id
