"""Who asked for a patient's pause."""

from datetime import datetime

from sqlmodel import Session, col, select

from proms.db.tables import AuditEntry, Patient

PATIENT = "patient"  # an actor, as in the audit trail


def asked_by_herself(session: Session, patient: Patient) -> datetime | None:
    """When the patient herself asked for the pause that is on record; None where somebody else
    recorded it, or there is none."""
    if patient.paused_until is None:
        return None
    last = session.exec(
        select(AuditEntry)
        .where(AuditEntry.patient_id == patient.id, AuditEntry.verb == "patient.paused")
        .order_by(col(AuditEntry.id).desc())
    ).first()
    return last.at if last and last.actor == PATIENT else None
