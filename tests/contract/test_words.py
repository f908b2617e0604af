"""What our own sentences may say: that which is true when they are shown, in both languages."""

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from proms.content.catalogues import CATALOGUES
from proms.domain.person import Language
from proms.web.errors import PAGES


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
