"""What was expected and what came in, for counting; nothing of who and nothing of treatment."""

from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, or_, select

from proms.db.tables import Assignment, MilestoneVersion, Patient, Response
from proms.domain.protocol import RANDOMISATION
from proms.domain.schedule import AssignmentState

COUNTED = (AssignmentState.ANSWERED, AssignmentState.MISSED, AssignmentState.STARTED)


class Expected(NamedTuple):
    """One assignment that was expected; `late` is None as long as there is no answer."""

    protocol: str
    protocol_version: int
    event: str
    instrument: str
    due: date
    randomised_on: date | None
    late: bool | None


def expected_of(session: Session, site_id: int, *, now: datetime) -> list[Expected]:
    """Every assignment of the site that was answered, or whose window has closed."""
    randomised = _randomised(session, site_id)
    rows = session.exec(
        select(Assignment, Patient, Response.late)
        .join(Patient, col(Patient.id) == Assignment.patient_id)
        .outerjoin(
            Response, (col(Response.assignment_id) == Assignment.id) & (col(Response.version) == 1)
        )
        .where(Patient.site_id == site_id, col(Assignment.state).in_(COUNTED))
        .where(or_(Assignment.state == AssignmentState.ANSWERED, col(Assignment.closes_at) <= now))
    )
    return [
        Expected(
            protocol=patient.protocol,
            protocol_version=row.protocol_version,
            event=row.event,
            instrument=row.instrument,
            due=row.due,
            randomised_on=randomised.get(row.patient_id),
            late=late,
        )
        for row, patient, late in rows
    ]


def patients_of(session: Session, site_id: int) -> int:
    """How many patients the site has enrolled."""
    return session.exec(
        select(func.count()).select_from(Patient).where(Patient.site_id == site_id)
    ).one()


def _randomised(session: Session, site_id: int) -> dict[int, date]:
    rows = session.exec(
        select(MilestoneVersion)
        .join(Patient, col(Patient.id) == MilestoneVersion.patient_id)
        .where(Patient.site_id == site_id, MilestoneVersion.kind == RANDOMISATION)
        .order_by(col(MilestoneVersion.version))
    )
    latest = {row.patient_id: row.on for row in rows}
    return {patient_id: on for patient_id, on in latest.items() if on}
