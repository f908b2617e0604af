"""Recompute a patient's plan and make the stored schedule equal it, inside the caller's transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.actions.audit import WORKER, Subject, record
from proms.actions.reminding import schedule_message
from proms.content import Library
from proms.db.queries.history import checked, held_of, history_of
from proms.db.tables import Assignment, Delivery, MessageDecision, Patient, Site
from proms.db.tables.partial import among
from proms.domain import schedule
from proms.domain.instrument import Fact
from proms.domain.protocol import Protocol
from proms.domain.reminder import DeliveryState, MessageKind
from proms.domain.schedule import AssignmentState, CancelReason, Changes, Key, Window, replan_on, revise

OPENS_AT = time(6)
GRACE = timedelta(days=7)


@dataclass(frozen=True)
class Renewal:
    """One patient's plan being renewed."""

    session: Session
    patient: Patient
    protocol: Protocol
    zone: ZoneInfo
    now: datetime


def replan(session: Session, library: Library, patient: Patient, *, now: datetime) -> Changes:
    """Plan, reconcile and apply for one patient; the caller commits. Doing it twice changes nothing."""
    zone = zone_of(session, patient)
    protocol = protocol_of(library, patient)
    today = now.astimezone(zone).date()
    held = held_of(session, patient, zone)
    history = history_of(session, patient, checked=checked(held.values()))
    changes = revise(protocol, history, held, today)
    if changes:
        _apply(Renewal(session, patient, protocol, zone, now), changes)
    patient.replan_on = replan_on(protocol, history, today)
    session.add(patient)
    return changes


