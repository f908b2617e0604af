"""Figures that stand beside the worklist."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, func, select

from proms.db.tables import Assignment, Patient
from proms.domain.person import PatientStatus
from proms.domain.schedule import OUTSTANDING


def not_in_yet(session: Session, site_id: int, *, now: datetime) -> int:
    """How many patients have questions open now that they have not sent."""
    counted = (
        select(func.count(func.distinct(col(Assignment.patient_id))))
        .join(Patient, col(Patient.id) == Assignment.patient_id)
        .where(
            Patient.site_id == site_id,
            Patient.status == PatientStatus.ACTIVE,
            col(Assignment.state).in_(OUTSTANDING),
            col(Assignment.opens_at) <= now,
            col(Assignment.closes_at) > now,
        )
    )
    return session.exec(counted).one()


def codes_of(session: Session, patient_ids: Collection[int]) -> dict[int, str]:
    """Study codes by patient id."""
    rows = session.exec(
        select(Patient.id, Patient.code).where(col(Patient.id).in_(list(patient_ids)))
    )
    return {patient_id or 0: code for patient_id, code in rows}
