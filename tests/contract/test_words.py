"""What our own sentences may say: that which is true when they are shown, in both languages."""

import re

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from proms.content.catalogues import CATALOGUES
from proms.domain.person import Language
from proms.web.errors import PAGES
from tests.words import SLOT, catalogue_sentences, content_sentences

EVERYTHING = catalogue_sentences() + content_sentences()
READ_BY_PATIENTS = [each for each in EVERYTHING if each.for_patients]

NUMBER = re.compile(r"\d+")
LINK = re.compile(r"https?://\S+|\S+@\S+\.\w+")


@pytest.fixture(scope="module")
def spoken():
    """An application that does nothing but speak."""
    app = Flask(__name__)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGUES)
    Babel(app)
    with app.test_request_context():
        yield


@pytest.mark.parametrize("status", [500, 503])
def test_a_page_that_comes_when_saving_failed_does_not_say_that_all_is_saved(spoken, status):
    """It also comes to staff, after a note that was lost."""
    said = {}
    for language in Language:
        with force_locale(language.value):
            said[language] = str(PAGES[status])
    assert "Wat u net invulde, is " in said[Language.NL]
    assert "What you just filled in " in said[Language.EN]
    for sentence in said.values():
        assert "antwoorden" not in sentence
        assert "answers" not in sentence


def test_there_are_sentences_to_judge():
    """What follows would hold of nothing."""
    assert len(catalogue_sentences()) > 900
    assert len(content_sentences()) > 100
    assert len(READ_BY_PATIENTS) > 250


def test_every_form_in_both_languages_is_filled_in_with_the_same():
    unequal = {
        each.name: slots
        for each in EVERYTHING
        if len(set(slots := [found for language in Language for found in each.slots(language)])) > 1
    }
    assert unequal == {}


def test_both_languages_have_as_many_forms():
    assert [each.name for each in EVERYTHING if len(set(map(len, each.said.values()))) > 1] == []


def test_both_languages_name_the_same_numbers_and_links():
    unequal = {
        each.name: forms
        for each in EVERYTHING
        for forms in zip(*each.said.values(), strict=True)
        if len(set(map(_facts, forms))) > 1
    }
    assert unequal == {}


def _facts(form: str) -> frozenset[str]:
    bare = SLOT.sub("", form)
    return frozenset([*NUMBER.findall(bare), *LINK.findall(bare)])


def test_english_is_said_as_it_is_written_in_the_code():
    assert [
        each.name for each in catalogue_sentences() if each.said[Language.EN][0] != each.name
    ] == []
