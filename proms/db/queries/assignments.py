"""One assignment as its own patient may see it; and lists of a site that come in parts."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from proms.db.queries.history import latest
from proms.db.queries.today import PackAssignment
from proms.db.tables import Assignment, CycleVersion, Draft, Patient, Response
from proms.domain.schedule import AssignmentState


def patient_assignment(
    session: Session, patient_id: int, assignment_id: int, *, cancelled: bool = False
) -> PackAssignment | None:
    """The patient's own assignment with its draft and its first response; another's is as absent as
    none, and so is a cancelled one unless it is asked for."""
    gone = () if cancelled else (AssignmentState.CANCELLED,)
    row = session.exec(
        select(Assignment, Draft, Response)
        .outerjoin(Draft, col(Draft.assignment_id) == col(Assignment.id))
        .outerjoin(
            Response,
            (col(Response.assignment_id) == col(Assignment.id)) & (col(Response.version) == 1),
        )
        .where(
            Assignment.id == assignment_id,
            Assignment.patient_id == patient_id,
            col(Assignment.state).not_in(gone),
        )
    ).first()
    return PackAssignment(*row) if row else None


def patients_page(
    session: Session, site_id: int, *, page: int, size: int
) -> tuple[Sequence[Patient], int]:
    """A part of the site's patients in order of study code, and how many there are."""
    own = select(Patient).where(Patient.site_id == site_id)
    part = own.order_by(col(Patient.code)).offset((page - 1) * size).limit(size)
    total = session.exec(select(func.count()).select_from(own.subquery())).one()
    return session.exec(part).all(), total


def cycles_of(session: Session, patient: Patient) -> list[CycleVersion]:
    """The cycles of a patient that hold, by component and number."""
    return latest(session.exec(select(CycleVersion).where(CycleVersion.patient_id == patient.id)))
