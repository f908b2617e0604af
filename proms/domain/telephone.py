"""Read a telephone number as people write it: one number that exists, and whether it takes text
messages."""

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType

HOME_COUNTRY = "NL"
HOME_CODES = frozenset({"+31"})
# Digits, and what people put between them; letters would be read as keys of a dial.
WRITTEN = re.compile(r"[\d\s+().\-/\u2010-\u2015\u2212]*")
SEPARATORS = re.compile(r"[;,/]")
ALWAYS_SEPARATE = re.compile(r"[;,]")
SHORTEST_NUMBER = 7  # digits: a part with as many, after a slash, is a number of its own
MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
SPECIAL = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.PAGER, PhoneNumberType.VOICEMAIL}


class NumberFault(StrEnum):
    """What is wrong with a telephone number."""

    UNREADABLE = "unreadable"
    LETTERS = "letters"
    SEVERAL = "several"
    WRONG_LENGTH = "wrong_length"
    NO_SUCH_NUMBER = "no_such_number"
    SPECIAL = "special"


class UnreadableNumber(Exception):
    """A text that is not one telephone number on which somebody can be reached."""

    def __init__(self, fault: NumberFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class TelephoneNumber:
    """A number that exists, in international form (E.164)."""

    e164: str
    mobile: bool

    @property
    def country(self) -> str:
        """The code that the numbers of its country begin with: "+31"."""
        return country_of(self.e164) or ""


def read_number(text: str) -> TelephoneNumber:
    """The number, read as Dutch when it has no country code; raises UnreadableNumber."""
    _refuse_other_text(text)
    try:
        number = phonenumbers.parse(text, HOME_COUNTRY)
    except phonenumbers.NumberParseException as error:
        raise UnreadableNumber(_fault_of(error)) from None
    if not phonenumbers.is_possible_number(number):
        raise UnreadableNumber(NumberFault.WRONG_LENGTH)
    if not phonenumbers.is_valid_number(number):
        raise UnreadableNumber(NumberFault.NO_SUCH_NUMBER)
    kind = phonenumbers.number_type(number)
    if kind in SPECIAL or not phonenumbers.can_be_internationally_dialled(number):
        raise UnreadableNumber(NumberFault.SPECIAL)
    return TelephoneNumber(
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), kind in MOBILE
    )


def written(e164: str) -> str:
    """A stored number as people write it: "020 123 4567"; a foreign one with its country code."""
    parsed = phonenumbers.parse(e164)
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    if parsed.country_code == phonenumbers.country_code_for_region(HOME_COUNTRY):
        form = phonenumbers.PhoneNumberFormat.NATIONAL
    return phonenumbers.format_number(parsed, form)


def country_of(e164: str) -> str | None:
    """The code that the numbers of this number's country begin with; None for what is no number."""
    try:
        return f"+{phonenumbers.parse(e164).country_code}"
    except phonenumbers.NumberParseException:
        return None


def is_country_code(text: str) -> bool:
    """Whether the numbers of some country begin with this, as "+31"."""
    digits = text.removeprefix("+")
    known = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return text == f"+{digits}" and digits.isascii() and digits.isdigit() and int(digits) in known


def dialled_forms(e164: str) -> tuple[str, ...]:
    """The digits of a stored number in each way in which people dial it: 31612345678,
    0031612345678, 0612345678, 310612345678."""
    number = phonenumbers.parse(e164)
    country = str(number.country_code)
    abroad = e164.removeprefix("+")
    home = _digits(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))
    return tuple(dict.fromkeys((abroad, f"00{abroad}", home, f"{country}{home}")))


def dialled(text: str) -> str:
    """The digits of a number, or of its beginning, however it is written; nothing where it is no
    number."""
    if not text.isascii() or not WRITTEN.fullmatch(text):
        return ""
    return _digits(text.replace("(0)", ""))


def _refuse_other_text(text: str) -> None:
    if any(character.isalpha() for character in text):
        raise UnreadableNumber(NumberFault.LETTERS)
    parts = [_digits(part) for part in SEPARATORS.split(text)]
    # A slash may also stand behind an area code: 020/1234567.
    whole_numbers = [part for part in parts if len(part) >= SHORTEST_NUMBER]
    if ALWAYS_SEPARATE.search(text) or len(whole_numbers) > 1:
        raise UnreadableNumber(NumberFault.SEVERAL)
    if not WRITTEN.fullmatch(text):
        raise UnreadableNumber(NumberFault.UNREADABLE)


def _fault_of(error: phonenumbers.NumberParseException) -> NumberFault:
    if error.error_type in (
        phonenumbers.NumberParseException.TOO_LONG,
        phonenumbers.NumberParseException.TOO_SHORT_NSN,
        phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD,
    ):
        return NumberFault.WRONG_LENGTH
    return NumberFault.UNREADABLE


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
