"""The ticks that treat rows one by one, and how often a row that raises is tried."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

NO_CHANNEL = "no_channel"  # as the error of a message that this installation has no way to send
UNREADABLE = "unreadable"  # as the error of a message whose address does not open
MOST_DOUBLINGS = 10  # past the longest wait, and no number grows without end


class TickName(StrEnum):
    """A tick as it names itself on what it sets aside, in the log and in the metrics."""

    FOLLOW = "follow"
    RENEW_PLANS = "renew_plans"
    EXPIRE = "expire"
    REMIND = "remind"
    UNSENT = "unsent"
    LATE = "late"
    GIVE_BACK = "give_back"
    REPEAT = "repeat"
    DIGEST = "digest"
    NOTIFY = "notify"
    DELIVER = "deliver"
    ASK = "ask"
    AUDIT = "audit"
    CHECK = "check"


@dataclass(frozen=True)
class Tries:
    """How often a row is tried that raises, before it is set aside for a person; between two tries
    the wait doubles, up to the longest."""

    most: int = 5
    first_wait: timedelta = timedelta(seconds=15)
    longest_wait: timedelta = timedelta(minutes=15)

    def next_at(self, tried: int, now: datetime) -> datetime | None:
        """When it is tried again after so many tries; None when it is set aside."""
        if tried >= self.most:
            return None
        doubled = self.first_wait * int(2 ** min(tried - 1, MOST_DOUBLINGS))
        return now + min(doubled, self.longest_wait)


USUAL = Tries()
