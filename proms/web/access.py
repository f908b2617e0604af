"""Whose record a request may see: the patients of one's own site, and a patient's own
assignments."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from proms.actions.audit import patient_actor
from proms.actions.drafts import Sitting, sit_down
from proms.actions.refusals import NotFound
from proms.db.queries.assignments import patient_assignment
from proms.db.queries.patients import patient_of
from proms.db.queries.today import Days, PackAssignment, days_of
from proms.db.tables import Patient
from proms.web import request_context


def own_patient(session: Session, code: str) -> Patient:
    """The site's own patient; another site's is as absent as none."""
    # PostgreSQL refuses a NUL where SQLite finds nothing: what no study code can be is not looked
    # up.
    patient = None
    if code.isalnum():
        patient = patient_of(session, code, request_context.current_staff().site_id)
    if patient is None:
        raise NotFound("There is no such patient.")
    return patient


def own_days(session: Session, patient: Patient) -> Days:
    """The patient's own packs around now, each in the order of her protocol."""
    protocol = request_context.library().protocol(patient.protocol, patient.protocol_version)
    return days_of(session, patient.id, request_context.now(), protocol)


@contextmanager
def reading_assignment(assignment_id: int) -> Iterator[tuple[Sitting, PackAssignment]]:
    """The patient in front of her own assignment, to look only; another's is as absent as none."""
    patient = request_context.current_patient()
    with request_context.reading() as session:
        asked = patient_assignment(session, patient.id, assignment_id)
        if asked is None:
            raise NotFound("There is no such questionnaire.")
        sitting = Sitting(
            session,
            request_context.library(),
            patient,
            asked.assignment,
            patient_actor(patient.id),
            request_context.now(),
        )
        yield sitting, asked


@contextmanager
def writing_assignment(assignment_id: int) -> Iterator[Sitting]:
    """The patient in front of her own assignment, to write."""
    with request_context.writing() as session:
        patient = session.get_one(Patient, request_context.current_patient().id)
        yield sit_down(
            session,
            request_context.library(),
            assignment_id=assignment_id,
            patient=patient,
            by=patient_actor(patient.id),
            now=request_context.now(),
            link_id=request_context.came_by(),
        )


def opened_in(sitting: Sitting) -> PackAssignment:
    """The assignment of this sitting with its draft and its first response, as far as there are
    any."""
    asked = patient_assignment(sitting.session, sitting.patient.id, sitting.assignment.id)
    return asked or PackAssignment(sitting.assignment, None, None)
