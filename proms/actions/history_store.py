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
from proms.db.tables import CycleVersion, FactVersion, MilestoneVersion, Patient, TreatmentVersion
from proms.domain.person import PatientStatus
from proms.domain.protocol import Protocol
from proms.domain.schedule import Changes, History
from proms.domain.schedule.history_checks import new_objections, refuse_unsound
from proms.domain.schedule.history_entry import (
    ComponentStopped,
    CycleRecorded,
    FactRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
    entry_key,
    history_with,
)
from proms.domain.schedule.history_errors import UnsoundHistory
from proms.domain.schedule.plan import ending_of

FactTable = type[MilestoneVersion] | type[CycleVersion] | type[TreatmentVersion] | type[FactVersion]


def _next_version(table: FactTable, *key: str) -> ReturningInsert[int]:
    """The insert of one more version of a fact, which the database numbers; `key` are the columns
    that name the fact."""
    columns = table.__table__.c  # type: ignore[union-attr]
    # Named apart from the columns: a parameter called like a column would be a value to insert.
    same_fact = [columns[name] == bindparam(f"of_{name}") for name in ("patient_id", *key)]
    last = select(func.coalesce(func.max(columns.version), 0)).where(*same_fact).scalar_subquery()
    return insert(table).values(version=last + 1).returning(columns.version)


# Built once: building a statement takes longer than to run it.
NEXT_VERSION = {
    MilestoneVersion: _next_version(MilestoneVersion, "kind", "number"),
    CycleVersion: _next_version(CycleVersion, "component", "number"),
    TreatmentVersion: _next_version(TreatmentVersion, "component"),
    FactVersion: _next_version(FactVersion, "fact", "number"),
}


class ExplainedEntry(NamedTuple):
    """An entry, and why."""

    entry: HistoryEntry
    reason: str | None


class Fact(NamedTuple):
    """What an entry says of a fact: the columns that name it in its table, and what they become."""

    table: FactTable
    key: dict[str, Any]
    values: dict[str, Any]


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
    entries: Sequence[ExplainedEntry],
    occasion: Occasion,
    **detail: Any,
) -> Changes:
    """Store each entry with all they move and one audit entry, in the running transaction of a
    locked patient."""
    # The entries build on one another; the plan is renewed once, for all of them together.
    history = basis.history
    facts = []
    for entry, reason in entries:
        history = history_with(history, entry, basis.today)
        stamp = {
            "patient_id": patient.id,
            "reason": reason,
            "recorded_at": occasion.now,
            "recorded_by": occasion.by.staff_id,
        }
        version = _store(session, _fact(history, entry), stamp)
        facts.append([*entry_key(entry), version])
    _mark(patient, basis.protocol, history, basis.today)
    changes = renew(session, patient, replace(basis, history=history))
    patient.revision += 1
    detail |= {"changes": changes.counts(), "revision": patient.revision, "facts": facts}
    record(
        session,
        occasion.verb,
        Subject("patient", patient.id, patient.id, patient.site_id),
        by=occasion.by,
        now=occasion.now,
        reason=occasion.reason,
        **detail,
    )
    if patient.status != PatientStatus.ACTIVE:
        revoke_links(session, patient.id, now=occasion.now)
    return changes


def doubts_about(
    protocol: Protocol, before: History, after: History, today: date
) -> tuple[UnsoundHistory, ...]:
    """Everything that is odd about an entry but may be so; what may not be so is raised."""
    refuse_unsound(protocol, after, today, before=before, confirmed=True)
    return new_objections(protocol, after, today, before=before)


def _store(session: Session, fact: Fact, stamp: dict[str, Any]) -> int:
    """Add one more version of a fact; returns its number."""
    same_fact = {"of_patient_id": stamp["patient_id"]}
    for name, value in fact.key.items():
        same_fact[f"of_{name}"] = value
    row = {**stamp, **fact.key, **fact.values, **same_fact}
    (version,) = session.connection().execute(NEXT_VERSION[fact.table], row).one()
    return version


def _fact(history: History, entry: HistoryEntry) -> Fact:
    """The fact an entry is about; the history holds the entry by now."""
    key: dict[str, Any]
    values: dict[str, Any]
    match entry:
        case MilestoneRecorded(kind, on, number, arm):
            key = {"kind": kind, "number": number}
            return Fact(MilestoneVersion, key, {"on_date": on, "detail": arm})
        case CycleRecorded(cycle):
            key = {"component": cycle.component, "number": cycle.number}
            # From which day it is late, and what it was given under, is worked out over all its
            # entries, so the history says it.
            recorded = history.cycle(cycle.component, cycle.number)
            values = {
                "planned": cycle.planned,
                "day_1": cycle.day_1,
                "status": cycle.status,
                "dose_percent": cycle.dose_percent,
                "drugs": list(cycle.drugs),
                "late_since": recorded.late_since if recorded else None,
                "regimen": recorded.regimen if recorded else None,
            }
            return Fact(CycleVersion, key, values)
        case RegimenChosen(component, regimen):
            key = {"component": component}
            return Fact(TreatmentVersion, key, {"regimen": regimen, "stopped_on": None})
        case ComponentStopped(component, last_dose):
            if component not in history.components:
                raise NotFound("This part of the treatment was never started.")
            regimen = history.components[component]
            key = {"component": component}
            return Fact(TreatmentVersion, key, {"regimen": regimen, "stopped_on": last_dose})
        case FactRecorded(fact, _, _, number):
            key = {"fact": fact, "number": number}
            held = history.fact_value(fact, number)
            values = {"since": held.since, "value": held.value} if held else {}
            return Fact(FactVersion, key, values)


def _mark(patient: Patient, protocol: Protocol, history: History, today: date) -> None:
    """What the patient's own row says of her history, so that messages, links and lists need not
    read it."""
    ending = ending_of(protocol, history)
    patient.status = ending.status if ending else PatientStatus.ACTIVE
    patient.arm = history.arm
    for fact, value in history.facts_on(today).items():
        setattr(patient, fact, value)
