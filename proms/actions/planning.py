"""Recompute a patient's plan and make the stored schedule equal it, inside the caller's transaction."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.actions.audit import WORKER, Subject, record
from proms.actions.reminding import schedule_message
from proms.content import Library
from proms.db.queries.history import checked, held_of, history_of
from proms.db.tables import Assignment, Delivery, MessageDecision, Patient, Site
from proms.domain.protocol import Protocol
from proms.domain.reminder import DeliveryState, MessageKind
from proms.domain.schedule import AssignmentState, Changes, History, Key, Window, plan, reconcile, replan_on

OPENS_AT = time(6)
GRACE = timedelta(days=7)


def replan(session: Session, library: Library, patient: Patient, *, now: datetime) -> Changes:
    """Plan, reconcile and apply for one patient; the caller commits. Doing it twice changes nothing."""
    zone = zone_of(session, patient)
    protocol = library.protocol(patient.protocol, patient.protocol_version)
    today = now.astimezone(zone).date()
    held = held_of(session, patient, zone)
    history = history_of(session, patient, checked=checked(held.values()))
    changes = reconcile(plan(protocol, history, today), held, today)
    _apply(session, protocol, patient, changes, zone, now)
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
            record(session, "plan.renewed", subject, by=WORKER, now=now, **changes.counts())
    session.commit()
    return count


def expire_due(session: Session, *, now: datetime, limit: int = 500) -> int:
    """Mark as missed what closed without an answer; a started one seven days after its window. Returns how many."""
    gone = (
        select(Assignment)
        .where(
            col(Assignment.expires_at) <= now,
            col(Assignment.state).in_((AssignmentState.PLANNED, AssignmentState.STARTED)),
        )
        .order_by(col(Assignment.expires_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.exec(gone).all()
    for row in rows:
        subject = Subject("assignment", row.id, row.patient_id)
        record(session, "assignment.missed", subject, by=WORKER, now=now, event=row.event, number=row.number)
        row.state, row.message_at = AssignmentState.MISSED, None
    session.commit()
    return len(rows)


def zone_of(session: Session, patient: Patient) -> ZoneInfo:
    return ZoneInfo(session.get_one(Site, patient.site_id).timezone)


def _apply(
    session: Session, protocol: Protocol, patient: Patient, changes: Changes, zone: ZoneInfo, now: datetime
) -> None:
    rows = {
        Key(row.event, row.number, row.instrument): row
        for row in session.exec(select(Assignment).where(Assignment.patient_id == patient.id))
    }
    for each in changes.open:
        row = Assignment(
            patient_id=patient.id,
            **each.key._asdict(),
            **_instants(each.window, zone),
            state=AssignmentState.WAITING if each.waiting else AssignmentState.PLANNED,
            protocol_version=patient.protocol_version,
            created_at=now,
        )
        session.add(row)
        rows[each.key] = row
    for each in (*changes.move, *changes.reopen, *changes.wait):
        row = rows[each.key]
        for name, value in _instants(each.window, zone).items():
            setattr(row, name, value)
        row.state = AssignmentState.WAITING if each.waiting else AssignmentState.PLANNED
        row.reason = None
    for cancel in changes.cancel:
        row = rows[cancel.key]
        row.state, row.reason, row.message_at = AssignmentState.CANCELLED, cancel.reason, None
    _renew_messages(session, protocol, patient, changes, rows, zone, now)


def _renew_messages(
    session: Session,
    protocol: Protocol,
    patient: Patient,
    changes: Changes,
    rows: dict[Key, Assignment],
    zone: ZoneInfo,
    now: datetime,
) -> None:
    touched = [rows[each.key] for each in (*changes.open, *changes.move, *changes.reopen, *changes.wait)]
    done = _decided(session, patient) if changes.move or changes.reopen else {}
    for row in touched:
        steps = done.get((row.event, row.number, row.opens), ())
        schedule_message(session, row, protocol.messages, zone, now, done=steps)
    _cancel_unsent(session, patient, {(rows[each.key].event, rows[each.key].number) for each in changes.cancel}, now)


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


def _cancel_unsent(session: Session, patient: Patient, packs: Iterable[tuple[str, int]], now: datetime) -> None:
    for event, number in packs:
        unsent = session.exec(
            select(Delivery)
            .join(MessageDecision)
            .where(
                MessageDecision.patient_id == patient.id,
                MessageDecision.event == event,
                MessageDecision.number == number,
                Delivery.state == DeliveryState.DUE,
            )
        )
        for delivery in unsent:
            delivery.state, delivery.error, delivery.settled_at = DeliveryState.CANCELLED, "not_wanted", now


def _instants(window: Window, zone: ZoneInfo) -> dict[str, date | datetime]:
    """A window's dates with the instants they stand for: 06:00 on the first, 24:00 on the last."""
    closes_at = datetime.combine(window.closes + timedelta(days=1), time(0), zone).astimezone(UTC)
    return {
        "opens": window.opens,
        "due": window.due,
        "closes": window.closes,
        "opens_at": datetime.combine(window.opens, OPENS_AT, zone).astimezone(UTC),
        "closes_at": closes_at,
        "expires_at": closes_at,
    }
