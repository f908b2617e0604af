"""The letters that leave: to a nurse or a patient, made when they leave, since the text carries a
fresh link."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any, NamedTuple, Protocol, runtime_checkable

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from proms.actions.access import make_link
from proms.actions.contact_codes import new_code
from proms.actions.senders import sender_of
from proms.channels import Outcome
from proms.content.catalogues import catalogue
from proms.db.keyring import Keyring
from proms.db.queries.people import unsealed
from proms.db.queries.waiting_red import red_waits
from proms.db.queries.worklist import patients_waiting
from proms.db.tables import (
    Alert,
    Assignment,
    Contact,
    Delivery,
    MessageDecision,
    Patient,
    Site,
    Staff,
    StaffIdentity,
)
from proms.domain.alert import Urgency
from proms.domain.alert.record import AlertState
from proms.domain.person import ContactKind, PatientStatus
from proms.domain.reminder import (
    MessageKind,
    OutboxLimits,
    Purpose,
    Revealing,
    Text,
    call_reminder_text,
    confirmation_text,
    digest_text,
    from_sender,
    link_text,
    notice_text,
    patient_link,
    reminder_text,
    staff_link,
)
from proms.domain.reminder.doubt import SentMessage
from proms.domain.reminder.mail_page import mail_page
from proms.domain.reminder.reports import Report
from proms.domain.schedule import OUTSTANDING
from proms.domain.telephone import HOME_CODES, written


class Channel(Protocol):
    def send(self, address: str, text: str, *, ref: str, subject: str) -> Outcome: ...


@runtime_checkable
class Askable(Protocol):
    """A channel whose provider says what it sent to an address."""

    def sent_to(self, address: str, since: datetime) -> list[SentMessage] | None: ...


@runtime_checkable
class Traceable(Protocol):
    """A channel whose provider says what became of a message, by the provider's name for it."""

    def became_of(self, sid: str) -> Report | None: ...


@dataclass(frozen=True)
class Post:
    """What sending needs beside the database: the channels, the keys, the address links point to,
    how many messages may wait for their provider at once, how long and often it is tried, to which
    countries a patient is texted, and what no message may say. `passes` is told of each point at
    which a worker may die."""

    channels: Mapping[str, Channel]
    keyring: Keyring
    public_url: str
    side_by_side: int = 1
    limits: OutboxLimits = OutboxLimits()
    countries: frozenset[str] = HOME_CODES
    dice: Random = field(default_factory=Random)
    passes: Callable[[str], None] = lambda _point: None
    revealing: Revealing = Revealing()


class OutstandingPack(NamedTuple):
    """A pack of which something is still to be answered: what a message says of it, and its last
    day."""

    purpose: Purpose
    closes: date


@dataclass(frozen=True)
class Letter:
    """A message ready to leave, and which claim of its delivery it belongs to."""

    delivery_id: int
    channel: str
    address: str
    text: Text
    attempt: int = 0
    mail: Mapping[str, Any] = field(default_factory=dict)  # what an e-mail has beside its words


def _letter(delivery: Delivery, address: str, text: Text, language: str) -> Letter:
    """As an e-mail also a page, and for a patient a way to say that she wants no more."""
    mail: dict[str, Any] = {}
    if delivery.channel == ContactKind.EMAIL:
        to_patient = delivery.patient_id is not None
        mail = {"html": mail_page(text, language), "may_stop": to_patient}
    return Letter(delivery.id, delivery.channel, address, text, mail=mail)


def letter_to_nurse(session: Session, post: Post, delivery: Delivery) -> Letter | None:
    """None once the alert is taken, or where the nurse has left or has no such address any more."""
    alert = session.get_one(Alert, delivery.alert_id)
    nurse = session.get_one(Staff, delivery.staff_id)
    address = _staff_address(session, post, delivery)
    if alert.state != AlertState.OPEN or not nurse.active or not address:
        return None
    link = staff_link(post.public_url)
    text = notice_text(catalogue(nurse.language), link=link, step=delivery.step)
    text = _from_site(session, post, nurse.site_id, text)
    return _letter(delivery, address, text, nurse.language)


def digest_to_nurse(session: Session, post: Post, delivery: Delivery) -> Letter | None:
    """None where nobody waits any more, or where the nurse has left or has no such address."""
    nurse = session.get_one(Staff, delivery.staff_id)
    address = _staff_address(session, post, delivery)
    patients = patients_waiting(session, nurse.site_id, Urgency.AMBER)
    if not patients or not nurse.active or not address:
        return None
    link = staff_link(post.public_url)
    text = digest_text(catalogue(nurse.language), link=link, patients=patients)
    text = _from_site(session, post, nurse.site_id, text)
    return _letter(delivery, address, text, nurse.language)


