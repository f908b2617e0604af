"""What an entry comes to in the database: one more version of a fact, and the plan that follows
from it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Session, func, select

from proms.actions.access import revoke_links
from proms.actions.audit import Actor, Subject, record
from proms.actions.refusals import NotFound
from proms.actions.schedule import Basis, renew
from proms.db.tables import CycleVersion, MilestoneVersion, Patient, TreatmentVersion
from proms.domain.person import PatientStatus
from proms.domain.protocol import Protocol
from proms.domain.schedule import Changes, History
from proms.domain.schedule.history_checks import refuse_unsound
from proms.domain.schedule.history_entry import (
    RANDOMISATION,
    ComponentStopped,
    CycleRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
    entry_key,
    history_with,
)
from proms.domain.schedule.history_errors import UnsoundHistory

Fact = type[MilestoneVersion] | type[CycleVersion] | type[TreatmentVersion]
ENDS = {"withdrawal": PatientStatus.WITHDRAWN, "death": PatientStatus.DIED}


def _next(table: Fact, *names: str) -> ReturningInsert[int]:
    """The insert of one more version of a fact, which the database numbers."""
    columns = table.__table__.c  # type: ignore[union-attr]
    same = (columns[name] == bindparam(f"of_{name}") for name in ("patient_id", *names))
    last = select(func.coalesce(func.max(columns.version), 0)).where(*same).scalar_subquery()
    return insert(table).values(version=last + 1).returning(columns.version)


# Built once: building a statement takes longer than to run it.
NEXT = {
    MilestoneVersion: _next(MilestoneVersion, "kind", "number"),
    CycleVersion: _next(CycleVersion, "component", "number"),
    TreatmentVersion: _next(TreatmentVersion, "component"),
}


class ExplainedEntry(NamedTuple):
    """An entry, and why."""

    entry: HistoryEntry
    reason: str | None


class Occasion(NamedTuple):
    """Who records it, when, and what the audit trail calls it."""

    verb: str
    by: Actor
    now: datetime
    reason: str | None = None


def store_entries(
    session: Session,
    patient: Patient,
    basis: Basis,
    said: Sequence[ExplainedEntry],
    occasion: Occasion,
    **detail: Any,
) -> Changes:
    """Store each entry with all they move and one audit entry, in the running transaction of a
    locked patient."""
    by, now = occasion.by, occasion.now
    history, facts = basis.history, []
    for each in said:
        stamp = {
            "patient_id": patient.id,
            "reason": each.reason,
            "recorded_at": now,
            "recorded_by": by.staff_id,
        }
        history = history_with(history, each.entry, basis.today)
        facts.append([*entry_key(each.entry), _store(session, history, each.entry, stamp)])
        _mark(patient, each.entry)
    changes = renew(session, patient, replace(basis, history=history))
    patient.revision += 1
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    detail |= {"changes": changes.counts(), "revision": patient.revision, "facts": facts}
    record(session, occasion.verb, subject, by=by, now=now, reason=occasion.reason, **detail)
    if patient.status != PatientStatus.ACTIVE:
        revoke_links(session, patient.id, now=now)
    return changes


def doubt_about(
    protocol: Protocol, before: History, after: History, today: date
) -> UnsoundHistory | None:
    """What is odd about an entry but may be so; what may not be so is raised."""
    try:
        refuse_unsound(protocol, after, today, before=before)
    except UnsoundHistory as unsound:
        if not unsound.may_confirm:
            raise
        return unsound
    return None


def _store(session: Session, history: History, entry: HistoryEntry, stamp: dict[str, Any]) -> int:
    """One more version of the fact the entry is about, which the history holds by now; returns its
    number."""
    table, fact, says = _said(history, entry)
    this = {
        f"of_{name}": value for name, value in {"patient_id": stamp["patient_id"], **fact}.items()
    }
    (version,) = session.connection().execute(NEXT[table], {**stamp, **fact, **says, **this}).one()
    return version


def _said(history: History, entry: HistoryEntry) -> tuple[Fact, dict[str, Any], dict[str, Any]]:
    """The table of the fact an entry is about, which of its facts, and what is said of it."""
    match entry:
        case MilestoneRecorded(kind, on, number, arm):
            return (
                MilestoneVersion,
                {"kind": kind, "number": number},
                {"on_date": on, "detail": arm},
            )
        case CycleRecorded(cycle):
            said = {
                name: getattr(cycle, name)
                for name in ("planned", "day_1", "status", "dose_percent")
            }
            held = history.cycle(cycle.component, cycle.number)
            said |= {"drugs": list(cycle.drugs), "late_since": held.late_since if held else None}
            return CycleVersion, {"component": cycle.component, "number": cycle.number}, said
        case RegimenChosen(component, regimen):
            return (
                TreatmentVersion,
                {"component": component},
                {"regimen": regimen, "stopped_on": None},
            )
        case ComponentStopped(component, last_dose):
            if component not in history.components:
                raise NotFound("This part of the treatment was never started.")
            regimen = history.components[component]
            return (
                TreatmentVersion,
                {"component": component},
                {"regimen": regimen, "stopped_on": last_dose},
            )


def _mark(patient: Patient, entry: HistoryEntry) -> None:
    """What the patient's own row says about the milestone, so that messages and links need not read
    the history."""
    if not isinstance(entry, MilestoneRecorded):
        return
    if entry.kind in ENDS:
        patient.status = ENDS[entry.kind] if entry.on else PatientStatus.ACTIVE
    if entry.kind == RANDOMISATION:
        patient.arm = entry.arm if entry.on else None
