"""What passed between a patient and the hospital: every message decided, sent or held, and what
each side did."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlmodel import Session, col, select

from proms.db.tables import Alert, AuditEntry, Delivery, MessageDecision, Patient

STAFF, ALERT = "staff", "alert"  # an actor and a subject, as the audit trail writes them
CLOSED = "alert.resolved"
DEEDS = (
    "alert.acknowledged",
    CLOSED,
    "call.will",
    "call.cannot",
    "call.shown",
    "contact.changed",
    "links.revoked",
    "patient.came_in",
    "patient.paused",
    "patient.resumed",
)


@dataclass(frozen=True)
class Passage:
    """One line of the log: a decision with its deliveries, or a deed from the audit trail."""

    at: datetime
    decision: MessageDecision | None = None
    deliveries: tuple[Delivery, ...] = ()
    deed: AuditEntry | None = None
    by: int | None = None  # the member of staff who did it
    rules: tuple[str, ...] = ()
    note: str = ""


def passages(session: Session, patient: Patient, limit: int) -> list[Passage]:
    """The last `limit` lines, the latest first."""
    decisions = session.exec(
        select(MessageDecision)
        .where(MessageDecision.patient_id == patient.id)
        .order_by(col(MessageDecision.decided_at).desc(), col(MessageDecision.id).desc())
        .limit(limit)
    ).all()
    deliveries = _deliveries(session, decisions)
    lines = [Passage(each.decided_at, each, tuple(deliveries[each.id or 0])) for each in decisions]
    lines += _deeds(session, patient, limit)
    return sorted(lines, key=lambda each: each.at, reverse=True)[:limit]


def _deliveries(
    session: Session, decisions: Sequence[MessageDecision]
) -> dict[int, list[Delivery]]:
    found: dict[int, list[Delivery]] = defaultdict(list)
    wanted = select(Delivery).where(col(Delivery.decision_id).in_([each.id for each in decisions]))
    for row in session.exec(wanted.order_by(col(Delivery.id))):
        found[row.decision_id or 0].append(row)
    return found


def _deeds(session: Session, patient: Patient, limit: int) -> list[Passage]:
    """What people did; alerts taken or closed together are one line."""
    entries = session.exec(
        select(AuditEntry)
        .where(AuditEntry.patient_id == patient.id, col(AuditEntry.verb).in_(DEEDS))
        .order_by(col(AuditEntry.at).desc(), col(AuditEntry.verb), col(AuditEntry.id))
        .limit(limit)
    ).all()
    alerts = {each.subject_id for each in entries if each.subject == ALERT}
    rows = session.exec(select(Alert.id, Alert.note).where(col(Alert.id).in_(list(alerts))))
    notes = {alert_id or 0: note for alert_id, note in rows}
    lines = []
    for (at, verb, _by), same in groupby(
        entries, key=lambda each: (each.at, each.verb, each.actor_id)
    ):
        together = list(same)
        first = together[0]
        lines.append(
            Passage(
                at,
                deed=first,
                by=first.actor_id if first.actor == STAFF else None,
                rules=tuple(each.detail["rule"] for each in together if "rule" in each.detail),
                note=(notes.get(first.subject_id or 0) or "") if verb == CLOSED else "",
            )
        )
    return lines
