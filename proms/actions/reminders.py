"""Decide every message that has fallen due: send or hold, with the reason, stored either way."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from proms.actions.audit import WORKER, Actor, Subject, record
from proms.actions.next_messages import HELD, schedule_message
from proms.actions.refusals import PatientInactive, Unreachable
from proms.content import Library
from proms.db.tables import Assignment, Contact, Delivery, MessageDecision, Patient, Site
from proms.domain.person import PatientStatus
from proms.domain.protocol import MessagePlan
from proms.domain.reminder import (
    OWED,
    Decision,
    DeliveryState,
    MessageContext,
    MessageKind,
    Verdict,
    decide,
    within_hours,
)
from proms.domain.schedule import OUTSTANDING

NO_LATER = timedelta(hours=12)
NOT_FAILED = {*OWED, DeliveryState.SENT, DeliveryState.DELIVERED}
ONE_PRESS = timedelta(minutes=1)  # within it a second press of the same button is the first


@dataclass(frozen=True)
class DueMessage:
    """One pack whose message has fallen due, and what the decision looks at."""

    pack: list[Assignment]
    patient: Patient
    contact: Contact | None
    plan: MessagePlan
    zone: ZoneInfo

    @property
    def closes_at(self) -> datetime:
        return max(assignment.closes_at for assignment in self.pack)


def remind_due(session: Session, library: Library, *, now: datetime, limit: int = 200) -> int:
    """Decide the messages that are due, pack by pack; returns how many decisions were stored."""
    due = (
        select(Assignment)
        .where(col(Assignment.message_at) <= now, col(Assignment.state).in_(OUTSTANDING))
        .order_by(col(Assignment.message_at), col(Assignment.patient_id), col(Assignment.id))
        .limit(limit)
        # A patient who is submitting holds her assignment, and another worker those it decides: we
        # leave both alone. What is still due afterwards is found at the next tick.
        .with_for_update(skip_locked=True)
    )
    assignments = sorted(session.exec(due), key=_pack_of)
    packs = [list(pack) for _, pack in groupby(assignments, key=_pack_of)]
    if packs:
        _decide(session, _due_messages(session, library, packs), now)
    session.commit()
    return len(assignments)


def send_link(session: Session, *, patient: Patient, by: Actor, now: datetime) -> Delivery:
    """Owe the patient her link once more, at once, because a person asked for it; who asks twice
    within a minute is answered with the message that is on its way."""
    if patient.status != PatientStatus.ACTIVE:
        raise PatientInactive("This patient takes no further part; no message is sent.")
    contact = chosen_contact(session, patient.id)
    if contact is None:
        raise Unreachable("There is no telephone number or e-mail address for this patient.")
    # Of two presses at once the second waits here for what the first writes.
    session.exec(select(Patient.id).where(Patient.id == patient.id).with_for_update()).one()
    on_its_way = _just_asked(session, contact, now)
    if on_its_way:
        return on_its_way
    decision = MessageDecision(
        patient_id=patient.id, kind=MessageKind.LINK, verdict=Verdict.SEND, decided_at=now
    )
    session.add(decision)
    session.flush()
    delivery = _delivery(decision, contact, due_at=now, until=now + NO_LATER, now=now)
    session.add(delivery)
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    record(session, "link.sent_again", subject, by=by, now=now)
    session.commit()
    return delivery


def _just_asked(session: Session, contact: Contact, now: datetime) -> Delivery | None:
    """The link that somebody asked for within the last minute to this address, unless it failed."""
    return session.exec(
        select(Delivery).where(
            Delivery.contact_id == contact.id,
            Delivery.kind == MessageKind.LINK,
            Delivery.created_at > now - ONE_PRESS,
            col(Delivery.state).in_(NOT_FAILED),
        )
    ).first()


def chosen_contact(session: Session, patient_id: int | None) -> Contact | None:
    """The channel the patient chose: the one that is active."""
    return session.exec(
        select(Contact)
        .where(Contact.patient_id == patient_id, Contact.active)
        .order_by(col(Contact.id).desc())
    ).first()


def _due_messages(
    session: Session, library: Library, packs: list[list[Assignment]]
) -> list[DueMessage]:
    """Each pack with its patient, her contact and her plan: one read for all of them, not one a
    pack."""
    patient_ids = {pack[0].patient_id for pack in packs}
    at_home = select(Patient, Site.timezone).join(Site).where(col(Patient.id).in_(patient_ids))
    patients = {patient.id: (patient, ZoneInfo(zone)) for patient, zone in session.exec(at_home)}
    active = (
        select(Contact)
        .where(col(Contact.patient_id).in_(patient_ids), Contact.active)
        .order_by(col(Contact.id))
    )
    # Of two active contacts the later one is written last and stays, as `chosen_contact` has it.
    contacts = {contact.patient_id: contact for contact in session.exec(active)}
    due = []
    for pack in packs:
        patient, zone = patients[pack[0].patient_id]
        plan = library.protocol(patient.protocol, patient.protocol_version).messages
        due.append(DueMessage(pack, patient, contacts.get(patient.id), plan, zone))
    return due


def _pack_of(assignment: Assignment) -> tuple[int, str, int]:
    return assignment.patient_id, assignment.event, assignment.number


def _decide(session: Session, due: list[DueMessage], now: datetime) -> None:
    """Decide pack by pack, in order: each message that is owed counts for the next pack of the same
    patient."""
    sent = _sent_that_day(session, due, now)
    decided = []
    for message in due:
        patient = message.patient
        context = _context(message, sent[patient.id])
        decision = decide(message.plan, context, now, message.zone)
        stored = _message_decision(message.pack[0], decision, now)
        session.add(stored)
        contact = message.contact if decision.verdict is Verdict.SEND else None
        if contact:
            sent[patient.id] += 1
        decided.append((message, stored, contact))
    # All decisions get their ids in one flush: a delivery and an audit entry name theirs.
    session.flush()
    for message, stored, contact in decided:
        if contact:
            session.add(_reminder(message, contact, stored, now))
        _record(session, message.patient, stored, now)
        # What was decided now is done, so that the same step is not decided again.
        done = {stored.step or 0: stored.reason in HELD}
        for assignment in message.pack:
            schedule_message(
                assignment, message.patient, message.plan, message.zone, now, done=done
            )


def _reminder(
    message: DueMessage, contact: Contact, decision: MessageDecision, now: datetime
) -> Delivery:
    """The delivery that is owed: within the plan's hours, and not after the window."""
    due_at = within_hours(message.plan, now, message.zone)
    return _delivery(decision, contact, due_at=due_at, until=message.closes_at, now=now)


