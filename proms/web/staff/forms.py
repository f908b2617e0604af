"""Reading a form: what was typed, field by field, with a sentence at each field that does not
read."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from proms.actions.laboratory import UnfitValue
from proms.actions.refusals import Doubtful, FieldFault, Incomplete, Unfit
from proms.domain.laboratory import SENTENCES
from proms.domain.plain_text import (
    LONGEST_LINE,
    LONGEST_REASON,
    LONGEST_TEXT,
    TextFault,
    line_fault,
    text_fault,
    with_plain_ends,
)

E = TypeVar("E", bound=StrEnum)
LONGEST_NUMBER = 10

# What an action finds wrong with a field of a form. The faults that are left out belong to the
# command line alone.
FAULTS = {
    FieldFault.EMPTY: _l("This field cannot be empty."),
    FieldFault.TOO_LONG: _l("This is longer than %(longest)s characters."),
    FieldFault.STRANGE_CHARACTER: _l(
        "There is a character in this that cannot be saved. Type it again."
    ),
    FieldFault.BIRTH_YEAR: _l("Write the year of birth in four digits; patients are 18 or older."),
    FieldFault.CONSENT_AHEAD: _l("The consent cannot be dated in the future."),
    FieldFault.UNREADABLE_PHONE: _l(
        "This telephone number is not valid. Write it like 06 12345678."
    ),
    FieldFault.IMPOSSIBLE_PHONE: _l("This telephone number has too few or too many digits."),
    FieldFault.NO_SUCH_PHONE: _l(
        "There is no such telephone number: count its digits. "
        "A foreign one begins with + and the code of its country."
    ),
    FieldFault.PHONE_LETTERS: _l("A telephone number has no letters: write the number alone."),
    FieldFault.SEVERAL_PHONES: _l("Write one telephone number."),
    FieldFault.SPECIAL_PHONE: _l(
        "This number is not one that everybody can call: write that of a person or a ward."
    ),
    FieldFault.NOT_MOBILE: _l(
        "This is no mobile number, so text messages may not arrive. "
        "Write a mobile number, or tick that you want to use this one all the same."
    ),
    FieldFault.OTHER_COUNTRY: _l(
        "Text messages go only to numbers that begin with: %(countries)s."
    ),
    FieldFault.NUMBER_TAKEN: _l("Patient %(code)s of this hospital has this number already."),
    FieldFault.NUMBER_SIMILAR: _l(
        "Patient %(code)s of this hospital has this number with other leading zeros. If this is"
        " another patient, tick that it is so."
    ),
    FieldFault.OUTSIDE_TRIAL: _l(
        "This date is outside the years of the study, %(first)s to %(last)s. Is the year right?"
    ),
    FieldFault.UNREADABLE_EMAIL: _l(
        "This e-mail address is not valid. Write it like anna@example.nl."
    ),
    FieldFault.LOGIN_NAME: _l(
        "A log-in name has 2 to 100 letters, digits, dots, dashes or an e-mail address."
    ),
    FieldFault.SHORT_PASSWORD: _l("A password has at least 12 characters."),
    FieldFault.LONG_PASSWORD: _l(
        "A password has at most %(longest)s characters that can be typed."
    ),
    FieldFault.NOT_REACHABLE: _l(
        "A nurse needs a mobile number or an e-mail address: urgent notices go there."
    ),
    FieldFault.NO_COLLEAGUE: _l("Choose a nurse of this hospital who takes the alerts over."),
    FieldFault.NO_NOTE: _l("Write in a few words what was agreed."),
    FieldFault.NO_ACTION_REASON: _l("Choose why nothing was needed."),
    FieldFault.GRADE: _l("A CTCAE grade is a number from 1 to 5."),
    FieldFault.NOT_EXPECTABLE: _l("No level can be expected of this question."),
    FieldFault.NO_LEVEL: _l("Choose one of the levels above the lowest."),
    FieldFault.EXPECTED_UNTIL: _l("Choose a last day from today to a year from now."),
    FieldFault.CALL_AGAIN: _l(
        "Choose a time that is still to come, and before these questions close."
    ),
    FieldFault.ON_RECORD: _l("That is on record already."),
    FieldFault.NO_REASON: _l("Give the reason in a few words."),
    FieldFault.NO_ACCESS: _l("%(name)s has no access any more."),
    FieldFault.TAKES_NO_ALERTS: _l(
        "%(name)s may not take alerts: only who has the role of nurse can be on duty or on call."
    ),
    FieldFault.NO_ADDRESS: _l("%(name)s has no mobile number and no e-mail address."),
    FieldFault.NO_MOBILE: _l("%(name)s has no mobile number; who is on call needs one."),
    FieldFault.ROSTER_GAP: _l("Nobody is on duty on %(day)s, a staffed day."),
    FieldFault.PAUSE_OVER: _l("A pause ends today or later."),
    FieldFault.PAUSE_BACKWARDS: _l("A pause does not end before it begins."),
    FieldFault.SOURCE_AHEAD: _l("This day is still to come."),
    FieldFault.SOURCE_BEFORE: _l("Choose a day from %(day)s until today."),
}


@dataclass
class Form:
    """A form as it came in; `wrong` gathers a sentence per field, `doubts` the ticks that say of
    something odd that it is so."""

    typed: Mapping[str, str]
    wrong: dict[str, str] = field(default_factory=dict)
    doubts: set[str] = field(default_factory=set)

    def line(self, name: str, longest: int = LONGEST_LINE) -> str:
        """A line that must be filled in."""
        value = self.optional(name, longest)
        if not value:
            self.wrong.setdefault(name, _("This field cannot be empty."))
        return value or ""

    def optional(self, name: str, longest: int = LONGEST_LINE) -> str | None:
        """A line, or nothing."""
        value = self.typed.get(name, "").strip()
        self._note_fault(name, line_fault(value, longest), longest)
        return value or None

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str:
        """A text of several lines that must be filled in."""
        value = self._several_lines(name, longest)
        if not value:
            self.wrong.setdefault(name, _("This field cannot be empty."))
        return value

    def ticked(self, name: str) -> bool:
        return bool(self.typed.get(name))

    def choice(self, name: str, vocabulary: type[E]) -> E | None:
        """One of a vocabulary; None, with a sentence, when nothing that fits was chosen."""
        try:
            return vocabulary(self.typed.get(name, ""))
        except ValueError:
            self.wrong.setdefault(name, _("Choose one of these."))
            return None

    def one_of(self, name: str, offered: Container[str]) -> str:
        """One of the words that the page offers; an empty text, with a sentence, when it is none of
        them."""
        value = self.typed.get(name, "")
        if value in offered:
            return value
        self.wrong.setdefault(name, _("Choose one of these."))
        return ""

    def day(self, name: str) -> date | None:
        """A date that must be filled in."""
        value = self.maybe_day(name)
        if value is None:
            self.wrong.setdefault(name, _("Fill in a date."))
        return value

    def maybe_day(self, name: str) -> date | None:
        """A date, or nothing; a sentence when it does not read."""
        text = self.typed.get(name, "").strip()
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.wrong.setdefault(name, _("This date is not valid. Write it like 2026-12-31."))
            return None

    def number(self, name: str, lowest: int, highest: int) -> int | None:
        """A whole number that must be filled in."""
        text = self.typed.get(name, "").strip()
        if not text:
            self.wrong.setdefault(name, _("This field cannot be empty."))
            return None
        # Digits of ours only, and few: Python would also read other alphabets' digits, and not a
        # number of thousands of them.
        readable = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
        if not (readable and lowest <= int(text) <= highest):
            sentence = _(
                "Write a whole number from %(lowest)s to %(highest)s.",
                lowest=lowest,
                highest=highest,
            )
            self.wrong.setdefault(name, sentence)
            return None
        return int(text)

    def brief(self, name: str) -> str:
        """A text of a few words, or none; a sentence when it is longer than is kept."""
        return self._several_lines(name, LONGEST_REASON)

    def refuse(self, refusal: Incomplete) -> None:
        """What an action found wrong, at its field."""
        if isinstance(refusal, UnfitValue):
            unfit = refusal.unfit
            self.wrong[refusal.field] = _(SENTENCES[unfit.fault], **unfit.slots)
        elif isinstance(refusal, Unfit):
            self.wrong[refusal.field] = _(refusal.sentence, **refusal.slots)
        elif refusal.fault in FAULTS:
            self.wrong[refusal.field] = str(FAULTS[refusal.fault]) % refusal.slots
        else:
            self.wrong[refusal.field] = str(refusal)
        if isinstance(refusal, Doubtful):
            self.doubts.add(refusal.confirm)

    def may_confirm(self, name: str) -> bool:
        """Whether the tick that confirms something odd belongs on the page."""
        return name in self.doubts or self.ticked(name)

    def _several_lines(self, name: str, longest: int) -> str:
        value = with_plain_ends(self.typed.get(name, "")).strip()
        self._note_fault(name, text_fault(value, longest), longest)
        return value

    def _note_fault(self, name: str, fault: TextFault | None, longest: int) -> None:
        if fault is TextFault.TOO_LONG:
            sentence = FAULTS[FieldFault.TOO_LONG]
            self.wrong.setdefault(name, str(sentence) % {"longest": longest})
        elif fault:
            self.wrong.setdefault(name, str(FAULTS[FieldFault.STRANGE_CHARACTER]))
