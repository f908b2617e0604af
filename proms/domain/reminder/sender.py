"""The name of a site at the head of its messages, by which its patients know who writes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from proms.domain.reminder.revealing import Revealing
from proms.domain.reminder.segments import strange_to_gsm

_l = str  # marks a sentence for the catalogue; a page says it in the reader's language
SHORTEST, LONGEST = 3, 32
ALLOWED = re.compile(r"[^\W_](?:[\w .,'&()-]*[\w.)])?")
# What a phone would make an address of, to be tapped: "olvg.nl".
LIKE_ADDRESS = re.compile(r"\w\.\w\w|/|www\.|@", re.IGNORECASE)
# A hospital is known by the rest of its name, and its messages say nothing of hospitals.
HOSPITAL = re.compile(r"\b(?:ziekenhuis|hospital)\b", re.IGNORECASE)


class SenderFault(StrEnum):
    """Why a name cannot stand at the head of messages."""

    SHORT = "short"
    LONG = "long"
    NO_LETTER = "no_letter"
    STRANGE_TO_SMS = "strange_to_sms"
    CHARACTER = "character"
    ADDRESS = "address"
    REVEALS = "reveals"


SENTENCES: Mapping[SenderFault, str] = {
    SenderFault.SHORT: _l(
        "This name is too short to be known by. The fewest characters it may have: %(shortest)s."
    ),
    SenderFault.LONG: _l(
        "With this name a text message would not fit. The most characters it may have here: %(longest)s."
    ),
    SenderFault.NO_LETTER: _l("This name has no letter: patients would not know whose it is."),
    SenderFault.STRANGE_TO_SMS: _l(
        "%(characters)s cannot be in a text message without making it two. Write it with ordinary"
        " letters, for instance e for ë."
    ),
    SenderFault.CHARACTER: _l("A name has letters, digits, blanks, dots, dashes and brackets."),
    SenderFault.ADDRESS: _l(
        "A telephone would take this for an internet address. Write a name without one."
    ),
    SenderFault.REVEALS: _l(
        "“%(word)s” tells everybody who sees the phone what it is about. Write a name without it."
    ),
}


@dataclass(frozen=True)
class UnfitSender:
    """What is wrong with a name, and what its sentence names."""

    fault: SenderFault
    slots: Mapping[str, object] = field(default_factory=dict)


def sender_fault(name: str, longest: int, revealing: Revealing) -> UnfitSender | None:
    """The first thing that keeps a name from the head of messages that have room for `longest`
    units."""
    if len(name) < SHORTEST:
        return UnfitSender(SenderFault.SHORT, {"shortest": SHORTEST})
    if not any(character.isalpha() for character in name):
        return UnfitSender(SenderFault.NO_LETTER)
    if strange := strange_to_gsm(name):
        return UnfitSender(SenderFault.STRANGE_TO_SMS, {"characters": " ".join(strange)})
    if LIKE_ADDRESS.search(name):
        return UnfitSender(SenderFault.ADDRESS)
    if not ALLOWED.fullmatch(name):
        return UnfitSender(SenderFault.CHARACTER)
    if word := revealing.reveals(name):
        return UnfitSender(SenderFault.REVEALS, {"word": word})
    longest = min(longest, LONGEST)
    if len(name) > longest:
        return UnfitSender(SenderFault.LONG, {"longest": longest})
    return None


def name_without_hospital(name: str) -> str:
    """Ziekenhuis Voorbeeld is Voorbeeld."""
    return " ".join(HOSPITAL.sub(" ", name).split())


def first_fitting(names: tuple[str, ...], longest: int, revealing: Revealing) -> str:
    """The first of these names that may stand at the head of messages; none where none may."""
    fitting = (name for name in names if sender_fault(name, longest, revealing) is None)
    return next(fitting, "")
