"""The demo's phone: the messages that would have left."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from proms.db.tables import InboxMessage

PAGE = 40


@dataclass(frozen=True)
class InboxPage:
    """Messages, newest first, and the id to go on from when there are older ones."""

    messages: list[InboxMessage]
    older: int | None


def inbox_page(session: Session, *, address: str | None, before: int | None) -> InboxPage:
    """One page of messages, to everybody or to one address."""
    wanted = select(InboxMessage).order_by(col(InboxMessage.id).desc()).limit(PAGE + 1)
    if address:
        wanted = wanted.where(InboxMessage.address == address)
    if before:
        wanted = wanted.where(col(InboxMessage.id) < before)
    rows = list(session.exec(wanted))
    return InboxPage(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)
