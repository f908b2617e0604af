"""Whether what patients are shown is licensed: in each language, by whom, since when, and in which wording."""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from proms.content import Library
from proms.content.library import current
from proms.domain.instrument import Instrument, Wording
from proms.domain.person import Language


class Standing(StrEnum):
    """What a wording is to the site."""

    OWN = "own"  # it needs no licence
    LICENSED = "licensed"
    STANDS_IN = "stands_in"  # labels of our own, shown to patients in a demo
    NOT_ASKED = "not_asked"  # nothing that patients may be shown


SAID = {
    Standing.OWN: _l("our own wording, no licence needed"),
    Standing.LICENSED: _l("licensed"),
    Standing.STANDS_IN: _l("stand-in labels of the demo"),
    Standing.NOT_ASKED: _l("no licensed wording installed: outside a demo it is not asked"),
}
TONES = {Standing.OWN: "ok", Standing.LICENSED: "ok", Standing.STANDS_IN: "today", Standing.NOT_ASKED: "now"}


@dataclass(frozen=True)
class Right:
    """One language of an instrument: the best wording there is, and what it is to the site."""

    language: Language
    standing: Standing
    wording: Wording | None

    @property
    def said(self) -> str:
        return str(SAID[self.standing])

    @property
    def tone(self) -> str:
        return TONES[self.standing]


def rights(library: Library, instrument: Instrument) -> list[Right]:
    """The state of every language."""
    return [_right(library, instrument, language) for language in Language]


def _right(library: Library, instrument: Instrument, language: Language) -> Right:
    held = library.wordings.get((instrument.code, instrument.version, language.value), {})
    best = held[current(held)] if held else None
    return Right(language, _standing(library, instrument, best), best)


def _standing(library: Library, instrument: Instrument, best: Wording | None) -> Standing:
    if best is None:
        return Standing.NOT_ASKED
    if not instrument.licensor:
        return Standing.OWN
    if not best.stands_in:
        return Standing.LICENSED
    return Standing.STANDS_IN if library.stand_ins else Standing.NOT_ASKED
