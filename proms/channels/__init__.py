"""The ways a message leaves: one small class a vendor, one method each, and what came of it as a value."""

from proms.channels.email import Email
from proms.channels.inbox import Inbox
from proms.channels.outcome import Accepted, Outcome, Refused, Unknown
from proms.channels.sms import Sms

__all__ = ["Accepted", "Email", "Inbox", "Outcome", "Refused", "Sms", "Unknown"]
