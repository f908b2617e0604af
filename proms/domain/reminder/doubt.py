"""A message of which nobody knows whether it left: wait for a report, ask the provider, and at most
once send it again on a guess."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from proms.domain.reminder.limits import OutboxLimits

# The provider's clock and ours differ, and a message waits its turn after its attempt was noted.
EARLIER, LATER = timedelta(minutes=2), timedelta(minutes=4)


class Answer(StrEnum):
    """What a provider says of a message that was looked for and not found."""

    ABSENT = "absent"
    NOT_SAID = "not_said"  # it does not answer, or not in a way that proves anything
    CANNOT_BE_ASKED = "cannot_be_asked"


class Step(StrEnum):
    LOOK_AGAIN = "look_again"
    NEVER_LEFT = "never_left"  # it is owed as if it had never been tried
    RESEND_ONCE = "resend_once"  # and flagged: it may be the second
    GIVE_UP = "give_up"


@dataclass(frozen=True)
class SentMessage:
    """One message that a provider says it sent, by its own name for it."""

    sid: str
    at: datetime


@dataclass(frozen=True)
class Doubt:
    """When it was tried last, when the provider first had no such message, and whether it was sent
    again on a guess before."""

    tried_at: datetime
    send_until: datetime
    absent_at: datetime | None = None
    resent: bool = False


def matching(
    listed: Iterable[SentMessage], known: Collection[str], since: datetime, tried_at: datetime
) -> list[SentMessage]:
    """The messages to the number, of the time in which it was tried, that are not known to be
    other ones, the earliest first; texts are not compared, since a provider may keep none."""
    fits = [
        message
        for message in listed
        if message.sid not in known and since - EARLIER <= message.at <= tried_at + LATER
    ]
    return sorted(fits, key=lambda message: (message.at, message.sid))


def next_step(
    doubt: Doubt, answer: Answer, now: datetime, limits: OutboxLimits
) -> tuple[Step, datetime]:
    """What to do about a message that was not found, and when.

    Absence counts when it is seen twice: a list by date sent may lack what still waits in a queue.
    """
    if answer is Answer.ABSENT:
        sure_at = (doubt.absent_at or now) + limits.ask_after
        if doubt.absent_at is not None and now >= sure_at:
            return Step.NEVER_LEFT, now
        return Step.LOOK_AGAIN, sure_at
    give_up_at = doubt.tried_at + limits.resend_after
    if answer is Answer.NOT_SAID and now < give_up_at:
        return Step.LOOK_AGAIN, min(now + limits.ask_after, give_up_at)
    if doubt.resent or now >= doubt.send_until:
        return Step.GIVE_UP, now
    return Step.RESEND_ONCE, now
