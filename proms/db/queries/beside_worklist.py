"""What stands beside the worklist: patients from whom nothing is heard, and what is new to whoever
comes back."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from proms.db.tables import Assignment, Draft, Login, Patient
from proms.domain.person import PatientStatus
from proms.domain.schedule import AssignmentState

IN_A_ROW = 2
LOOK_BACK = timedelta(days=60)
WAITED = timedelta(days=7)


def missed_in_a_row(
    session: Session, site_id: int, instruments: Collection[str], now: datetime
) -> list[Patient]:
    """The patients who take part and of whom the last two checks came to nothing."""
    rows = session.exec(
        select(Patient, Assignment.state)
        .join(Assignment, col(Assignment.patient_id) == Patient.id)
        .where(
            Patient.site_id == site_id,
            Patient.status == PatientStatus.ACTIVE,
            col(Assignment.instrument).in_(list(instruments)),
            col(Assignment.state).in_((AssignmentState.ANSWERED, AssignmentState.MISSED)),
            col(Assignment.closes_at) > now - LOOK_BACK,
        )
        .order_by(col(Patient.code), col(Assignment.due).desc(), col(Assignment.id).desc())
    )
    patients: dict[int, Patient] = {}
    states: dict[int, list[str]] = defaultdict(list)
    for patient, state in rows:
        patients[patient.id] = patient
        states[patient.id].append(state)
    return [
        patients[id]
        for id, last in states.items()
        if last[:IN_A_ROW] == [AssignmentState.MISSED] * IN_A_ROW
    ]


def not_started(session: Session, site_id: int, now: datetime) -> Sequence[str]:
    """The codes of patients with questions that have been open for a week and hold no answer: who
    only looked at them began nothing."""
    rows = session.exec(
        select(Patient.code, Draft.document)
        .join(Assignment, col(Assignment.patient_id) == Patient.id)
        .outerjoin(Draft, col(Draft.assignment_id) == Assignment.id)
        .where(
            Patient.site_id == site_id,
            Patient.status == PatientStatus.ACTIVE,
            col(Assignment.state).in_((AssignmentState.PLANNED, AssignmentState.STARTED)),
            col(Assignment.opens_at) <= now - WAITED,
            col(Assignment.closes_at) > now,
        )
    )
    return sorted({code for code, document in rows if not document})


def last_visit(session: Session, staff_id: int) -> datetime | None:
    """When this person was last here before the log-in she works with; None the first time."""
    logins = session.exec(
        select(Login.seen_at)
        .where(Login.staff_id == staff_id)
        .order_by(col(Login.created_at).desc())
        .limit(2)
    ).all()
    return logins[1] if len(logins) > 1 else None