def replan_due(session: Session, library: Library, *, now: datetime, limit: int = 100) -> int:
    """Re-plan the patients whose next re-plan date has come; returns how many."""
    # A site east of UTC reaches its day first: one day of slack costs a re-plan that changes nothing.
    latest = (now + timedelta(hours=14)).date()
    due = (
        select(Patient)
        .where(col(Patient.replan_on) <= latest)
        .order_by(col(Patient.replan_on))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    count = 0
    for patient in session.exec(due).all():
        if patient.replan_on and patient.replan_on > now.astimezone(zone_of(session, patient)).date():
            continue
        changes = replan(session, library, patient, now=now)
        count += 1
        if changes:
            subject = Subject("patient", patient.id, patient.id, patient.site_id)
            record(session, "plan.renewed", subject, by=WORKER, now=now, changes=changes.counts())
    session.commit()
    return count


def expire_due(session: Session, library: Library, *, now: datetime, limit: int = 500) -> int:
    """Mark as missed what closed without an answer; a started one seven days after its window. Returns how many.

    An extra check that the patient began and left is cancelled: nobody asked for it, so nobody missed it.

    A patient whose plan is due to be renewed waits for that: a window that hangs on a planned day is extended the day
    after, if nothing was recorded.
    """
    gone = (
        select(Assignment, Patient)
        .join(Patient)
        .where(
            col(Assignment.expires_at) <= now,
            among(Assignment.state, (AssignmentState.PLANNED, AssignmentState.STARTED)),
        )
        .order_by(col(Assignment.expires_at))
        .limit(limit)
        .with_for_update(skip_locked=True, of=Assignment)
    )
    over = [found for found in session.exec(gone).all() if not _renews_first(session, found[1], now)]
    for row, patient in over:
        extra = row.event in library.protocol(patient.protocol, row.protocol_version).unscheduled
        subject, verb = Subject("assignment", row.id, row.patient_id), "left" if extra else "missed"
        record(session, f"assignment.{verb}", subject, by=WORKER, now=now, event=row.event, number=row.number)
        row.state, row.message_at = AssignmentState.CANCELLED if extra else AssignmentState.MISSED, None
        row.reason = CancelReason.LEFT if extra else None
    session.commit()
    return len(over)


def _renews_first(session: Session, patient: Patient, now: datetime) -> bool:
    today = now.astimezone(zone_of(session, patient)).date()
    return patient.replan_on is not None and patient.replan_on <= today


def protocol_of(library: Library, patient: Patient) -> Protocol:
    """The patient's protocol, with the instruments that are for her and that may be shown to her."""
    return for_patient(library, patient, library.protocol(patient.protocol, patient.protocol_version))


def for_patient(library: Library, patient: Patient, protocol: Protocol) -> Protocol:
    """A protocol with the instruments that are for this patient and that may be shown to her."""
    for_her = protocol.asked_of(personal_facts(patient))
    return protocol.asking([code for code in for_her if library.offers(code, patient.language)])


def personal_facts(patient: Patient) -> dict[str, Fact]:
    """What conditions may ask about a person, whatever her treatment."""
    return {
        "sex": patient.sex,
        "stoma": patient.stoma,
        "rectal_primary": patient.rectal_primary,
        "primary_in_situ": patient.primary_in_situ,
        "anticoagulant": patient.anticoagulant,
    }


def zone_of(session: Session, patient: Patient) -> ZoneInfo:
    """The time zone of the patient's site."""
    # A session forgets a row that nobody holds: without this a tick would read one site again for every patient.
    sites = session.info.setdefault("sites", {})
    if patient.site_id not in sites:
        sites[patient.site_id] = session.get_one(Site, patient.site_id)
    return ZoneInfo(sites[patient.site_id].timezone)


def _apply(renewal: Renewal, changes: Changes) -> None:
    session, patient = renewal.session, renewal.patient
    rows = _rows(session, patient, changes)
    for asked in changes.open:
        rows[asked.key] = _new(renewal, asked)
        session.add(rows[asked.key])
    changed = (*changes.move, *changes.reopen, *changes.wait)
    for change in changed:
        row = rows[change.key]
        for name, value in _placed(change.window, renewal.zone).items():
            setattr(row, name, value)
        row.state, row.reason = _state(change.waiting), None
        row.protocol_version = renewal.patient.protocol_version
    for cancel in changes.cancel:
        row = rows[cancel.key]
        row.state, row.reason, row.message_at = AssignmentState.CANCELLED, cancel.reason, None
    moved = [rows[change.key] for change in changed]
    _renew_messages(renewal, [rows[asked.key] for asked in changes.open], moved)
    _cancel_unsent(renewal, {(cancel.key.event, cancel.key.number) for cancel in changes.cancel})


def _rows(session: Session, patient: Patient, changes: Changes) -> dict[Key, Assignment]:
    """The stored assignments that the changes are about."""
    events = {change.key.event for change in (*changes.move, *changes.reopen, *changes.wait)}
    events |= {cancel.key.event for cancel in changes.cancel}
    if not events:
        return {}
    rows = session.exec(
        select(Assignment).where(Assignment.patient_id == patient.id, col(Assignment.event).in_(events))
    )
    return {Key(row.event, row.number, row.instrument): row for row in rows}


def _new(renewal: Renewal, asked: schedule.Assignment) -> Assignment:
    return Assignment(
        patient_id=renewal.patient.id,
        event=asked.key.event,
        number=asked.key.number,
        instrument=asked.key.instrument,
        state=_state(asked.waiting),
        protocol_version=renewal.patient.protocol_version,
        created_at=renewal.now,
        **_placed(asked.window, renewal.zone),
    )


def _state(waiting: bool) -> AssignmentState:
    return AssignmentState.WAITING if waiting else AssignmentState.PLANNED


def _placed(window: Window, zone: ZoneInfo) -> dict[str, Any]:
    """A window's dates and the instants they stand for: 06:00 on the first, 24:00 on the last."""
    closes_at = datetime.combine(window.closes + timedelta(days=1), time(0), zone).astimezone(UTC)
    opens_at = datetime.combine(window.opens, OPENS_AT, zone).astimezone(UTC)
    return {**window._asdict(), "opens_at": opens_at, "closes_at": closes_at, "expires_at": closes_at}


def _renew_messages(renewal: Renewal, opened: list[Assignment], moved: list[Assignment]) -> None:
    done = _decided(renewal.session, renewal.patient) if moved else {}
    for row in (*opened, *moved):
        steps = done.get((row.event, row.number, row.opens), set())
        schedule_message(row, renewal.protocol.messages, renewal.zone, renewal.now, done=steps)


def _decided(session: Session, patient: Patient) -> dict[tuple[str, int, date], set[int]]:
    done: dict[tuple[str, int, date], set[int]] = {}
    rows = session.exec(
        select(MessageDecision).where(
            MessageDecision.patient_id == patient.id, MessageDecision.kind == MessageKind.REMINDER
        )
    )
    for row in rows:
        if row.event and row.number is not None and row.opens and row.step:
            done.setdefault((row.event, row.number, row.opens), set()).add(row.step)
    return done


def _cancel_unsent(renewal: Renewal, packs: Collection[tuple[str, int]]) -> None:
    if not packs:
        return
    unsent = renewal.session.exec(
        select(Delivery, MessageDecision.event, MessageDecision.number)
        .join(MessageDecision)
        .where(Delivery.patient_id == renewal.patient.id, Delivery.state == DeliveryState.DUE)
    )
    for delivery, event, number in unsent:
        if (event, number) in packs:
            delivery.state, delivery.error = DeliveryState.CANCELLED, "not_wanted"
            delivery.settled_at = renewal.now
