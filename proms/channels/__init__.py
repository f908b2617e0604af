"""The ways a message leaves: one small class a vendor, one method each, and what came of it as a
value.

Vendors are imported by module (`proms.channels.sms`): who only reads an outcome does not pay for
Twilio.
"""

from proms.channels.outcome import Accepted, Outcome, Refused, Unknown

__all__ = ["Accepted", "Outcome", "Refused", "Unknown"]
