"""That a number or address is the patient's: she reads out the code of a test message, in the
clinic room or on the telephone."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from proms.actions.asked_messages import contact_of, contact_to_write_to, just_asked, owe
from proms.actions.audit import Actor, Subject, record
from proms.actions.contact_codes import GOOD_FOR, MOST_TRIES, CodeFault, try_code
from proms.actions.next_messages import make_up_for_mended
from proms.actions.refusals import FieldFault, Incomplete, Unfit
from proms.actions.schedule import zone_of
from proms.actions.site_texts import refuse_full
from proms.content import Library
from proms.db.keyring import Keyring
from proms.db.tables import Contact, Delivery, Patient
from proms.domain.person import ConfirmedHow
from proms.domain.reminder import MessageKind

_l = str  # marks a sentence for the catalogue; a page says it in the reader's language
MOST_A_DAY = 5
A_DAY = timedelta(days=1)
SENTENCES: Mapping[CodeFault, str] = {
    CodeFault.WRONG: _l("This is not the code of the last messages. Look at the phone again."),
    CodeFault.NONE_GOOD: _l("There is no code that is still good. Send a new test message."),
}
ENOUGH = _l("Enough test messages went there today. Try again tomorrow, or correct the number.")


def send_test(
    session: Session, *, patient: Patient, by: Actor, now: datetime, second: bool = False
) -> Delivery:
    """Owe the patient a test message with a code, by her first or her `second` way, at once, at
    whatever hour: a person asked for it and is with her. Who asks twice within a minute is answered
    with the one that is on its way.

    Raises PatientInactive, Unreachable, ChannelPaused, and Unfit after too many of a day, hers or
    her site's.
    """
    contact = contact_to_write_to(session, patient, second=second)
    if on_its_way := just_asked(session, contact, MessageKind.CONFIRMATION, now):
        return on_its_way
    refuse_full(session, contact, "code", now)
    sent = select(func.count()).where(
        Delivery.contact_id == contact.id,
        Delivery.kind == MessageKind.CONFIRMATION,
        col(Delivery.created_at) > now - A_DAY,
    )
    if session.exec(sent).one() >= MOST_A_DAY:
        raise Unfit("code", ENOUGH, {})
    until = now + GOOD_FOR  # later nobody waits for it any more
    delivery = owe(session, contact, MessageKind.CONFIRMATION, until=until, now=now)
    record(session, "contact.test_sent", _subject(patient), by=by, now=now, kind=contact.kind)
    session.commit()
    return delivery


def confirm_contact(
    session: Session,
    library: Library,
    keyring: Keyring,
    *,
    patient: Patient,
    code: str,
    by: Actor,
    now: datetime,
    second: bool = False,
) -> Contact:
    """The patient's number or address is hers: she read out the code that was sent there. What was
    held for want of that is made up for.

    Raises PatientInactive, Unreachable, and Unfit for a code that is not, or is no longer, good.
    """
    contact = contact_of(session, patient, second=second)
    if not code.strip():
        raise Incomplete("code", FieldFault.EMPTY)
    fault = try_code(session, keyring, contact, "".join(code.split()), now)
    if fault:
        record(session, "contact.code_refused", _subject(patient), by=by, now=now, why=fault.value)
        session.commit()
        raise Unfit("code", SENTENCES[fault], {"most": MOST_TRIES})
    how = ConfirmedHow.CODE
    _confirm(session, library, patient=patient, contact=contact, how=how, by=by, now=now)
    session.commit()
    return contact


def count_as_confirmed(
    session: Session, library: Library, *, patient: Patient, by: Actor, now: datetime
) -> None:
    """Her number or address was in use before anybody was asked to confirm one."""
    contact = contact_of(session, patient)
    how = ConfirmedHow.EARLIER
    _confirm(session, library, patient=patient, contact=contact, how=how, by=by, now=now)
    session.commit()


def _confirm(
    session: Session,
    library: Library,
    *,
    patient: Patient,
    contact: Contact,
    how: ConfirmedHow,
    by: Actor,
    now: datetime,
) -> None:
    contact.confirmed_at, contact.confirmed_how = now, how
    contact.shown_at = now
    session.flush()
    protocol = library.protocol(patient.protocol, patient.protocol_version)
    zone = zone_of(session, patient)
    make_up_for_mended(session, patient, protocol.messages, zone, now)
    detail = {"how": how.value, "kind": contact.kind}
    record(session, "contact.confirmed", _subject(patient), by=by, now=now, **detail)


def _subject(patient: Patient) -> Subject:
    return Subject("patient", patient.id, patient.id, patient.site_id)
