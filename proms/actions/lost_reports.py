"""A text that its provider took and of which no report came that it arrived: the provider is asked
once what became of it."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from proms.actions.callbacks import note_report
from proms.actions.letters import Post, Traceable
from proms.db.session import Database
from proms.db.tables import Delivery
from proms.db.tables.message import UNREPORTED
from proms.domain.person import ContactKind

ASKED_AT_ONCE = 20
# What is older says nothing of her telephone today, and no pack waits for it.
NO_OLDER = timedelta(days=7)


def ask_lost_reports(database: Database, post: Post, *, now: datetime) -> int:
    """Ask about the texts whose report is overdue; returns how many. Each is asked about once, also
    where the provider does not say: from a day on what was sent counts as arrived."""
    channel = post.channels.get(ContactKind.SMS)
    if not isinstance(channel, Traceable):
        return 0
    with database.writing() as session:
        overdue = _overdue(session, post, now)
        session.commit()
    for delivery_id, sid in overdue:
        report = channel.became_of(sid)
        if report is None:
            continue
        with database.writing() as session:
            note_report(
                session, delivery_id, report, channel=ContactKind.SMS, limits=post.limits, now=now
            )
    return len(overdue)


def _overdue(session: Session, post: Post, now: datetime) -> list[tuple[int, str]]:
    """The deliveries to ask about, each by its provider's name for it; taken for this worker."""
    sent = (
        select(Delivery)
        .where(
            # Written out, so that the database finds its index.
            text(UNREPORTED),
            col(Delivery.settled_at) <= now - post.limits.report_after,
            col(Delivery.settled_at) > now - NO_OLDER,
        )
        .order_by(col(Delivery.settled_at))
        .limit(ASKED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    overdue = []
    for delivery in session.exec(sent).all():
        delivery.looked_up_at = now
        overdue.append((delivery.id, delivery.sid or ""))
    return overdue