def _record(session: Session, patient: Patient, decision: MessageDecision, now: datetime) -> None:
    record(
        session,
        "message.decided",
        Subject("message_decision", decision.id, patient.id, patient.site_id),
        by=WORKER,
        now=now,
        verdict=decision.verdict,
        reason_code=decision.reason,
    )


def _context(due: DueMessage, sent: int) -> MessageContext:
    return MessageContext(
        active=due.patient.status == PatientStatus.ACTIVE,
        paused_until=due.patient.paused_until,
        reachable=due.contact is not None,
        closes_at=due.closes_at,
        sent_that_day=sent,
    )


def _message_decision(first: Assignment, decision: Decision, now: datetime) -> MessageDecision:
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


def _delivery(
    decision: MessageDecision, contact: Contact, *, due_at: datetime, until: datetime, now: datetime
) -> Delivery:
    return Delivery(
        kind=decision.kind,
        channel=contact.kind,
        decision_id=decision.id,
        patient_id=decision.patient_id,
        contact_id=contact.id,
        step=decision.step or 1,
        state=DeliveryState.DUE,
        due_at=due_at,
        send_until=until,
        created_at=now,
    )


def _sent_that_day(session: Session, due: list[DueMessage], now: datetime) -> Counter[int]:
    """How many messages each of these patients gets on the day at her site on which one decided now
    leaves."""
    counts: Counter[int] = Counter()
    for (begins, ends), patients in _by_day(due, now).items():
        leaves = func.coalesce(Delivery.settled_at, Delivery.due_at)
        counted = (
            select(Delivery.patient_id, func.count())
            .where(
                col(Delivery.patient_id).in_(patients),
                leaves >= begins,
                leaves < ends,
                col(Delivery.state).in_(NOT_FAILED),
            )
            .group_by(col(Delivery.patient_id))
        )
        for patient_id, count in session.exec(counted):
            counts[patient_id or 0] += count
    return counts


def _by_day(due: list[DueMessage], now: datetime) -> dict[tuple[datetime, datetime], set[int]]:
    """These patients by the day, from midnight to midnight at the site, on which a message decided
    now leaves."""
    patients: dict[tuple[datetime, datetime], set[int]] = defaultdict(set)
    for message in due:
        leaves = within_hours(message.plan, now, message.zone)
        day = leaves.astimezone(message.zone).date()
        begins = _midnight(day, message.zone)
        ends = _midnight(day + timedelta(days=1), message.zone)
        patients[begins, ends].add(message.patient.id)
    return patients


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
