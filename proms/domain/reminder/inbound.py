"""What a patient texts back: that she wants no more messages, that she wants them again, or
anything else, which a nurse reads."""

import re
from enum import StrEnum
from gettext import NullTranslations


class Wish(StrEnum):
    STOP = "stop"
    START = "start"
    NONE = "none"  # whatever she wrote


# Twilio's own words too, since it acts on them without us.
STOPS = frozenset(
    {
        "stop",
        "stop all",
        "stopall",
        "stop sms",
        "stoppen",
        "afmelden",
        "uitschrijven",
        "unsubscribe",
        "cancel",
        "end",
        "quit",
        "optout",
        "opt out",
        "revoke",
    }
)
STARTS = frozenset({"start", "unstop", "starten", "aanmelden", "inschrijven", "hervatten"})
YES = "yes"  # for Twilio a start, but only to one who has stopped


def wish_of(text: str, *, stopped: bool) -> Wish:
    """What she asks for: one of the words by itself, in any case and with any marks; with more
    beside it a person has to read it."""
    word = " ".join(re.sub(r"[^\w]+|_", " ", text.casefold()).split())
    if word in STOPS:
        return Wish.STOP
    if word in STARTS or (word == YES and stopped):
        return Wish.START
    return Wish.NONE


def answer_text(say: NullTranslations, wish: Wish, phone: str) -> str:
    """What she is told at once; nothing of health, as in every message."""
    sentences = {
        Wish.STOP: say.gettext(
            "You get no more messages from us. Do you want them again? Send: START. "
            "You can call us day and night: %(phone)s"
        ),
        Wish.START: say.gettext(
            "You get messages from us again. To stop, send: STOP. "
            "You can call us day and night: %(phone)s"
        ),
        Wish.NONE: say.gettext(
            "Nobody reads this number day and night. Do you need us? Call %(phone)s, day and "
            "night. In an emergency: 112."
        ),
    }
    return sentences[wish] % {"phone": phone}


def answer_to_stranger() -> str:
    """To a number that is no patient's: nothing of a trial, nor of a hospital."""
    return "Dit nummer wordt niet gelezen. / Nobody reads this number."
