"""What an amendment comes to in the database: one more version of a fact, and the plan that follows from it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from proms.actions.audit import Actor, Subject, record
from proms.actions.entry import revoke_links
from proms.actions.planning import replan
from proms.actions.refusals import NotFound
from proms.content import Library
from proms.db.queries.history import history_of
from proms.db.tables import Cycle, Milestone, Patient, Treatment
from proms.domain.person import PatientStatus
from proms.domain.protocol import Protocol
from proms.domain.schedule import Changes, History
from proms.domain.schedule.amendment import (
    RANDOMISATION,
    Amendment,
    ComponentStopped,
    CycleRecorded,
    MilestoneRecorded,
    RegimenChosen,
    about,
)
from proms.domain.schedule.refusals import refuse_unsound
from proms.domain.schedule.unsound import UnsoundHistory

ENDS = {"withdrawal": PatientStatus.WITHDRAWN, "death": PatientStatus.DIED}


class Said(NamedTuple):
    """An amendment, and why."""

    amendment: Amendment
    reason: str | None


class Occasion(NamedTuple):
    """Who records it, when, and what the audit trail calls it."""

    verb: str
    by: Actor
    now: datetime
    reason: str | None = None


def put_on_record(
    session: Session, library: Library, patient: Patient, said: Sequence[Said], occasion: Occasion, **detail: Any
) -> Changes:
    """Store each amendment with all they move and one audit entry, in the running transaction of a locked patient."""
    by, now = occasion.by, occasion.now
    facts = []
    for each in said:
        stamp = {"patient_id": patient.id, "reason": each.reason, "recorded_at": now, "recorded_by": by.staff_id}
        facts.append([*about(each.amendment), _store(session, patient, each.amendment, stamp)])
        _mark(patient, each.amendment)
    patient.revision += 1
    session.flush()
    changes = replan(session, library, patient, now=now)
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    detail |= {"changes": changes.counts(), "revision": patient.revision, "facts": facts}
    record(session, occasion.verb, subject, by=by, now=now, reason=occasion.reason, **detail)
    if patient.status != PatientStatus.ACTIVE:
        revoke_links(session, patient.id, now=now)
    return changes


def doubt(protocol: Protocol, before: History, after: History, today: date) -> UnsoundHistory | None:
    """What is odd about an amendment but may be so; what may not be so is raised."""
    try:
        refuse_unsound(protocol, after, today, before=before)
    except UnsoundHistory as unsound:
        if not unsound.may_confirm:
            raise
        return unsound
    return None


def _store(session: Session, patient: Patient, amendment: Amendment, stamp: dict[str, Any]) -> int:
    """One more version of the fact the amendment is about; returns its number."""
    row: Milestone | Cycle | Treatment
    if isinstance(amendment, MilestoneRecorded):
        same = [col(Milestone.kind) == amendment.kind, col(Milestone.number) == amendment.number]
        row = Milestone(kind=amendment.kind, number=amendment.number, on=amendment.on, detail=amendment.arm, **stamp)
    elif isinstance(amendment, CycleRecorded):
        cycle = amendment.cycle
        same = [col(Cycle.component) == cycle.component, col(Cycle.number) == cycle.number]
        fields = {name: getattr(cycle, name) for name in ("component", "number", "planned", "day_1", "dose_percent")}
        row = Cycle(**fields, status=cycle.status, drugs=list(cycle.drugs), **stamp)
    else:
        same = [col(Treatment.component) == amendment.component]
        row = _treatment(session, patient, amendment, stamp)
    row.version = _next_version(session, type(row), patient, same)
    session.add(row)
    return row.version


def _treatment(
    session: Session, patient: Patient, amendment: RegimenChosen | ComponentStopped, stamp: dict[str, Any]
) -> Treatment:
    if isinstance(amendment, RegimenChosen):
        return Treatment(component=amendment.component, regimen=amendment.regimen, **stamp)
    regimen = history_of(session, patient).components.get(amendment.component)
    if regimen is None:
        raise NotFound("This part of the treatment was never started.")
    return Treatment(component=amendment.component, regimen=regimen, stopped_on=amendment.last_dose, **stamp)


def _next_version(
    session: Session,
    table: type[Milestone] | type[Cycle] | type[Treatment],
    patient: Patient,
    same: list[ColumnElement[bool]],
) -> int:
    found = session.exec(select(func.max(table.version)).where(col(table.patient_id) == patient.id, *same)).one()
    return (found or 0) + 1


def _mark(patient: Patient, amendment: Amendment) -> None:
    """What the patient's own row says about the milestone, so that messages and links need not read the history."""
    if not isinstance(amendment, MilestoneRecorded):
        return
    if amendment.kind in ENDS:
        patient.status = ENDS[amendment.kind] if amendment.on else PatientStatus.ACTIVE
    if amendment.kind == RANDOMISATION:
        patient.arm = amendment.arm if amendment.on else None
