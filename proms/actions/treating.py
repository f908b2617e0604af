"""The coordinator's verbs: what happened to a patient, looked at beforehand, then saved with all it moves."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from proms.actions.audit import Subject, record, staff_actor
from proms.actions.entry import revoke_links
from proms.actions.planning import protocol_of, replan, zone_of
from proms.actions.refusals import HistoryChanged, Incomplete, NotFound, PatientInactive
from proms.content import Library
from proms.db.queries.history import checked, held_of, history_of
from proms.db.tables import Cycle, Milestone, Patient, Staff, Treatment
from proms.domain.person import PatientStatus
from proms.domain.protocol import Protocol
from proms.domain.schedule import Changes, History, revise
from proms.domain.schedule.amendment import (
    RANDOMISATION,
    Amendment,
    ComponentStopped,
    CycleRecorded,
    MilestoneRecorded,
    RegimenChosen,
    amended,
)
from proms.domain.schedule.refusals import refuse_unsound
from proms.domain.schedule.unsound import UnsoundHistory

ENDS = {"withdrawal": PatientStatus.WITHDRAWN, "death": PatientStatus.DIED}


@dataclass(frozen=True)
class Preview:
    """What an amendment would do, and the revision of the history it was worked out on."""

    changes: Changes
    revision: int
    doubt: UnsoundHistory | None


def preview(session: Session, library: Library, *, patient: Patient, amendment: Amendment, now: datetime) -> Preview:
    """Work out what saving this would do, and change nothing; raises the refusals that no reason can overrule."""
    zone = zone_of(session, patient)
    today = now.astimezone(zone).date()
    held = held_of(session, patient, zone)
    before = history_of(session, patient, checked=checked(held.values()))
    history = amended(before, amendment)
    protocol = protocol_of(library, patient)
    doubt = _doubt(protocol, before, history, today)
    return Preview(revise(protocol, history, held, today), patient.revision, doubt)


def amend(
    session: Session,
    library: Library,
    *,
    patient_id: int,
    amendment: Amendment,
    revision: int,
    reason: str,
    by: Staff,
    now: datetime,
) -> Changes:
    """Save what happened and everything it moves, in one transaction.

    Raises HistoryChanged when somebody saved in between, and UnsoundHistory where the dates cannot be, or can only be
    with a reason and none is given.
    """
    patient = _locked(session, patient_id, by)
    _refuse_ended(patient, amendment)
    if patient.revision != revision:
        raise HistoryChanged("The history changed since this preview was made.")
    today = now.astimezone(zone_of(session, patient)).date()
    protocol = protocol_of(library, patient)
    before = history_of(session, patient)
    doubt = _doubt(protocol, before, amended(before, amendment), today)
    if doubt and not reason.strip():
        raise doubt
    stamp = {"patient_id": patient.id, "reason": reason.strip() or None, "recorded_at": now, "recorded_by": by.id}
    _store(session, patient, amendment, stamp)
    _mark(session, patient, amendment)
    patient.revision += 1
    session.flush()
    changes = replan(session, library, patient, now=now)
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    verb = f"history.{type(amendment).__name__.lower()}"
    record(session, verb, subject, by=staff_actor(by), now=now, reason=reason or None, changes=changes.counts())
    if patient.status != PatientStatus.ACTIVE:
        revoke_links(session, patient.id, now=now)
    session.commit()
    return changes


def pause(session: Session, *, patient_id: int, until: date | None, reason: str, by: Staff, now: datetime) -> Patient:
    """Hold every message until and including a day; without a day the pause ends now. The plan itself goes on."""
    patient = _locked(session, patient_id, by)
    if patient.status != PatientStatus.ACTIVE:
        raise PatientInactive("This patient takes no further part.")
    if until and until < now.astimezone(zone_of(session, patient)).date():
        raise Incomplete("until", "A pause ends today or later.")
    patient.paused_until = until
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    verb = "patient.paused" if until else "patient.resumed"
    record(session, verb, subject, by=staff_actor(by), now=now, reason=reason or None)
    session.commit()
    return patient


def _locked(session: Session, patient_id: int, by: Staff) -> Patient:
    patient = session.exec(
        select(Patient).where(Patient.id == patient_id, Patient.site_id == by.site_id).with_for_update()
    ).first()
    if patient is None:
        raise NotFound("There is no such patient.")
    return patient


def _refuse_ended(patient: Patient, amendment: Amendment) -> None:
    """After withdrawal or death only milestones are recorded: a death later, or that one of them was a mistake."""
    if patient.status != PatientStatus.ACTIVE and not isinstance(amendment, MilestoneRecorded):
        raise PatientInactive("This patient takes no further part.")


def _doubt(protocol: Protocol, before: History, after: History, today: date) -> UnsoundHistory | None:
    """What is odd about an amendment but may be so; what may not be so is raised."""
    try:
        refuse_unsound(protocol, after, today, before=before)
    except UnsoundHistory as unsound:
        if not unsound.may_confirm:
            raise
        return unsound
    return None


def _store(session: Session, patient: Patient, amendment: Amendment, stamp: dict[str, Any]) -> None:
    """One more version of the fact the amendment is about."""
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


def _mark(session: Session, patient: Patient, amendment: Amendment) -> None:
    """What the patient's own row says about the milestone, so that messages and links need not read the history."""
    if not isinstance(amendment, MilestoneRecorded):
        return
    if amendment.kind in ENDS:
        patient.status = ENDS[amendment.kind] if amendment.on else PatientStatus.ACTIVE
    if amendment.kind == RANDOMISATION:
        patient.arm = amendment.arm if amendment.on else None
