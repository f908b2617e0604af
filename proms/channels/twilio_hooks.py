"""What Twilio calls us with: whether it is Twilio, and its words as ours."""

from collections.abc import Mapping
from typing import Any

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
