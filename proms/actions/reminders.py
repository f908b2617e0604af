"""Decide every message that has fallen due: send or hold, with the reason, stored either way."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
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
    MessageContext,
    MessageKind,
    Verdict,
    decide,
    next_message,
    within_hours,
)
from proms.domain.schedule import OUTSTANDING

NO_LATER = timedelta(hours=12)


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
        return max(each.closes_at for each in self.pack)


def remind_due(session: Session, library: Library, *, now: datetime, limit: int = 200) -> int:
    """Decide the messages that are due, pack by pack; returns how many decisions were stored."""
    due = (
        select(Assignment)
        .where(col(Assignment.message_at) <= now, col(Assignment.state).in_(OUTSTANDING))
        .order_by(col(Assignment.message_at), col(Assignment.patient_id), col(Assignment.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = sorted(session.exec(due), key=_pack)
    packs = [list(pack) for _, pack in groupby(rows, key=_pack)]
    if packs:
        _decide(session, _looked_up(session, library, packs), now)
    session.commit()
    return len(rows)


def send_link(session: Session, *, patient: Patient, by: Actor, now: datetime) -> Delivery:
    """Owe the patient her link once more, at once, because a person asked for it."""
    if patient.status != PatientStatus.ACTIVE:
        raise PatientInactive("This patient takes no further part; no message is sent.")
    contact = chosen_contact(session, patient.id)
    if contact is None:
        raise Unreachable("There is no telephone number or e-mail address for this patient.")
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


def chosen_contact(session: Session, patient_id: int | None) -> Contact | None:
    """The channel the patient chose: the one that is active."""
    return session.exec(
        select(Contact)
        .where(Contact.patient_id == patient_id, Contact.active)
        .order_by(col(Contact.id).desc())
    ).first()


def schedule_message(
    assignment: Assignment, plan: MessagePlan, zone: ZoneInfo, now: datetime, *, done: Iterable[int]
) -> None:
    """Set when this assignment's next message is to be decided; none after the last, or while it
    waits."""
    upcoming = (
        next_message(plan, assignment.opens, set(done), now, zone)
        if assignment.state in OUTSTANDING
        else None
    )
    assignment.message_step, assignment.message_at = upcoming or (None, None)


def _looked_up(
    session: Session, library: Library, packs: list[list[Assignment]]
) -> list[DueMessage]:
    """Each pack with its patient, her contact and her plan: one read for all of them, not one a
    pack."""
    wanted = {pack[0].patient_id for pack in packs}
    patients = {
        patient.id: (patient, ZoneInfo(timezone))
        for patient, timezone in session.exec(
            select(Patient, Site.timezone).join(Site).where(col(Patient.id).in_(wanted))
        )
    }
    chosen = (
        select(Contact)
        .where(col(Contact.patient_id).in_(wanted), Contact.active)
        .order_by(col(Contact.id))
    )
    contacts = {contact.patient_id: contact for contact in session.exec(chosen)}
    due = []
    for pack in packs:
        patient, zone = patients[pack[0].patient_id]
        plan = library.protocol(patient.protocol, patient.protocol_version).messages
        due.append(DueMessage(pack, patient, contacts.get(patient.id), plan, zone))
    return due


def _pack(row: Assignment) -> tuple[int, str, int]:
    return row.patient_id, row.event, row.number


def _decide(session: Session, due: list[DueMessage], now: datetime) -> None:
    """Decide pack by pack, in order: each message that is owed counts for the next pack of the same
    patient."""
    sent = _sent_that_day(session, due, now)
    decided = []
    for each in due:
        decision = decide(each.plan, _standing(each, sent[each.patient.id]), now, each.zone)
        row = _stored(each.pack[0], decision, now)
        session.add(row)
        owed = decision.verdict is Verdict.SEND and each.contact is not None
        sent[each.patient.id] += owed
        decided.append((each, row, owed))
    session.flush()
    for each, row, owed in decided:
        if owed and each.contact:
            due_at = within_hours(each.plan, now, each.zone)
            session.add(_delivery(row, each.contact, due_at=due_at, until=each.closes_at, now=now))
        subject = Subject("message_decision", row.id, each.patient.id, each.patient.site_id)
        record(
            session,
            "message.decided",
            subject,
            by=WORKER,
            now=now,
            verdict=row.verdict,
            reason_code=row.reason,
        )
        for assignment in each.pack:
            schedule_message(
                assignment, each.plan, each.zone, now, done=[assignment.message_step or 0]
            )


def _standing(due: DueMessage, sent: int) -> MessageContext:
    return MessageContext(
        active=due.patient.status == PatientStatus.ACTIVE,
        paused_until=due.patient.paused_until,
        reachable=due.contact is not None,
        closes_at=due.closes_at,
        sent_that_day=sent,
    )


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


def _delivery(
    row: MessageDecision, contact: Contact, *, due_at: datetime, until: datetime, now: datetime
) -> Delivery:
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
                col(Delivery.state).in_({*OWED, DeliveryState.SENT, DeliveryState.DELIVERED}),
            )
            .group_by(col(Delivery.patient_id))
        )
        counts.update(
            {patient_id: count for patient_id, count in session.exec(counted) if patient_id}
        )
    return counts


def _by_day(due: list[DueMessage], now: datetime) -> dict[tuple[datetime, datetime], set[int]]:
    """These patients by the day, from midnight to midnight at the site, on which a message decided
    now leaves."""
    patients: dict[tuple[datetime, datetime], set[int]] = defaultdict(set)
    for each in due:
        day = within_hours(each.plan, now, each.zone).astimezone(each.zone).date()
        midnights = [
            datetime.combine(day + timedelta(days=n), time(), each.zone).astimezone(UTC)
            for n in (0, 1)
        ]
        patients[midnights[0], midnights[1]].add(each.patient.id)
    return patients
