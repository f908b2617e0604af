"""The words of a message: no name, trial, drug or diagnosis, because the phone may lie on a kitchen
table."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from gettext import NullTranslations

from babel.dates import format_date

from proms.domain.reminder.turns import Purpose


@dataclass(frozen=True)
class Text:
    """What is said, and the subject it has as an e-mail."""

    subject: str
    body: str


def from_sender(text: Text, sender: str) -> Text:
    """The same, begun with the name by which its reader knows who writes; without a name as it
    is."""
    return replace(text, body=f"{sender}: {text.body}") if sender else text


def reminder_text(
    say: NullTranslations, *, purposes: Collection[Purpose], closes: date, link: str, locale: str
) -> Text:
    """The message about open packs, up to the day on which the first of them closes: what is new
    goes before what is not."""
    day = format_date(closes, "EEEE d MMMM", locale=locale)
    if Purpose.ANNOUNCE in purposes:
        sentence = say.gettext(
            "Your questions are ready. You can answer up to and including %(day)s: %(link)s"
        )
    elif Purpose.MOVED in purposes:
        sentence = say.gettext(
            "A new date. You can answer your questions up to and including %(day)s: %(link)s"
        )
    else:
        sentence = say.gettext(
            "You can still answer your questions, up to and including %(day)s: %(link)s"
        )
    return Text(say.gettext("Your questions are ready"), sentence % {"day": day, "link": link})


def call_reminder_text(say: NullTranslations, *, phone: str, link: str) -> Text:
    """The same while an answer of hers cannot wait and nobody has taken it."""
    sentence = say.gettext(
        "Did you call the hospital? Day and night: %(phone)s. Your questions: %(link)s"
    )
    return Text(say.gettext("Your questions are ready"), sentence % {"phone": phone, "link": link})


def link_text(say: NullTranslations, *, link: str) -> Text:
    """The message that carries a link somebody asked for."""
    return Text(
        say.gettext("Your link"), say.gettext("Here is your link again: %(link)s") % {"link": link}
    )


def confirmation_text(say: NullTranslations, *, code: str) -> Text:
    """The test message that she reads beside the coordinator: how all of them begin, and a code. It
    asks for nothing, as none of them does."""
    sentence = say.gettext(
        "This is a test message. All our messages begin like this one. Your code: %(code)s"
    )
    return Text(say.gettext("Test message"), sentence % {"code": code})


def notice_text(say: NullTranslations, *, link: str, step: int) -> Text:
    """The notice to a nurse: that something urgent waits, numbered, and nothing about whom."""
    sentence = say.gettext(
        "Urgent: a red alert on the worklist has not been taken yet (notice %(step)s). %(link)s"
    )
    return Text(say.gettext("Urgent: the worklist"), sentence % {"link": link, "step": step})


def digest_text(say: NullTranslations, *, link: str, patients: int) -> Text:
    """The morning's message to who is on duty: how many patients wait, and nothing about whom."""
    sentence = say.ngettext(
        "%(num)s person waits on the worklist. %(link)s",
        "%(num)s persons wait on the worklist. %(link)s",
        patients,
    )
    return Text(say.gettext("The worklist"), sentence % {"link": link, "num": patients})
