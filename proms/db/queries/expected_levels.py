"""What is expected of a patient's symptoms for now."""

from datetime import date

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from proms.db.tables import ExpectedLevel


def expected_levels_on(
    session: Session, patient_id: int, instrument: str, day: date
) -> dict[str, int]:
    """The level expected of each item on a site date, as far as one is."""
    rows = session.exec(
        _holding(patient_id, day)
        .where(ExpectedLevel.instrument == instrument)
        .order_by(col(ExpectedLevel.id))
    )
    # Of one item the last that was set counts.
    return {row.item: row.level for row in rows}


def expected_of(session: Session, patient_id: int, day: date) -> list[ExpectedLevel]:
    """Everything expected of a patient on a site date, with why and until when."""
    return list(session.exec(_holding(patient_id, day).order_by(col(ExpectedLevel.until))))


def _holding(patient_id: int, day: date) -> SelectOfScalar[ExpectedLevel]:
    return select(ExpectedLevel).where(
        ExpectedLevel.patient_id == patient_id,
        ExpectedLevel.until >= day,
        col(ExpectedLevel.ended_at).is_(None),
    )
