"""Our own words in each language, for messages that are made outside a web request."""

from functools import cache
from gettext import NullTranslations
from pathlib import Path

from babel.support import Translations

CATALOGUES = Path(__file__).resolve().parents[2] / "translations"


@cache
def speech(language: str) -> NullTranslations:
    """The catalogue of one language."""
    return Translations.load(str(CATALOGUES), [language])
