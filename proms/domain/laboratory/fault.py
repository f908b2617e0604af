"""Why a laboratory value cannot be kept, each with its English sentence: pages, API and files say
the same."""

from collections.abc import Mapping
from enum import StrEnum

_l = str  # marks a sentence for the catalogue; a page says it in the reader's language


class ValueFault(StrEnum):
    """Why a value cannot be kept."""

    UNKNOWN_TEST = "unknown_test"
    NOT_AN_AMOUNT = "not_an_amount"
    DECIMAL_COMMA = "decimal_comma"
    NO_UPPER_LIMIT = "no_upper_limit"
    UPPER_LIMIT = "upper_limit"
    OTHER_UNIT = "other_unit"
    UNKNOWN_UNIT = "unknown_unit"
    BEFORE_CONSENT = "before_consent"
    TAKEN_AHEAD = "taken_ahead"
    AFTER_END = "after_end"
    NO_SUCH_VALUE = "no_such_value"


# A sentence never repeats what was written: where columns have shifted it may hold a name.
SENTENCES: Mapping[ValueFault, str] = {
    ValueFault.UNKNOWN_TEST: _l("This is not a laboratory test of the study: %(known)s."),
    ValueFault.NOT_AN_AMOUNT: _l(
        "Write a number above 0 with at most two decimals, such as %(example)s."
    ),
    ValueFault.DECIMAL_COMMA: _l("Write decimals with a point, as in 12.5."),
    ValueFault.NO_UPPER_LIMIT: _l(
        "The laboratory’s upper limit of normal is needed: without it a value says nothing."
    ),
    ValueFault.UPPER_LIMIT: _l(
        "An upper limit of normal from %(lowest)s to %(highest)s %(unit)s is expected. "
        "Is this in another unit?"
    ),
    ValueFault.OTHER_UNIT: _l(
        "%(unit)s is expected here, not %(other)s. Nothing is converted: "
        "ask the laboratory for %(unit)s (1 %(other)s is %(is)s %(unit)s)."
    ),
    ValueFault.UNKNOWN_UNIT: _l("%(unit)s is expected here."),
    ValueFault.BEFORE_CONSENT: _l("This is before the patient’s consent."),
    ValueFault.TAKEN_AHEAD: _l("This day is still to come."),
    ValueFault.AFTER_END: _l("On this day the patient took part no longer."),
    ValueFault.NO_SUCH_VALUE: _l("There is no value of this test on this day."),
}
