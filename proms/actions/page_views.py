"""Looking at what only few may see is itself on record."""

from datetime import datetime

from sqlmodel import Session

from proms.actions.audit import Actor, Subject, record, staff_actor
from proms.db.tables import Patient, Staff


def note_view(session: Session, *, patient: Patient, page: str, by: Staff, now: datetime) -> None:
    """That a member of staff opened a page about this patient."""
    note_reading(session, patient=patient, page=page, by=staff_actor(by), now=now)


def note_reading(
    session: Session, *, patient: Patient, page: str, by: Actor, now: datetime
) -> None:
    """That somebody read what is kept of this patient, on a page or by a command."""
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    record(session, "patient.viewed", subject, by=by, now=now, page=page)
    session.commit()


def note_contact_shown(session: Session, *, patient: Patient, by: Staff, now: datetime) -> None:
    """That a member of staff looked up how to reach this patient."""
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    record(session, "patient.contact_shown", subject, by=staff_actor(by), now=now)
    session.commit()
