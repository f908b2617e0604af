"""A text that came in: STOP and START are obeyed, anything else is put before a nurse at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from proms.actions.audit import Actor, Subject, patient_actor, record
from proms.actions.breaches import raise_alerts
from proms.actions.channel_pauses import are_paused, lift_pauses, stop_contact
from proms.actions.next_messages import make_up_for_mended
from proms.actions.schedule import zone_of
from proms.content import Library
from proms.content.catalogues import catalogue
from proms.db.append_only import append_missing
from proms.db.keyring import Keyring, Unreadable
from proms.db.tables import Contact, Patient, PatientText, Site, TextSender
from proms.domain.alert import Breach, Urgency
from proms.domain.alert.record import TEXTED
from proms.domain.person import ContactKind
from proms.domain.reminder import OutboxLimits
from proms.domain.reminder.inbound import Wish, answer_text, answer_to_stranger, wish_of
from proms.domain.telephone import HOME_CODES, country_of, written

HOUR = timedelta(hours=1)
MOST_KEPT = 60  # texts of one number in an hour; what comes after them is counted
LONGEST_TEXT = 2000


@dataclass(frozen=True)
class Inbound:
    """A text as the provider handed it over; `answered` where it has answered it itself."""

    sid: str
    number: str
    text: str
    answered: bool = False


def take_text(
    session: Session,
    library: Library,
    keyring: Keyring,
    inbound: Inbound,
    *,
    limits: OutboxLimits,
    now: datetime,
    countries: frozenset[str] = HOME_CODES,
) -> str | None:
    """Do what a text asks for and return what its sender is told, or None; of a number that is no
    patient's nothing is kept but a keyed hash. The caller need not know whose it is. A number of
    none of the `countries` to which texts go is told nothing."""
    contacts = _contacts_of(session, keyring, inbound.number)
    this_hour = _count(session, keyring.hashed(f"text from {inbound.number}"), now)
    may_answer = this_hour <= limits.answers and not inbound.answered
    may_answer = may_answer and country_of(inbound.number) in countries
    if not contacts:
        session.commit()
        return answer_to_stranger() if may_answer else None
    stopped = are_paused(session, [contact.id for contact in contacts])
    wish = wish_of(inbound.text, stopped=bool(stopped))
    # Some who live together share a telephone: it is nobody's business to guess whose text it is.
    for contact in contacts:
        whose = session.get_one(Patient, contact.patient_id)
        kept = PatientText(patient_id=whose.id, sid=inbound.sid, wish=wish, text="", at=now)
        if this_hour <= MOST_KEPT and _keep(session, keyring, kept, inbound.text):
            _obey(session, library, contact, whose, wish=wish, now=now)
    patient = session.get_one(Patient, contacts[0].patient_id)
    site = session.get_one(Site, patient.site_id)
    session.commit()
    if not may_answer:
        return None
    return answer_text(catalogue(patient.language), wish, written(site.phone))


def _contacts_of(session: Session, keyring: Keyring, number: str) -> Sequence[Contact]:
    """The contacts with this number, the earliest patient's first. All are opened: nothing in the
    database tells which it is."""
    texted = select(Contact).where(
        Contact.kind == ContactKind.SMS, or_(col(Contact.active), col(Contact.second))
    )
    found = []
    for contact in session.exec(texted.order_by(col(Contact.patient_id))):
        try:
            address = keyring.unseal(contact.address, place=f"contact.{contact.id}.address")
        except Unreadable:
            continue
        if address == number:
            found.append(contact)
    return found


def _count(session: Session, number: str, now: datetime) -> int:
    """One more text of this number; returns how many it sent in the hour that runs."""
    append_missing(
        session, TextSender, [{"number": number, "texts": 0, "hour_from": now, "this_hour": 0}]
    )
    row = session.get_one(TextSender, number, with_for_update=True, populate_existing=True)
    row.texts += 1
    if now - row.hour_from >= HOUR:
        row.hour_from, row.this_hour = now, 0
    row.this_hour += 1
    session.flush()
    return row.this_hour


def _keep(session: Session, keyring: Keyring, new: PatientText, text: str) -> bool:
    """Keep a text, sealed like a name; False where it came before: a provider repeats itself."""
    if not append_missing(session, PatientText, [new.model_dump(exclude={"id"})]):
        return False
    this = select(PatientText).where(
        PatientText.sid == new.sid, PatientText.patient_id == new.patient_id
    )
    kept = session.exec(this).one()
    kept.text = keyring.seal(text[:LONGEST_TEXT], place=f"patient_text.{kept.id}.text")
    return True


def _obey(
    session: Session,
    library: Library,
    contact: Contact,
    patient: Patient,
    *,
    wish: Wish,
    now: datetime,
) -> None:
    by = patient_actor(patient.id)
    match wish:
        case Wish.STOP:
            stop_contact(session, contact, by=by, now=now)
        case Wish.START:
            _start_again(session, library, contact, patient, by=by, now=now)
        case Wish.NONE:
            told = Breach(rule=TEXTED, urgency=Urgency.AMBER, evidence=(), tags=())
            raise_alerts(session, patient, (told,), source={}, by=by, now=now)


def _start_again(
    session: Session,
    library: Library,
    contact: Contact,
    patient: Patient,
    *,
    by: Actor,
    now: datetime,
) -> None:
    if not are_paused(session, [contact.id]):
        return
    lift_pauses(session, patient.id, now)
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    record(session, "channel.resumed", subject, by=by, now=now, channel=contact.kind)
    session.flush()
    plan = library.protocol(patient.protocol, patient.protocol_version).messages
    zone = zone_of(session, patient)
    make_up_for_mended(session, patient, plan, zone, now)
