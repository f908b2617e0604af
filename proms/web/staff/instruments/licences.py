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


SENTENCES = {
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
    state: LicenceState
    wording: Wording | None

    @property
    def sentence(self) -> str:
        return str(SENTENCES[self.state])

    @property
    def tone(self) -> str:
        return TONES[self.state]


def language_licences(library: Library, instrument: Instrument) -> list[LanguageLicence]:
    """The state of every language."""
    licences = []
    for language in Language:
        wording = _best_wording(library, instrument, language)
        licences.append(LanguageLicence(language, _state(library, instrument, wording), wording))
    return licences


def _best_wording(library: Library, instrument: Instrument, language: Language) -> Wording | None:
    wordings = library.wordings.get((instrument.code, instrument.version, language.value))
    if not wordings:
        return None
    return wordings[current(wordings)]


def _state(library: Library, instrument: Instrument, wording: Wording | None) -> LicenceState:
    if wording is None:
        return LicenceState.NOT_ASKED
    if not instrument.licensor:
        return LicenceState.OWN
    if not wording.stands_in:
        return LicenceState.LICENSED
    if library.stand_ins:
        return LicenceState.STANDS_IN
    return LicenceState.NOT_ASKED
