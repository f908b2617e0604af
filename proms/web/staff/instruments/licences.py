"""Whether what patients are shown is licensed: in each language, by whom, since when, and in which
wording."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from proms.content import Library
from proms.domain.instrument import Instrument, LicenceState, Wording, licence_state
from proms.domain.person import Language

SENTENCES = {
    LicenceState.OWN: _l("our own wording, no licence needed"),
    LicenceState.LICENSED: _l("licensed"),
    LicenceState.STANDS_IN: _l("sample text of the demo"),
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
        wording = library.best_wording(instrument, language)
        state = licence_state(instrument, wording, stand_ins=library.stand_ins)
        licences.append(LanguageLicence(language, state, wording))
    return licences
