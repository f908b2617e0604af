"""What patients said when they were told to call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from proms.db.tables import AuditEntry
from proms.domain.calls import CallReply

VERBS = {f"call.{reply.value}": reply for reply in CallReply}


@dataclass(frozen=True)
class CallStatement:
    """A patient's reply to "call now", about one assignment."""

    reply: CallReply
    at: datetime
    assignment_id: int | None


def said_about_calling(session: Session, patient_ids: Iterable[int]) -> dict[int, CallStatement]:
    """The latest reply of each of these patients; who said nothing is left out."""
    rows = session.exec(
        select(AuditEntry)
        .where(col(AuditEntry.patient_id).in_(list(patient_ids)), col(AuditEntry.verb).in_(VERBS))
        .order_by(col(AuditEntry.id))
    )
    return {
        row.patient_id: CallStatement(VERBS[row.verb], row.at, row.subject_id)
        for row in rows
        if row.patient_id
    }
