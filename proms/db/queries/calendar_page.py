"""What the calendar shows beside the history: facts as recorded, and messages still to come."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from proms.db.queries.history import latest, milestones_of
from proms.db.queries.owed_messages import owed_to
from proms.db.tables import Assignment, CycleVersion, MilestoneVersion, Patient
from proms.domain.schedule import OUTSTANDING, Changes, Key


def unsent_of(session: Session, patient: Patient, changes: Changes) -> int:
    """How many messages that were still to come would be cancelled: owed ones, and packs whose next
    one has a date. A pack of which something is left to answer keeps its messages."""
    cancelled = {assignment.key for assignment in changes.cancel}
    if not cancelled:
        return 0
    rows = session.exec(
        select(Assignment).where(
            Assignment.patient_id == patient.id, col(Assignment.state).in_(OUTSTANDING)
        )
    ).all()
    left = {
        (row.event, row.number)
        for row in rows
        if Key(row.event, row.number, row.instrument) not in cancelled
    }
    packs = {(key.event, key.number) for key in cancelled} - left
    # One message announces a whole pack, whichever of its assignments carries the date.
    coming = {
        (row.event, row.number)
        for row in rows
        if row.message_at is not None and (row.event, row.number) in packs
    }
    owed = [about for _, about in owed_to(session, patient.id) if about <= packs]
    return len(coming) + len(owed)


@dataclass(frozen=True)
class HistoryOnRecord:
    """The facts on record that may be corrected, each in the version that holds."""

    milestones: list[MilestoneVersion]
    cycles: list[CycleVersion]


def history_on_record(session: Session, patient: Patient) -> HistoryOnRecord:
    """The patient's milestones in order of date, and her cycles, the latest first."""
    cycles = latest(session.exec(select(CycleVersion).where(CycleVersion.patient_id == patient.id)))
    return HistoryOnRecord(milestones_of(session, patient), cycles[::-1])
