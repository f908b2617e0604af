"""How a try ended, written on its delivery: sent, to be tried again, over, or in doubt; and what
the provider reports of it later."""

from datetime import datetime, timedelta

from sqlmodel import Session, select

from proms.actions.channel_pauses import consider_pause
from proms.actions.channel_trouble import note_outcome
from proms.actions.letters import Letter, Post
from proms.actions.ways import fall_back
from proms.channels import Accepted, Outcome, Refused
from proms.db.tables import Delivery, DeliveryReport
from proms.domain.reminder import DeliveryState, MessageKind, OutboxLimits
from proms.domain.reminder.reports import Report, Said, fate
from proms.domain.reminder.retry import LONGEST_WAIT, retry_wait

# A nurse waits for no more than this between two tries of a notice.
LONGEST_FOR_NOTICE = timedelta(minutes=1)


def settle(session: Session, post: Post, letter: Letter, outcome: Outcome, now: datetime) -> None:
    """Write down how a try ended, or when to try again; the caller commits."""
    # Held: a report of the same message may come in at this moment.
    delivery = session.get_one(Delivery, letter.delivery_id, with_for_update=True)
    note_outcome(session, delivery.channel, outcome, now, post.limits)
    if isinstance(outcome, Accepted):
        delivery.sid = outcome.sid
        end(delivery, DeliveryState.SENT, None, now)
        join_reports(session, delivery, post.limits, now)
        return
    if (delivery.state, delivery.attempts) != (DeliveryState.SENDING, letter.attempt):
        return  # meanwhile a report said more, or its lease was lost and somebody else has it
    match outcome:
        case Refused(for_good=True):
            end(delivery, DeliveryState.DEAD, str(outcome.code), now)
            consider_pause(session, delivery, post.limits, now)
            fall_back(session, delivery, now)
        case Refused():
            _try_again(post, delivery, str(outcome.code), now, retry_after=outcome.retry_after)
        case _ if delivery.kind == MessageKind.STAFF_NOTICE:
            # It may have left, but a nurse may well hear twice.
            _try_again(post, delivery, "unknown", now)
        case _:
            put_in_doubt(delivery, "unknown", post.limits, now)


def put_in_doubt(delivery: Delivery, why: str, limits: OutboxLimits, now: datetime) -> None:
    """It may have left: a report is waited for, then the provider is asked."""
    tried_at = delivery.attempted_at or now
    delivery.state = DeliveryState.UNKNOWN
    delivery.error = why
    delivery.leased_until = delivery.settled_at = delivery.absent_at = None
    delivery.unclear_since = delivery.unclear_since or tried_at
    delivery.due_at = tried_at + limits.ask_after


def owe_again(delivery: Delivery, error: str, at: datetime) -> None:
    """It is to be sent, with every check of the claim, not before `at`."""
    delivery.due_at = at
    delivery.state = DeliveryState.DUE
    delivery.leased_until = delivery.settled_at = None
    delivery.error = error


def end(delivery: Delivery, state: DeliveryState, error: str | None, now: datetime) -> None:
    """Nothing will be done about it any more."""
    delivery.state = state
    delivery.error = error
    delivery.leased_until = None
    delivery.settled_at = now


def join_reports(session: Session, delivery: Delivery, limits: OutboxLimits, now: datetime) -> bool:
    """Bring the delivery to where all that was reported of it says it is; False where nothing
    was."""
    rows = session.exec(select(DeliveryReport).where(DeliveryReport.delivery_id == delivery.id))
    reported = fate(Report(row.sid, Said(row.said), row.error) for row in rows)
    if reported is None:
        return False
    sent_at = delivery.settled_at or now  # the day it left on stays the day it counts for
    end(delivery, reported.state, reported.error, sent_at)
    delivery.sid = reported.sid
    if reported.state is DeliveryState.UNDELIVERED:
        consider_pause(session, delivery, limits, now)
        fall_back(session, delivery, now)
    return True


def _try_again(
    post: Post, delivery: Delivery, error: str, now: datetime, *, retry_after: int | None = None
) -> None:
    urgent = delivery.kind == MessageKind.STAFF_NOTICE
    wait = retry_wait(
        delivery.attempts,
        post.dice.uniform,
        longest=LONGEST_FOR_NOTICE if urgent else LONGEST_WAIT,
        retry_after=retry_after,
    )
    owe_again(delivery, error, now + wait)
