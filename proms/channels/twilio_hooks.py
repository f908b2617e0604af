"""What Twilio calls us with: whether it is Twilio, and its words as ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from twilio.request_validator import RequestValidator

from proms.domain.reminder.reports import Report, Said

SIGNATURE = "X-Twilio-Signature"
SAYS = {
    "accepted": Said.QUEUED,
    "scheduled": Said.QUEUED,
    "queued": Said.QUEUED,
    "sending": Said.QUEUED,
    "sent": Said.SENT,
    "delivered": Said.DELIVERED,
    "read": Said.DELIVERED,
    "undelivered": Said.UNDELIVERED,
    "failed": Said.FAILED,
    "canceled": Said.FAILED,
}
LONGEST_SID, LONGEST_CODE = 64, 16
# Its own replies to these, sent as they stand; with advanced opt-out it says so of each text.
ANSWERS_ITSELF = frozenset(
    {
        "stop",
        "stopall",
        "unsubscribe",
        "cancel",
        "end",
        "quit",
        "optout",
        "revoke",
        "start",
        "yes",
        "unstop",
    }
)


def is_from_twilio(
    account: str, token: str, *, address: str, form: Mapping[str, Any], signature: str
) -> bool:
    """Whether Twilio signed this form for this address of ours, on behalf of our account."""
    signed = RequestValidator(token).validate(address, form, signature)
    return bool(signed) and form.get("AccountSid") == account


def report_of(form: Mapping[str, str]) -> Report | None:
    """What a status callback says of a message; None where it says nothing that we know."""
    sid = form.get("MessageSid", "")
    said = SAYS.get(form.get("MessageStatus", ""))
    code = form.get("ErrorCode", "")
    if said is None or not 0 < len(sid) <= LONGEST_SID or not sid.isalnum():
        return None
    known = code.isdigit() and len(code) <= LONGEST_CODE
    return Report(sid, said, code if known else None)


@dataclass(frozen=True)
class TextIn:
    """A text that came in, and whether Twilio answered it by itself."""

    sid: str
    number: str
    text: str
    answered: bool


def text_of(form: Mapping[str, str]) -> TextIn | None:
    """The text that Twilio hands over; None where it is none."""
    sid, number = form.get("MessageSid", ""), form.get("From", "")
    if not 0 < len(sid) <= LONGEST_SID or not sid.isalnum() or not number:
        return None
    text = form.get("Body", "").replace("\0", "")
    answered = bool(form.get("OptOutType")) or text.strip().casefold() in ANSWERS_ITSELF
    return TextIn(sid, number, text, answered)


def answer_with(text: str | None) -> str:
    """The answer that Twilio sends for us, in its own markup; none without a text."""
    said = f"<Message>{escape(text)}</Message>" if text else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{said}</Response>'