def address_of(session: Session, post: Post, delivery: Delivery) -> str | None:
    """Where a delivery goes, or went."""
    if delivery.staff_id is not None:
        return _staff_address(session, post, delivery)
    contact = session.get_one(Contact, delivery.contact_id)
    return post.keyring.unseal(contact.address, place=f"contact.{contact.id}.address")


def _staff_address(session: Session, post: Post, delivery: Delivery) -> str | None:
    identity = session.get_one(StaffIdentity, delivery.staff_id)
    column = "phone" if delivery.channel == ContactKind.SMS else "email"
    return unsealed(post.keyring, identity, column)


def _from_site(session: Session, post: Post, site_id: int, text: Text) -> Text:
    """The text with the name of its site at its head."""
    site = session.get_one(Site, site_id)
    return from_sender(text, sender_of(site, post.public_url, post.revealing))


def letter_to_patient(
    session: Session, post: Post, delivery: Delivery, now: datetime
) -> Letter | None:
    """None where it is not wanted any more: she left, has no such address any more, or nothing of
    the pack is left to answer."""
    patient = session.get_one(Patient, delivery.patient_id)
    contact = session.get_one(Contact, delivery.contact_id)
    if patient.status != PatientStatus.ACTIVE or not contact.in_use:
        return None
    decision = session.get_one(MessageDecision, delivery.decision_id)
    if decision.kind == MessageKind.CONFIRMATION:
        return _test_message(session, post, delivery, now)
    packs: list[OutstandingPack] = []
    if decision.kind == MessageKind.REMINDER:
        packs = _outstanding_of(session, decision)
        if not packs:
            return None
    address = post.keyring.unseal(contact.address, place=f"contact.{contact.id}.address")
    token = make_link(session, post.keyring, patient_id=patient.id, contact_id=contact.id, now=now)
    link = patient_link(post.public_url, token)
    if packs and red_waits(session, patient.id):
        site = session.get_one(Site, patient.site_id)
        text = call_reminder_text(catalogue(patient.language), phone=written(site.phone), link=link)
    else:
        text = _text_to_patient(patient, packs, link)
    text = _from_site(session, post, patient.site_id, text)
    return _letter(delivery, address, text, patient.language)


def _test_message(session: Session, post: Post, delivery: Delivery, now: datetime) -> Letter:
    """A message with a code and without a link."""
    patient = session.get_one(Patient, delivery.patient_id)
    contact = session.get_one(Contact, delivery.contact_id)
    code = new_code(session, post.keyring, contact, now)
    text = confirmation_text(catalogue(patient.language), code=code)
    text = _from_site(session, post, patient.site_id, text)
    address = post.keyring.unseal(contact.address, place=f"contact.{contact.id}.address")
    return _letter(delivery, address, text, patient.language)


def _text_to_patient(patient: Patient, packs: Sequence[OutstandingPack], link: str) -> Text:
    """A reminder of what is outstanding; without a pack, the link that was asked for."""
    say = catalogue(patient.language)
    if not packs:
        return link_text(say, link=link)
    return reminder_text(
        say,
        purposes=[pack.purpose for pack in packs],
        closes=min(pack.closes for pack in packs),
        link=link,
        locale=patient.language,
    )


def states_of_packs(session: Session, first: MessageDecision) -> list[str]:
    """How the assignments stand that a message was decided for, in the windows it was decided
    for."""
    return list(session.exec(_decided_for(select(Assignment.state), first)))


def _decided_for(wanted: Any, first: MessageDecision) -> Any:
    """What is wanted of the assignments of the packs that a message was decided for."""
    this = or_(col(MessageDecision.id) == first.id, col(MessageDecision.decided_with) == first.id)
    hers = and_(
        col(Assignment.patient_id) == MessageDecision.patient_id,
        col(Assignment.event) == MessageDecision.event,
        col(Assignment.number) == MessageDecision.number,
        col(Assignment.opens) == MessageDecision.opens,
    )
    return wanted.select_from(MessageDecision).join(Assignment, hers).where(this)


def _outstanding_of(session: Session, first: MessageDecision) -> list[OutstandingPack]:
    """What is still to be answered of the packs that a message was decided for, in the windows it
    was decided for."""
    asked = (
        _decided_for(select(MessageDecision.purpose, func.max(Assignment.closes)), first)
        .where(col(Assignment.state).in_(OUTSTANDING))
        .group_by(col(MessageDecision.id), col(MessageDecision.purpose))
    )
    return [
        OutstandingPack(Purpose(purpose or Purpose.ANNOUNCE), closes)
        for purpose, closes in session.exec(asked)
    ]
