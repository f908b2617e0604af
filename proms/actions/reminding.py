"""Decide every message that has fallen due: send or hold, with the reason, stored either way."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from proms.actions.audit import WORKER, Actor, Subject, record
from proms.actions.refusals import PatientInactive, Unreachable
from proms.content import Library
from proms.db.tables import Assignment, Contact, Delivery, MessageDecision, Patient, Site
from proms.domain.person import PatientStatus
from proms.domain.protocol import MessagePlan
from proms.domain.reminder import (
    OWED,
    Decision,
    DeliveryState,
    MessageKind,
    Standing,
    Verdict,
    decide,
    next_message,
    within_hours,
)
from proms.domain.schedule import AssignmentState

ASKED = (AssignmentState.PLANNED, AssignmentState.STARTED)
NO_LATER = timedelta(hours=12)


def remind_due(session: Session, library: Library, *, now: datetime, limit: int = 200) -> int:
    """Decide the messages that are due, pack by pack; returns how many decisions were stored."""
    due = (
        select(Assignment)
        .where(col(Assignment.message_at) <= now, col(Assignment.state).in_(ASKED))
        .order_by(col(Assignment.message_at), col(Assignment.patient_id), col(Assignment.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = sorted(session.exec(due), key=_pack)
    for _, pack in groupby(rows, key=_pack):
        _decide_pack(session, library, list(pack), now)
    session.commit()
    return len(rows)


def send_link(session: Session, *, patient: Patient, by: Actor, now: datetime) -> Delivery:
    """Owe the patient her link once more, at once, because a person asked for it."""
    if patient.status != PatientStatus.ACTIVE:
        raise PatientInactive("This patient takes no further part; no message is sent.")
    contact = chosen_contact(session, patient.id)
    if contact is None:
        raise Unreachable("There is no telephone number or e-mail address for this patient.")
    decision = MessageDecision(patient_id=patient.id, kind=MessageKind.LINK, verdict=Verdict.SEND, decided_at=now)
    session.add(decision)
    session.flush()
    delivery = _delivery(decision, contact, due_at=now, until=now + NO_LATER, now=now)
    session.add(delivery)
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    record(session, "link.sent_again", subject, by=by, now=now)
    session.commit()
    return delivery


def chosen_contact(session: Session, patient_id: int | None) -> Contact | None:
    """The channel the patient chose: the one that is active."""
    return session.exec(
        select(Contact).where(Contact.patient_id == patient_id, Contact.active).order_by(col(Contact.id).desc())
    ).first()


def schedule_message(
    assignment: Assignment, plan: MessagePlan, zone: ZoneInfo, now: datetime, *, done: Iterable[int]
) -> None:
    """Set when this assignment's next message is to be decided; none after the last, or while it waits."""
    upcoming = next_message(plan, assignment.opens, set(done), now, zone) if assignment.state in ASKED else None
    assignment.message_step, assignment.message_at = upcoming or (None, None)


def _pack(row: Assignment) -> tuple[int, str, int]:
    return row.patient_id, row.event, row.number


def _decide_pack(session: Session, library: Library, pack: list[Assignment], now: datetime) -> None:
    first = pack[0]
    patient = session.get_one(Patient, first.patient_id)
    plan = library.protocol(patient.protocol, patient.protocol_version).messages
    zone = ZoneInfo(session.get_one(Site, patient.site_id).timezone)
    contact = chosen_contact(session, patient.id)
    standing = Standing(
        active=patient.status == PatientStatus.ACTIVE,
        paused_until=patient.paused_until,
        reachable=contact is not None,
        closes_at=max(each.closes_at for each in pack),
        sent_today=_sent_today(session, patient, now, zone),
    )
    decision = decide(plan, standing, now, zone)
    row = _stored(first, decision, now)
    session.add(row)
    session.flush()
    if decision.verdict is Verdict.SEND and contact:
        until = max(each.closes_at for each in pack)
        session.add(_delivery(row, contact, due_at=within_hours(plan, now, zone), until=until, now=now))
    subject = Subject("message_decision", row.id, patient.id, patient.site_id)
    record(session, "message.decided", subject, by=WORKER, now=now, verdict=row.verdict, reason_code=row.reason)
    for each in pack:
        schedule_message(each, plan, zone, now, done=[each.message_step or 0])


def _stored(first: Assignment, decision: Decision, now: datetime) -> MessageDecision:
    return MessageDecision(
        patient_id=first.patient_id,
        kind=MessageKind.REMINDER,
        event=first.event,
        number=first.number,
        step=first.message_step,
        opens=first.opens,
        verdict=decision.verdict,
        reason=decision.reason,
        decided_at=now,
    )


def _delivery(row: MessageDecision, contact: Contact, *, due_at: datetime, until: datetime, now: datetime) -> Delivery:
    return Delivery(
        kind=row.kind,
        channel=contact.kind,
        decision_id=row.id,
        patient_id=row.patient_id,
        contact_id=contact.id,
        step=row.step or 1,
        state=DeliveryState.DUE,
        due_at=due_at,
        send_until=until,
        created_at=now,
    )


def _sent_today(session: Session, patient: Patient, now: datetime, zone: ZoneInfo) -> int:
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    counted = (
        select(func.count())
        .select_from(Delivery)
        .where(
            Delivery.patient_id == patient.id,
            col(Delivery.created_at) >= midnight,
            col(Delivery.state).in_({*OWED, DeliveryState.SENT, DeliveryState.DELIVERED}),
        )
    )
    return session.exec(counted).one()
