"""What was recorded about a patient since somebody looked: by whom, when, and what it said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from proms.db.keyring import Keyring
from proms.db.queries.history import fact_versions_of, named
from proms.db.queries.people import unsealed
from proms.db.tables import (
    AuditEntry,
    CycleVersion,
    FactVersion,
    MilestoneVersion,
    Patient,
    StaffIdentity,
    TreatmentVersion,
)
from proms.domain import schedule
from proms.domain.schedule import CycleStatus
from proms.domain.schedule.history import EntryKind
from proms.domain.schedule.history_entry import (
    ComponentStopped,
    CycleRecorded,
    FactRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
)

Row = MilestoneVersion | CycleVersion | TreatmentVersion | FactVersion
RowKey = tuple[str, str, int, int]  # table, name, number, version


@dataclass(frozen=True)
class SavedEntries:
    """One save: when, the name of the member of staff (None: an import at the command line), and
    what it said."""

    at: datetime
    by: str | None
    entries: tuple[HistoryEntry, ...]


def entries_since(
    session: Session, keyring: Keyring, patient: Patient, revision: int
) -> list[SavedEntries]:
    """Every save of the history after the one that made this revision, the first one first."""
    audited = session.exec(
        select(AuditEntry, StaffIdentity)
        .outerjoin(
            StaffIdentity,
            (col(StaffIdentity.staff_id) == AuditEntry.actor_id)
            & (col(AuditEntry.actor) == "staff"),
        )
        .where(AuditEntry.patient_id == patient.id, col(AuditEntry.verb).startswith("history."))
        .order_by(col(AuditEntry.id))
    )
    later = [(save, by) for save, by in audited if save.detail.get("revision", 0) > revision]
    if not later:
        return []
    rows = dict(_rows(session, patient))
    return [
        SavedEntries(save.at, _name(keyring, by), tuple(_entries(save, rows))) for save, by in later
    ]


def _name(keyring: Keyring, by: StaffIdentity | None) -> str | None:
    return unsealed(keyring, by, "name") if by else None


def _entries(save: AuditEntry, rows: Mapping[RowKey, Row]) -> Iterator[HistoryEntry]:
    # The audit trail keeps no content of its own: it names the versions that a save added, and
    # those stay as they were written.
    for kind, name, number, version in save.detail["facts"]:
        row = rows[_table(kind), name, number, version]
        yield _entry(EntryKind(kind), row)


def _rows(session: Session, patient: Patient) -> Iterator[tuple[RowKey, Row]]:
    rows: list[Row] = [
        *session.exec(select(MilestoneVersion).where(MilestoneVersion.patient_id == patient.id)),
        *session.exec(select(CycleVersion).where(CycleVersion.patient_id == patient.id)),
        *session.exec(select(TreatmentVersion).where(TreatmentVersion.patient_id == patient.id)),
        *fact_versions_of(session, patient),
    ]
    for row in rows:
        yield (type(row).__name__, named(row), getattr(row, "number", 1), row.version), row


def _table(kind: str) -> str:
    tables: dict[str, type[Row]] = {
        EntryKind.MILESTONE: MilestoneVersion,
        EntryKind.CYCLE: CycleVersion,
        EntryKind.FACT: FactVersion,
    }
    return tables.get(kind, TreatmentVersion).__name__


def _entry(kind: EntryKind, row: Row) -> HistoryEntry:
    if isinstance(row, MilestoneVersion):
        return MilestoneRecorded(row.kind, row.on, row.number, row.detail)
    if isinstance(row, CycleVersion):
        return CycleRecorded(_cycle(row))
    if isinstance(row, FactVersion):
        return FactRecorded(row.fact, row.since, row.value, row.number)
    # Two kinds of entry write a treatment: its version alone does not tell which one it was.
    if kind is EntryKind.STOP:
        return ComponentStopped(row.component, row.stopped_on)
    return RegimenChosen(row.component, row.regimen)


def _cycle(row: CycleVersion) -> schedule.Cycle:
    return schedule.Cycle(
        component=row.component,
        number=row.number,
        planned=row.planned,
        day_1=row.day_1,
        status=CycleStatus(row.status),
        drugs=tuple(row.drugs),
        dose_percent=row.dose_percent,
        reason=row.reason,
        regimen=row.regimen,
    )
