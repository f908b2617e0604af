"""Whether what patients are shown is licensed: in each language, by whom, since when, and in which
wording."""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from proms.content import Library
from proms.content.library import current
from proms.domain.instrument import Instrument, Wording
from proms.domain.person import Language


class LicenceState(StrEnum):
    """What a wording is to the site."""

    OWN = "own"  # it needs no licence
    LICENSED = "licensed"
    STANDS_IN = "stands_in"  # labels of our own, shown to patients in a demo
    NOT_ASKED = "not_asked"  # nothing that patients may be shown


SAID = {
    LicenceState.OWN: _l("our own wording, no licence needed"),
    LicenceState.LICENSED: _l("licensed"),
    LicenceState.STANDS_IN: _l("stand-in labels of the demo"),
    LicenceState.NOT_ASKED: _l("no licensed wording installed: outside a demo it is not asked"),
}
TONES = {
    LicenceState.OWN: "ok",
    LicenceState.LICENSED: "ok",
    LicenceState.STANDS_IN: "today",
    LicenceState.NOT_ASKED: "now",
}


@dataclass(frozen=True)
class LanguageLicence:
    """One language of an instrument: the best wording there is, and what it is to the site."""

    language: Language
    standing: LicenceState
    wording: Wording | None

    @property
    def said(self) -> str:
        return str(SAID[self.standing])

    @property
    def tone(self) -> str:
        return TONES[self.standing]


def language_licences(library: Library, instrument: Instrument) -> list[LanguageLicence]:
    """The state of every language."""
    return [_right(library, instrument, language) for language in Language]


def _right(library: Library, instrument: Instrument, language: Language) -> LanguageLicence:
    held = library.wordings.get((instrument.code, instrument.version, language.value), {})
    best = held[current(held)] if held else None
    return LanguageLicence(language, _standing(library, instrument, best), best)


def _standing(library: Library, instrument: Instrument, best: Wording | None) -> LicenceState:
    if best is None:
        return LicenceState.NOT_ASKED
    if not instrument.licensor:
        return LicenceState.OWN
    if not best.stands_in:
        return LicenceState.LICENSED
    return LicenceState.STANDS_IN if library.stand_ins else LicenceState.NOT_ASKED
