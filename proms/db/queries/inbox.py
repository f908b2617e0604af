"""The demo's phone: the messages that would have left."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from proms.db.keyring import Keyring
from proms.db.queries.people import unsealed
from proms.db.tables import Delivery, InboxMessage, Patient, StaffIdentity

PAGE = 40


@dataclass(frozen=True)
class Arrived:
    """A message on the phone of its reader: when it left, and the patient's code or the nurse's
    log-in."""

    message: InboxMessage
    at: datetime
    reader: str


@dataclass(frozen=True)
class InboxPage:
    """Messages, newest first, and the id to go on from when there are older ones."""

    messages: list[Arrived]
    older: int | None


def inbox_page(
    session: Session, keyring: Keyring, *, address: str | None, before: int | None
) -> InboxPage:
    """One page of messages, to everybody or to one address."""
    wanted = select(InboxMessage).order_by(col(InboxMessage.id).desc()).limit(PAGE + 1)
    if address:
        wanted = wanted.where(InboxMessage.address == address)
    if before:
        wanted = wanted.where(col(InboxMessage.id) < before)
    rows = list(session.exec(wanted))
    # One more than a page was asked for, only to know whether there are older ones.
    older = rows[PAGE - 1].id if len(rows) > PAGE else None
    return InboxPage(_arrived(session, keyring, rows[:PAGE]), older)


def _arrived(session: Session, keyring: Keyring, messages: list[InboxMessage]) -> list[Arrived]:
    # The invented past is played in a minute: when a message left is what its delivery says, not
    # when it was kept.
    refs = [int(message.ref) for message in messages if message.ref.isdigit()]
    rows = session.exec(
        select(Delivery.id, Delivery.settled_at, Patient.code, StaffIdentity)
        .outerjoin(Patient, Delivery.patient_id == Patient.id)  # type: ignore[arg-type]
        .outerjoin(StaffIdentity, Delivery.staff_id == StaffIdentity.staff_id)  # type: ignore[arg-type]
        .where(col(Delivery.id).in_(refs))
    )
    deliveries = {
        str(ref): (settled, code or (nurse and unsealed(keyring, nurse, "login")))
        for ref, settled, code, nurse in rows
    }
    arrived = []
    for message in messages:
        settled, reader = deliveries.get(message.ref, (None, None))
        arrived.append(Arrived(message, settled or message.sent_at, reader or ""))
    return arrived
