"""Our own words in each language, for messages that are made outside a web request."""

from functools import cache
from gettext import NullTranslations
from pathlib import Path

from babel.support import Translations

from proms.content.source import UnsoundContent

CATALOGUES = Path(__file__).resolve().parents[2] / "translations"


@cache
def catalogue(language: str) -> NullTranslations:
    """The catalogue of one language; raises UnsoundContent when it is not compiled: no English
    falls through."""
    loaded = Translations.load(str(CATALOGUES), [language])
    if not isinstance(loaded, Translations):
        path = CATALOGUES.relative_to(CATALOGUES.parent) / language / "LC_MESSAGES" / "messages.mo"
        raise UnsoundContent(path, 1, "the catalogue is not compiled; run make messages")
    return loaded
