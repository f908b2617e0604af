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
    within_hours,
)
from proms.domain.reminder.limits import OutboxLimits, PauseReason
from proms.domain.reminder.links import draw_token, patient_link, staff_link
from proms.domain.reminder.revealing import Revealing
from proms.domain.reminder.text import (
    Text,
    call_reminder_text,
    confirmation_text,
    digest_text,
    from_sender,
    link_text,
    notice_text,
    reminder_text,
)
from proms.domain.reminder.turns import (
    Fate,
    NextTurn,
    Pause,
    Purpose,
    Standing,
    Turn,
    next_turn,
    purpose_of,
    step_due,
)

__all__ = [
    "OWED",
    "Decision",
    "DeliveryState",
    "Fate",
    "HoldReason",
    "MessageKind",
    "MessageContext",
    "NextTurn",
    "Pause",
    "Purpose",
    "Standing",
    "OutboxLimits",
    "PauseReason",
    "Revealing",
    "Text",
    "Turn",
    "Verdict",
    "call_reminder_text",
    "confirmation_text",
    "decide",
    "digest_text",
    "draw_token",
    "from_sender",
    "link_text",
    "may_leave",
    "next_turn",
    "notice_text",
    "purpose_of",
    "patient_link",
    "reminder_text",
    "step_due",
    "staff_link",
    "within_hours",
]
