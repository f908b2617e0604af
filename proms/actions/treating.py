"""The coordinator's verbs: what happened to a patient, looked at beforehand, then saved with all it moves."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from proms.actions.audit import Subject, record, staff_actor
from proms.actions.planning import protocol_of, zone_of
from proms.actions.recording import Occasion, Said, doubt, put_on_record
from proms.actions.refusals import HistoryChanged, Incomplete, NotFound, PatientInactive
from proms.content import Library
from proms.db.queries.history import checked, held_of, history_of
from proms.db.tables import Patient, Staff
from proms.domain.person import PatientStatus
from proms.domain.schedule import Changes, revise
from proms.domain.schedule.amendment import Amendment, MilestoneRecorded, amended
from proms.domain.schedule.unsound import UnsoundHistory


@dataclass(frozen=True)
class Preview:
    """What an amendment would do, and the revision of the history it was worked out on."""

    changes: Changes
    revision: int
    doubt: UnsoundHistory | None


def preview(session: Session, library: Library, *, patient: Patient, amendment: Amendment, now: datetime) -> Preview:
    """Work out what saving this would do, and change nothing; raises the refusals that no reason can overrule."""
    _refuse_ended(patient, amendment)
    zone = zone_of(session, patient)
    today = now.astimezone(zone).date()
    held = held_of(session, patient, zone)
    before = history_of(session, patient, checked=checked(held.values()))
    history = amended(before, amendment)
    protocol = protocol_of(library, patient)
    unsure = doubt(protocol, before, history, today)
    return Preview(revise(protocol, history, held, today), patient.revision, unsure)


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
    unsure = doubt(protocol, before, amended(before, amendment), today)
    if unsure and not reason.strip():
        raise unsure
    why = reason.strip() or None
    verb = f"history.{type(amendment).__name__.lower()}"
    occasion = Occasion(verb, staff_actor(by), now, why)
    changes = put_on_record(session, library, patient, [Said(amendment, why)], occasion)
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
