"""Whether patients may be shown a wording: it needs no licence, has one, or stands in for one."""

from enum import StrEnum

from proms.domain.instrument.item import Instrument
from proms.domain.instrument.wording import Wording


class LicenceState(StrEnum):
    """What the best wording there is of an instrument is to a site."""

    OWN = "own"  # it needs no licence
    LICENSED = "licensed"
    STANDS_IN = "stands_in"  # labels of our own, shown to patients in a demo
    NOT_ASKED = "not_asked"  # nothing that patients may be shown

    @property
    def may_be_asked(self) -> bool:
        return self is not LicenceState.NOT_ASKED


def licence_state(
    instrument: Instrument, wording: Wording | None, *, stand_ins: bool
) -> LicenceState:
    """The state of the best wording in a language, if there is any; `stand_ins` says whether
    patients may be shown our labels, as in a demo."""
    if wording is None:
        return LicenceState.NOT_ASKED
    if not instrument.licensor:
        return LicenceState.OWN
    if not wording.stands_in:
        return LicenceState.LICENSED
    return LicenceState.STANDS_IN if stand_ins else LicenceState.NOT_ASKED
