"""The laboratory values of a patient."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from proms.db.tables import LabVersion, Patient
from proms.domain.laboratory import LabValue


def lab_versions_of(session: Session, patient: Patient) -> list[LabVersion]:
    """Everything that was ever recorded, in the order it was."""
    wanted = select(LabVersion).where(LabVersion.patient_id == patient.id)
    return list(session.exec(wanted.order_by(col(LabVersion.id))))


def that_hold(versions: Iterable[LabVersion]) -> dict[tuple[str, date], LabVersion]:
    """Of each value the version that holds, also where that takes it back."""
    newest: dict[tuple[str, date], LabVersion] = {}
    for row in sorted(versions, key=lambda row: row.version):
        newest[row.test, row.taken_on] = row
    return newest


def lab_value(row: LabVersion) -> LabValue | None:
    """The value of a version; none where it was taken back."""
    if row.value is None or row.upper_limit is None:
        return None
    return LabValue(row.test, row.taken_on, _exact(row.value), _exact(row.upper_limit))


def _exact(number: float) -> Decimal:
    """The number as it was written: two decimals outlive binary fractions."""
    return Decimal(repr(number))
