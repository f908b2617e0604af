"""Send what the outbox owes: claim, commit, send, commit. Nothing is sent inside a transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select

from proms.actions.access import make_link
from proms.channels import Accepted, Outcome, Refused
from proms.content import Library
from proms.content.catalogues import catalogue
from proms.db.keyring import Keyring
from proms.db.session import Database
from proms.db.tables import (
    Alert,
    Assignment,
    Contact,
    Delivery,
    MessageDecision,
    Patient,
    Site,
    Staff,
)
from proms.db.tables.partial import among
from proms.domain.alert.record import AlertState
from proms.domain.person import PatientStatus
from proms.domain.reminder import (
    DeliveryState,
    MessageKind,
    Text,
    link_text,
    may_leave,
    notice_text,
    reminder_text,
)
from proms.domain.schedule import OUTSTANDING

# A claim of ten, each waiting ten seconds or more for a slow provider, is done well within its
# lease.
LEASE = timedelta(minutes=5)
CLAIM = 10
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
# As ix_delivery_owed has them.
UNSETTLED = (DeliveryState.DUE, DeliveryState.SENDING, DeliveryState.UNKNOWN)


class Channel(Protocol):
    def send(self, address: str, text: str, *, ref: str, subject: str) -> Outcome: ...


@dataclass(frozen=True)
class Post:
    """What sending needs beside the database: the channels, the keys, and the address links point
    to."""

    channels: Mapping[str, Channel]
    keyring: Keyring
    public_url: str


@dataclass(frozen=True)
class Letter:
    """A message ready to leave."""

    delivery_id: int
    channel: str
    address: str
    text: Text


def deliver_due(
    database: Database, library: Library, post: Post, *, now: datetime, limit: int = CLAIM
) -> int:
    """Send what is due; two workers never claim the same delivery. Returns how many were dealt
    with, sent or not."""
    with database.writing() as session:
        claimed, letters = _claim(session, library, post, now, limit)
        session.commit()
    for letter in letters:
        channel = post.channels[letter.channel]
        outcome = channel.send(
            letter.address,
            letter.text.body,
            ref=str(letter.delivery_id),
            subject=letter.text.subject,
        )
        with database.writing() as session:
            delivery = session.get_one(Delivery, letter.delivery_id)
            _settle(delivery, outcome, now)
            session.commit()
    return claimed


def _claim(
    session: Session, library: Library, post: Post, now: datetime, limit: int
) -> tuple[int, list[Letter]]:
    owed = (
        select(Delivery)
        .where(
            col(Delivery.due_at) <= now,
            among(Delivery.state, UNSETTLED),
            or_(
                Delivery.state == DeliveryState.DUE,
                (col(Delivery.state) == DeliveryState.SENDING) & (col(Delivery.leased_until) < now),
            ),
        )
        .order_by(col(Delivery.kind).desc(), col(Delivery.due_at))  # staff notices before reminders
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = session.exec(owed).all()
    at_hand = _read_together(session, claimed)
    letters = [_prepare(session, library, post, delivery, now) for delivery in claimed]
    del at_hand
    return len(claimed), [letter for letter in letters if letter]


def _read_together(session: Session, claimed: Sequence[Delivery]) -> list[object]:
    """Who the claimed messages are for and why: read at once, so that the session finds each by its
    id.

    The caller holds on to them, since a session forgets a row that nobody holds.
    """
    patients = [each.patient_id for each in claimed if each.patient_id]
    if not patients:
        return []
    at_home = select(Patient, Site).join(Site).where(col(Patient.id).in_(patients))
    contacts = {each.contact_id for each in claimed}
    decisions = {each.decision_id for each in claimed}
    return [
        *(row for pair in session.exec(at_home) for row in pair),
        *session.exec(select(Contact).where(col(Contact.id).in_(contacts))),
        *session.exec(select(MessageDecision).where(col(MessageDecision.id).in_(decisions))),
    ]


def _prepare(
    session: Session, library: Library, post: Post, delivery: Delivery, now: datetime
) -> Letter | None:
    """The letter to send, or None with the reason on the delivery: the check happens at the claim,
    not before."""
    staff_notice = delivery.kind == MessageKind.STAFF_NOTICE
    if delivery.state == DeliveryState.SENDING and not staff_notice:
        # Whoever held the lease may have sent it: a patient is not sent the same message twice on a
        # guess.
        _end(delivery, DeliveryState.UNKNOWN, "lease_lost", now)
        return None
    if now >= delivery.send_until:
        _end(delivery, DeliveryState.EXPIRED, "too_late", now)
        return None
    leaves = now if staff_notice else _may_leave(session, library, delivery, now)
    if leaves > now:
        # Decided in time, but the worker or the provider was away until now: no patient is woken
        # for it.
        delivery.due_at = leaves
        return None
    letter = (
        _notice(session, post, delivery)
        if staff_notice
        else _to_patient(session, post, delivery, now)
    )
    if letter is None:
        _end(delivery, DeliveryState.CANCELLED, "not_wanted", now)
        return None
    delivery.state, delivery.leased_until, delivery.attempts = (
        DeliveryState.SENDING,
        now + LEASE,
        delivery.attempts + 1,
    )
    return letter


def _may_leave(session: Session, library: Library, delivery: Delivery, now: datetime) -> datetime:
    patient = session.get_one(Patient, delivery.patient_id)
    plan = library.protocol(patient.protocol, patient.protocol_version).messages
    return may_leave(
        plan, MessageKind(delivery.kind), delivery.created_at, now, _zone(session, patient)
    )


def _zone(session: Session, patient: Patient) -> ZoneInfo:
    return ZoneInfo(session.get_one(Site, patient.site_id).timezone)


def _notice(session: Session, post: Post, delivery: Delivery) -> Letter | None:
    alert, nurse = (
        session.get_one(Alert, delivery.alert_id),
        session.get_one(Staff, delivery.staff_id),
    )
    address = nurse.phone if delivery.channel == "sms" else nurse.email
    if alert.state != AlertState.OPEN or not nurse.active or not address:
        return None
    text = notice_text(
        catalogue(nurse.language), link=f"{post.public_url}/staff/", step=delivery.step
    )
    return Letter(delivery.id, delivery.channel, address, text)


def _to_patient(session: Session, post: Post, delivery: Delivery, now: datetime) -> Letter | None:
    patient = session.get_one(Patient, delivery.patient_id)
    contact = session.get_one(Contact, delivery.contact_id)
    today = now.astimezone(_zone(session, patient)).date()
    paused = patient.paused_until is not None and today <= patient.paused_until
    if patient.status != PatientStatus.ACTIVE or not contact.active or paused:
        return None
    decision = session.get_one(MessageDecision, delivery.decision_id)
    reminder = decision.kind == MessageKind.REMINDER
    pack = _pack(session, decision) if reminder else []
    if reminder and not pack:
        return None
    address = post.keyring.unseal(contact.address, place=f"contact.{contact.id}.address")
    link = f"{post.public_url}/q/{make_link(session, post.keyring, patient_id=delivery.patient_id or 0, now=now)}"
    say = catalogue(patient.language)
    if reminder:
        closes = max(each.closes for each in pack)
        text = reminder_text(
            say, closes=closes, link=link, step=delivery.step, locale=patient.language
        )
    else:
        text = link_text(say, link=link)
    return Letter(delivery.id, delivery.channel, address, text)


def _pack(session: Session, decision: MessageDecision) -> list[Assignment]:
    """What of the pack is still to be answered, in the window the message was decided for."""
    rows = session.exec(
        select(Assignment).where(
            Assignment.patient_id == decision.patient_id,
            Assignment.event == decision.event,
            Assignment.number == decision.number,
            Assignment.opens == decision.opens,
        )
    )
    return [row for row in rows if row.state in OUTSTANDING]


def _settle(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    if isinstance(outcome, Accepted):
        delivery.sid = outcome.sid
        _end(delivery, DeliveryState.SENT, None, now)
    elif isinstance(outcome, Refused) and outcome.for_good:
        _end(delivery, DeliveryState.DEAD, str(outcome.code), now)
    elif isinstance(outcome, Refused) or delivery.kind == MessageKind.STAFF_NOTICE:
        # Nothing left, or a nurse may well hear twice: try again, each time a little later.
        wait = min(FIRST_WAIT * 2 ** min(delivery.attempts, 10), LONGEST_WAIT)
        asked = outcome.retry_after if isinstance(outcome, Refused) else None
        delivery.due_at = now + (timedelta(seconds=asked) if asked else wait)
        delivery.state, delivery.leased_until = DeliveryState.DUE, None
        delivery.error = str(outcome.code) if isinstance(outcome, Refused) else "unknown"
    else:
        _end(delivery, DeliveryState.UNKNOWN, "unknown", now)


def _end(delivery: Delivery, state: DeliveryState, error: str | None, now: datetime) -> None:
    delivery.state, delivery.error, delivery.leased_until, delivery.settled_at = (
        state,
        error,
        None,
        now,
    )
