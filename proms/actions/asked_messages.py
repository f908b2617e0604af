"""What is sent because a person asked for it, at once: a patient's link."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from proms.actions.audit import Actor, Subject, record
from proms.actions.refusals import ChannelPaused, PatientInactive, Unfit, Unreachable
from proms.actions.reminders import NOT_FAILED, STILL_TO_LEAVE, delivery_of
from proms.actions.site_texts import refuse_full
from proms.actions.ways import Ways, chosen_contact, nothing_goes_to, second_contact, ways_of
from proms.db.tables import Assignment, Contact, Delivery, MessageDecision, Patient
from proms.db.tables.partial import among
from proms.domain.person import PatientStatus
from proms.domain.reminder import MessageKind, Verdict
from proms.domain.schedule import OUTSTANDING

_l = str  # marks a sentence for the catalogue; a page says it in the reader's language
NO_LATER = timedelta(hours=12)
STANDS_STILL = "Messages do not arrive there, or she asked for none."
A_DAY = timedelta(days=1)
MOST_A_DAY = 10
ENOUGH_LINKS = _l("Not sent: enough links went to this patient today. Call the patient.")
ONE_PRESS = timedelta(minutes=1)  # within it a second press of the same button is the first


def send_link(session: Session, *, patient: Patient, by: Actor, now: datetime) -> Delivery:
    """Owe the patient her link once more, at once; who asks twice within a minute is answered with
    the message that is on its way.

    Raises PatientInactive, Unreachable, ChannelPaused, and Unfit after too many of a day, hers or
    her site's.
    """
    contact_of(session, patient)
    contact = ways_of(session, [patient.id]).get(patient.id, Ways()).now
    if contact is None:
        raise ChannelPaused(STANDS_STILL)
    wait_for_turn(session, patient)
    on_its_way = just_asked(session, contact, MessageKind.LINK, now)
    if on_its_way:
        return on_its_way
    refuse_full(session, contact, "link", now)
    _refuse_too_many(session, patient, now)
    delivery = owe(session, contact, MessageKind.LINK, until=now + NO_LATER, now=now)
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    record(session, "link.sent_again", subject, by=by, now=now)
    session.commit()
    return delivery


def _refuse_too_many(session: Session, patient: Patient, now: datetime) -> None:
    """Each message costs money and her patience: whoever asks, she is sent her link so many times a
    day and no more."""
    sent = select(func.count(func.distinct(Delivery.decision_id))).where(
        Delivery.patient_id == patient.id,
        Delivery.kind == MessageKind.LINK,
        col(Delivery.created_at) > now - A_DAY,
    )
    if session.exec(sent).one() >= MOST_A_DAY:
        raise Unfit("link", ENOUGH_LINKS, {})


def send_link_unless_owed(
    session: Session, *, patient: Patient, by: Actor, now: datetime
) -> Delivery | None:
    """Owe the patient her link at once, unless a message that carries it leaves now anyway."""
    due = select(Assignment.id).where(
        Assignment.patient_id == patient.id,
        col(Assignment.message_at) <= now,
        col(Assignment.state).in_(OUTSTANDING),
    )
    owed = select(Delivery.id).where(
        Delivery.patient_id == patient.id,
        among(Delivery.state, STILL_TO_LEAVE),
        col(Delivery.due_at) <= now,
    )
    if session.exec(due.limit(1)).first() or session.exec(owed.limit(1)).first():
        return None
    return send_link(session, patient=patient, by=by, now=now)


def contact_of(session: Session, patient: Patient, *, second: bool = False) -> Contact:
    """The first or the second way in which a patient who takes part is reached; raises
    PatientInactive and Unreachable."""
    if patient.status != PatientStatus.ACTIVE:
        raise PatientInactive("This patient takes no further part; no message is sent.")
    wanted = second_contact if second else chosen_contact
    contact = wanted(session, patient.id)
    if contact is None:
        raise Unreachable("There is no telephone number or e-mail address for this patient.")
    return contact


def contact_to_write_to(session: Session, patient: Patient, *, second: bool = False) -> Contact:
    """The same, for a message now; raises ChannelPaused as well."""
    contact = contact_of(session, patient, second=second)
    if nothing_goes_to(session, contact):
        raise ChannelPaused(STANDS_STILL)
    wait_for_turn(session, patient)
    return contact


def wait_for_turn(session: Session, patient: Patient) -> None:
    """Of two presses at once the second waits here for what the first writes."""
    session.exec(select(Patient.id).where(Patient.id == patient.id).with_for_update()).one()


def just_asked(
    session: Session, contact: Contact, kind: MessageKind, now: datetime
) -> Delivery | None:
    """The message of this kind that somebody asked for within the last minute to this address,
    unless it failed."""
    return session.exec(
        select(Delivery).where(
            Delivery.contact_id == contact.id,
            Delivery.kind == kind,
            Delivery.created_at > now - ONE_PRESS,
            col(Delivery.state).in_(NOT_FAILED),
        )
    ).first()


def owe(
    session: Session, contact: Contact, kind: MessageKind, *, until: datetime, now: datetime
) -> Delivery:
    """A message that is to leave now, with its decision, in the running transaction."""
    decision = MessageDecision(
        patient_id=contact.patient_id, kind=kind, verdict=Verdict.SEND, decided_at=now
    )
    session.add(decision)
    session.flush()
    delivery = delivery_of(decision, contact, due_at=now, until=until, now=now)
    session.add(delivery)
    return delivery
