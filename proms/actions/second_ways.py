"""A second way in which a patient may be reached, of the other kind than her first: what surely did
not arrive goes there."""

from datetime import date, datetime

from sqlmodel import Session

from proms.actions.asked_messages import contact_of
from proms.actions.audit import Actor, Subject, confirmed, record
from proms.actions.channel_pauses import end_pause_of, stop_contact
from proms.actions.enrolment import add_contact, check_consent, checked_address, send_on
from proms.actions.next_messages import make_up_for_mended
from proms.actions.refusals import Unfit
from proms.actions.schedule import zone_of
from proms.actions.served import refuse_unserved
from proms.actions.ways import chosen_contact, second_contact
from proms.content import Library
from proms.db.keyring import Keyring
from proms.db.tables import Contact, Patient
from proms.domain.person import ContactKind
from proms.domain.reminder import PauseReason
from proms.domain.served import DUTCH, Served

_l = str  # marks a sentence for the catalogue; a page says it in the reader's language
SAME_KIND = _l("Messages go by that already. A second way is of the other kind.")


def other_kind(kind: str) -> ContactKind:
    """What a second way is where the first is this."""
    return ContactKind.EMAIL if kind == ContactKind.SMS else ContactKind.SMS


def give_second_way(
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
    """Give a patient a second way, or another one in its place; what was held or lost for want of
    one that works goes there.

    Raises PatientInactive, Unreachable where she has no first way, Unfit for a kind that her first
    way has or that is not served, and Incomplete.
    """
    refuse_unserved("address", kind, served)
    if contact_of(session, patient).kind == kind:
        raise Unfit("address", SAME_KIND, {})
    checked = checked_address(kind, "address", address, use_anyway, served)
    protocol = library.protocol(patient.protocol, patient.protocol_version)
    zone = zone_of(session, patient)
    check_consent("consented_on", consented_on, protocol, now.astimezone(zone).date())
    former = second_contact(session, patient.id)
    if former:
        former.second = False
        end_pause_of(session, former, now)
        session.flush()
    contact = add_contact(
        session,
        keyring,
        patient.id,
        kind=kind,
        address=checked,
        consented_on=consented_on,
        second=True,
    )
    if former:
        send_on(session, [former.id], contact, now)
    make_up_for_mended(session, patient, protocol.messages, zone, now)
    detail = {"kind": kind.value, **confirmed(use_anyway=use_anyway)}
    record(session, "contact.second_given", _subject(patient), by=by, now=now, **detail)
    session.commit()
    return contact


def end_second_way(session: Session, *, patient: Patient, by: Actor, now: datetime) -> None:
    """Messages go by her first way alone from now on; to end it twice is to end it. That she wrote
    STOP there goes on to hold: it is about her messages, not about a number."""
    second = second_contact(session, patient.id)
    if second is None:
        return
    second.second = False
    first = chosen_contact(session, patient.id)
    if end_pause_of(session, second, now) is PauseReason.STOPPED and first:
        stop_contact(session, first, by=by, now=now)
    record(session, "contact.second_ended", _subject(patient), by=by, now=now, kind=second.kind)
    session.commit()


def _subject(patient: Patient) -> Subject:
    return Subject("patient", patient.id, patient.id, patient.site_id)
