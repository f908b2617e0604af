"""A nurse's words about a patient's alerts while they are open: how a call ended, what she has
thought of."""

from datetime import datetime

from sqlmodel import Session, col, select

from proms.actions.audit import Subject, record, staff_actor
from proms.actions.plain_text import checked_text
from proms.actions.refusals import FieldFault, Incomplete, NotFound
from proms.db.tables import Alert, AlertNote, Patient, Staff
from proms.domain.alert.record import CallOutcome
from proms.domain.plain_text import LONGEST_TEXT


def add_note(
    session: Session,
    *,
    patient_id: int,
    note: str,
    outcome: CallOutcome | None,
    by: Staff,
    now: datetime,
) -> AlertNote:
    """Keep what a nurse writes of a patient's open alerts, or how her call ended; it closes
    nothing. A call needs no words beside its outcome."""
    note = checked_text("note", note, LONGEST_TEXT)
    if not note and outcome is None:
        raise Incomplete("note", FieldFault.NO_NOTE)
    patient = session.get(Patient, patient_id)
    if patient is None or patient.site_id != by.site_id:
        raise NotFound("There is no such patient.")
    unresolved = select(Alert.id).where(
        Alert.patient_id == patient_id, col(Alert.resolved_at).is_(None)
    )
    kept = AlertNote(
        patient_id=patient_id,
        site_id=by.site_id,
        alerts=list(session.exec(unresolved.order_by(col(Alert.id)))),
        note=note,
        outcome=outcome,
        at=now,
        by=by.id,
    )
    session.add(kept)
    session.flush()
    record(
        session,
        "alert.note_added",
        Subject("alert_note", kept.id, patient_id, by.site_id),
        by=staff_actor(by),
        now=now,
        alerts=kept.alerts,
        **({"outcome": outcome.value} if outcome else {}),
    )
    session.commit()
    return kept
