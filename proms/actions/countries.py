"""Texts to patients go to the countries of the list alone: a number of another is sent nothing, and
its site sees it, until the number or the list is changed."""

from datetime import datetime

from sqlmodel import Session, col, or_, select

from proms.actions.audit import WORKER, Subject, record
from proms.actions.channel_pauses import hold_contact
from proms.actions.letters import Post, address_of
from proms.actions.next_messages import make_up_for_mended
from proms.actions.schedule import zone_of
from proms.actions.settling import end
from proms.actions.ways import fall_back
from proms.content import Library
from proms.db.keyring import Keyring, Unreadable
from proms.db.tables import ChannelPause, Contact, Delivery, Patient
from proms.domain.person import ContactKind, PatientStatus
from proms.domain.reminder import DeliveryState, PauseReason
from proms.domain.reminder.ways import CHANNEL_PAUSED
from proms.domain.telephone import country_of

Countries = frozenset[str]


def goes_abroad(session: Session, post: Post, delivery: Delivery, now: datetime) -> bool:
    """Whether a text to a patient would go to a country that is not on the list: it ends, its
    number stands still from now on, and what it says goes by her other way."""
    if delivery.channel != ContactKind.SMS or delivery.contact_id is None:
        return False
    if country_of(address_of(session, post, delivery) or "") in post.countries:
        return False
    contact = session.get_one(Contact, delivery.contact_id)
    hold_contact(session, contact, PauseReason.COUNTRY, by=WORKER, now=now)
    end(delivery, DeliveryState.CANCELLED, CHANNEL_PAUSED, now)
    fall_back(session, delivery, now)
    return True


def follow_countries(
    session: Session, library: Library, keyring: Keyring, countries: Countries, *, now: datetime
) -> tuple[int, int]:
    """Hold the numbers that the list leaves out, and let go those that it has again, with what was
    held for it; returns how many of each. A number that does not open is left as it is."""
    in_use = (
        select(Contact, Patient, ChannelPause)
        .join(Patient, col(Patient.id) == Contact.patient_id)
        .outerjoin(
            ChannelPause,
            (col(ChannelPause.contact_id) == Contact.id) & col(ChannelPause.lifted_at).is_(None),
        )
        .where(
            Contact.kind == ContactKind.SMS,
            or_(col(Contact.active), col(Contact.second)),
            Patient.status == PatientStatus.ACTIVE,
        )
        .order_by(col(Contact.id))
    )
    held = freed = 0
    for contact, patient, pause in session.exec(in_use).all():
        try:
            address = keyring.unseal(contact.address, place=f"contact.{contact.id}.address")
        except Unreadable:
            continue
        listed = country_of(address) in countries
        if not listed and pause is None:
            held += hold_contact(session, contact, PauseReason.COUNTRY, by=WORKER, now=now)
        elif listed and pause and pause.why == PauseReason.COUNTRY:
            _let_go(session, library, patient, pause, now)
            freed += 1
    session.commit()
    return held, freed


def _let_go(
    session: Session, library: Library, patient: Patient, pause: ChannelPause, now: datetime
) -> None:
    pause.lifted_at = now
    session.flush()
    plan = library.protocol(patient.protocol, patient.protocol_version).messages
    make_up_for_mended(session, patient, plan, zone_of(session, patient), now)
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    record(session, "channel.resumed", subject, by=WORKER, now=now, channel=pause.channel)
