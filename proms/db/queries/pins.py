"""How many patients of a site have a PIN."""

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from proms.db.tables import Patient, PatientPin
from proms.domain.person import PatientStatus


@dataclass(frozen=True)
class PinCount:
    """Of the patients of a site who take part, how many have a PIN."""

    with_pin: int
    everybody: int


def pins_at(session: Session, site_id: int) -> PinCount:
    """How many have one."""
    counts = select(func.count(col(Patient.id)), func.count(col(PatientPin.patient_id)))
    everybody, with_pin = session.exec(
        counts.select_from(Patient)
        .outerjoin(PatientPin, col(PatientPin.patient_id) == Patient.id)
        .where(Patient.site_id == site_id, Patient.status == PatientStatus.ACTIVE)
    ).one()
    return PinCount(with_pin, everybody)
