"""Messages to patients and staff: when, whether, and in which words."""

from proms.domain.reminder.decision import (
    OWED,
    Decision,
    DeliveryState,
    HoldReason,
    MessageContext,
    MessageKind,
    Verdict,
    decide,
    may_leave,
    message_after,
    next_message,
    within_hours,
)
from proms.domain.reminder.text import (
    Text,
    call_reminder_text,
    digest_text,
    link_text,
    notice_text,
    reminder_text,
)

__all__ = [
    "OWED",
    "Decision",
    "DeliveryState",
    "HoldReason",
    "MessageKind",
    "MessageContext",
    "Text",
    "Verdict",
    "call_reminder_text",
    "decide",
    "digest_text",
    "link_text",
    "may_leave",
    "message_after",
    "next_message",
    "notice_text",
    "reminder_text",
    "within_hours",
]
