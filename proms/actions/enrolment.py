"""Enrol a patient: who she is, kept apart; what rules need to know; her consent, from which the
plan starts."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, and_, col, or_, select

from proms.actions.audit import Actor, Subject, confirmed, record, staff_actor
from proms.actions.channel_pauses import lift_pauses
from proms.actions.next_messages import make_up_for_mended
from proms.actions.patient_numbers import NumberKind, index_numbers, refuse_known_numbers
from proms.actions.people import email_address, mobile_number
from proms.actions.plain_text import checked_line, filled_line
from proms.actions.refusals import FieldFault, Incomplete
from proms.actions.schedule import replan, zone_of
from proms.actions.served import refuse_unserved
from proms.actions.settling import end
from proms.content import Library
from proms.db.keyring import Keyring
from proms.db.queries.adoptions import version_on
from proms.db.tables import (
    Contact,
    Delivery,
    FactVersion,
    Identity,
    MilestoneVersion,
    Patient,
    Site,
    Staff,
)
from proms.domain.patient_number import plain
from proms.domain.person import PERSONAL_FACTS, ContactKind, Language, Sex
from proms.domain.protocol import CONSENT, Protocol
from proms.domain.reminder import DeliveryState
from proms.domain.served import DUTCH, Served
from proms.domain.study_code import Draw, draw_code, one_character_off

YOUNGEST, OLDEST = 18, 110
LONGEST_TRIAL_NUMBER = 64


@dataclass(frozen=True)
class NewPatient:
    """What the coordinator fills in at enrolment."""

    name: str
    hospital_number: str
    birth_year: int
    sex: Sex
    language: Language
    consent: date
    contact_kind: ContactKind
    address: str
    facts: frozenset[str] = frozenset()  # those of PERSONAL_FACTS that hold
    trial_number: str | None = None
    use_anyway: bool = False  # an address that is no mobile number
    other_patient: bool = False  # although another's number differs by leading zeros alone

    @property
    def numbers(self) -> dict[NumberKind, str]:
        """Those of her numbers that are known."""
        known = {NumberKind.HOSPITAL: self.hospital_number}
        if self.trial_number:
            known[NumberKind.TRIAL] = self.trial_number
        return known


def enrol(
    session: Session,
    library: Library,
    keyring: Keyring,
    new: NewPatient,
    *,
    protocol: str,
    by: Staff,
    now: datetime,
    draw: Draw = secrets.choice,
    served: Served = DUTCH,
) -> Patient:
    """Enrol a patient at the site of the person who enrols her; the study code is drawn at random
    and says nothing."""
    refuse_unserved("contact_kind", new.contact_kind, served)
    site = session.get_one(Site, by.site_id)
    today = now.astimezone(ZoneInfo(site.timezone)).date()
    version = version_on(session, library, protocol, today)
    address = _checked(new, library.protocol(protocol, version), today, served)
    refuse_known_numbers(session, keyring, site.id, new.numbers, other_patient=new.other_patient)
    patient = Patient(
        code=_free_code(session, draw),
        site_id=by.site_id,
        birth_year=new.birth_year,
        sex=new.sex,
        language=new.language,
        protocol=protocol,
        protocol_version=version,
        enrolled_at=now,
    )
    for fact in new.facts:
        setattr(patient, fact, True)
    session.add(patient)
    session.flush()
    _keep_identity(session, keyring, patient.id, new)
    index_numbers(session, keyring, patient.id, site.id, new.numbers)
    add_contact(
        session,
        keyring,
        patient.id,
        kind=new.contact_kind,
        address=address,
        consented_on=new.consent,
    )
    session.add(
        MilestoneVersion(
            patient_id=patient.id, kind=CONSENT, on=new.consent, recorded_at=now, recorded_by=by.id
        )
    )
    session.add_all(_first_facts(patient, new, by, now))
    session.flush()
    replan(session, library, patient, now=now)
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    record(
        session,
        "patient.enrolled",
        subject,
        by=staff_actor(by),
        now=now,
        consent=new.consent.isoformat(),
        **confirmed(use_anyway=new.use_anyway, other_patient=new.other_patient),
    )
    session.commit()
    return patient


def change_contact(
    session: Session,
    library: Library,
    keyring: Keyring,
    *,
    patient: Patient,
    kind: ContactKind,
    address: str,
    consented_on: date,
    use_anyway: bool = False,
    by: Actor,
    now: datetime,
    served: Served = DUTCH,
) -> Contact:
    """Replace the first way a patient is reached; the old address is kept, inactive. One of the
    kind of her second way takes the place of that too.

    Every message that has not left goes to the new one; of what could not be sent to the old one a
    pack that is still open is announced again.
    """
    refuse_unserved("contact_kind", kind, served)
    checked = checked_address(kind, "address", address, use_anyway, served)
    protocol = library.protocol(patient.protocol, patient.protocol_version)
    zone = zone_of(session, patient)
    check_consent("consented_on", consented_on, protocol, now.astimezone(zone).date())
    former = list(
        session.exec(
            select(Contact).where(
                Contact.patient_id == patient.id,
                or_(col(Contact.active), and_(col(Contact.second), col(Contact.kind) == kind)),
            )
        )
    )
    replaces_second = any(contact.second for contact in former)
    for contact in former:
        contact.active = contact.second = False
    lift_pauses(session, patient.id, now)
    contact = add_contact(
        session, keyring, patient.id, kind=kind, address=checked, consented_on=consented_on
    )
    send_on(session, [each.id for each in former], contact, now)
    make_up_for_mended(session, patient, protocol.messages, zone, now)
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    detail = {"kind": kind.value, **confirmed(use_anyway=use_anyway)}
    if replaces_second:
        detail["replaces_second"] = True
    record(session, "contact.changed", subject, by=by, now=now, **detail)
    session.commit()
    return contact


def add_contact(
    session: Session,
    keyring: Keyring,
    patient_id: int,
    *,
    kind: ContactKind,
    address: str,
    consented_on: date,
    second: bool = False,
) -> Contact:
    """Store an address, sealed for its own row, in the running transaction."""
    # Sealed for its own row, so that an address moved to another row does not open; and only the
    # database knows the row's id.
    contact = Contact(
        patient_id=patient_id,
        kind=kind,
        address="",
        consented_on=consented_on,
        active=not second,
        second=second,
    )
    session.add(contact)
    session.flush()
    contact.address = keyring.seal(address, place=f"contact.{contact.id}.address")
    session.flush()
    return contact


def send_on(session: Session, former: Sequence[int], contact: Contact, now: datetime) -> None:
    """What was to go to former contacts and has not left goes to this one."""
    unsent = select(Delivery).where(
        Delivery.patient_id == contact.patient_id,
        Delivery.state == DeliveryState.DUE,
        col(Delivery.contact_id).in_(former),
    )
    for delivery in session.exec(unsent).all():
        same = select(Delivery.id).where(
            Delivery.decision_id == delivery.decision_id,
            Delivery.channel == contact.kind,
            Delivery.id != delivery.id,
        )
        if session.exec(same).first():
            # By that channel it was tried already: it is made up for as a message of its own.
            end(delivery, DeliveryState.CANCELLED, "not_wanted", now)
        else:
            delivery.contact_id, delivery.channel = contact.id, contact.kind
    session.flush()


def _checked(new: NewPatient, protocol: Protocol, today: date, served: Served) -> str:
    """The address in its proper form; raises Incomplete at the first field that does not read."""
    filled_line("name", new.name)
    filled_line("hospital_number", new.hospital_number)
    checked_line("trial_number", new.trial_number or "", LONGEST_TRIAL_NUMBER)
    for kind, number in new.numbers.items():
        if not plain(number):
            raise Incomplete(kind, FieldFault.EMPTY)
    if not today.year - OLDEST <= new.birth_year <= today.year - YOUNGEST:
        raise Incomplete("birth_year", FieldFault.BIRTH_YEAR, youngest=YOUNGEST)
    check_consent("consent", new.consent, protocol, today)
    return checked_address(new.contact_kind, "address", new.address, new.use_anyway, served)


def check_consent(field: str, on: date, protocol: Protocol, today: date) -> None:
    """A consent is given within the years of the trial, and not after today."""
    if on > today:
        raise Incomplete(field, FieldFault.CONSENT_AHEAD)
    years = protocol.years
    if not years.hold(on):
        raise Incomplete(field, FieldFault.OUTSIDE_TRIAL, first=years.first, last=years.last)


def checked_address(
    kind: ContactKind, field: str, text: str, use_anyway: bool, served: Served
) -> str:
    """An address of this kind in its proper form; raises Incomplete at its field."""
    if kind is ContactKind.SMS:
        return mobile_number(field, text, use_anyway, served)
    return email_address(field, text)


def _keep_identity(session: Session, keyring: Keyring, patient_id: int, new: NewPatient) -> None:
    def sealed(column: str, text: str) -> str:
        return keyring.seal(text.strip(), place=f"identity.{patient_id}.{column}")

    identity = Identity(
        patient_id=patient_id,
        name=sealed("name", new.name),
        hospital_number=sealed("hospital_number", new.hospital_number),
    )
    if new.trial_number:
        identity.trial_number = sealed("trial_number", new.trial_number)
    session.add(identity)


def _first_facts(patient: Patient, new: NewPatient, by: Staff, now: datetime) -> list[FactVersion]:
    """What is so of her person from her consent on."""
    known: dict[str, bool | str] = {fact: fact in new.facts for fact in PERSONAL_FACTS}
    known["sex"] = new.sex.value
    return [
        FactVersion(
            patient_id=patient.id,
            fact=fact,
            since=new.consent,
            value=value,
            recorded_at=now,
            recorded_by=by.id,
        )
        for fact, value in known.items()
    ]


def _free_code(session: Session, draw: Draw) -> str:
    """A study code that nobody has, nor anybody with one character written or heard wrong; if
    another enrolment takes it in between, the database refuses the second."""
    while True:
        code = draw_code(draw)
        near = select(Patient.id).where(col(Patient.code).in_((code, *one_character_off(code))))
        if session.exec(near.limit(1)).first() is None:
            return code
