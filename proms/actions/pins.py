"""A patient's PIN, where her phone is used by others too: the site sets it with her, takes it away
and lets her in again, or she chooses her first one herself; the phone asks for it before it shows
anything.

A try is counted before it is looked at, in one update: however many come at once, no more are
looked at than may be. The PIN is looked at with no transaction open, as a password is.
"""

from datetime import datetime, timedelta
from math import ceil
from typing import ClassVar

from argon2.exceptions import VerifyMismatchError
from sqlalchemy import or_
from sqlmodel import Session, col, update

from proms.actions.access import TOUCH_AFTER, OpenVisit, visit_of
from proms.actions.audit import Actor, Subject, patient_actor, record
from proms.actions.passwords import STRANGERS, hashed, hasher
from proms.db.append_only import append_missing
from proms.db.keyring import Keyring
from proms.db.session import Database
from proms.db.tables import Patient, PatientPin, PatientVisit, Site
from proms.domain.pin import IDLE, TRIES, PinFault, PinUse, pin_fault, waits_until
from proms.refusal import Refusal

SET_ANEW = timedelta(hours=12)  # a visit goes on for so long at most after its PIN was given


class FaultyPin(Refusal):
    """These digits are no PIN."""

    code: ClassVar[str] = "faulty_pin"

    def __init__(self, fault: PinFault) -> None:
        super().__init__("A PIN has 4 to 8 digits, and not only the same ones or ones in a row.")
        self.fault = fault


class WrongPin(Refusal):
    """The PIN is not hers."""

    code: ClassVar[str] = "wrong_pin"


class PinWaits(Refusal):
    """Too many wrong ones: not before so many minutes."""

    code: ClassVar[str] = "pin_waits"

    def __init__(self, left: timedelta) -> None:
        self.minutes = max(1, ceil(left.total_seconds() / 60))
        super().__init__(f"Too many wrong PINs. Try again in {self.minutes} minutes.")


class PinLocked(Refusal):
    """Too many wrong ones: the site sets another."""

    code: ClassVar[str] = "pin_locked"


class PinsOff(Refusal):
    """This site gives no PINs."""

    code: ClassVar[str] = "pins_off"


class PinHeld(Refusal):
    """She has a PIN, and only the site gives her another."""

    code: ClassVar[str] = "pin_held"


def set_pin(database: Database, *, patient: Patient, digits: str, by: Actor, now: datetime) -> None:
    """Give a patient this PIN, or another; what she may try begins anew, and every visit of hers
    is asked for it.

    Raises FaultyPin, and PinsOff for a first one at a site that gives none.
    """
    pin_hash = _hash_of(digits)
    with database.writing() as session:
        held = session.get(PatientPin, patient.id)
        if held is None:
            _refuse_where_off(session, patient)
        session.add(held or PatientPin(patient_id=patient.id, pin_hash=pin_hash, set_at=now))
        if held:
            held.pin_hash, held.set_at, held.failures, held.last_at = pin_hash, now, 0, None
            held.by_patient = False
        _close_visits(session, patient.id)
        record(session, "pin.set", _subject(patient), by=by, now=now)
        session.commit()


def choose_pin(
    database: Database, keyring: Keyring, *, token: str, digits: str, now: datetime
) -> None:
    """Give a patient, on this visit of hers, the first PIN that she chooses herself; her other
    visits are asked for it.

    Raises FaultyPin, PinsOff, and PinHeld where she has one by now.
    """
    pin_hash = _hash_of(digits)
    with database.writing() as session:
        visit = visit_of(session, keyring, token)
        if visit is None:
            return
        patient = session.get_one(Patient, visit.patient_id)
        _refuse_where_off(session, patient)
        chosen = {
            "patient_id": patient.id,
            "pin_hash": pin_hash,
            "set_at": now,
            "failures": 0,
            "by_patient": True,
        }
        if not append_missing(session, PatientPin, [chosen]):
            raise PinHeld("There is a PIN already.")
        _close_visits(session, patient.id)
        session.refresh(visit)
        visit.pin_at = now
        record(session, "pin.set", _subject(patient), by=patient_actor(patient.id), now=now)
        session.commit()


def remove_pin(session: Session, *, patient: Patient, by: Actor, now: datetime) -> None:
    """Ask this patient for no PIN any more."""
    held = session.get(PatientPin, patient.id)
    if held is None:
        return
    session.delete(held)
    record(session, "pin.removed", _subject(patient), by=by, now=now)
    session.commit()


def asks_for_pin(found: OpenVisit, now: datetime, *, shows: bool) -> bool:
    """Whether this visit has to give a PIN first. What only stores, such as an answer that is sent
    after a long look at the question, is taken for longer than what shows."""
    # Who hands a tablet over has seen who she is.
    if not found.has_pin or found.visit.handed_over:
        return False
    if found.visit.pin_at is None:
        return True
    return now - found.visit.pin_at > (IDLE if shows else SET_ANEW)


def goes_on(found: OpenVisit, now: datetime) -> bool:
    """Whether the use of this visit has to be written down, so that it is not asked again. What
    came after a long silence is stored, and asks for the PIN all the same."""
    pin_at = found.visit.pin_at
    return found.has_pin and pin_at is not None and TOUCH_AFTER < now - pin_at <= IDLE


def go_on(database: Database, keyring: Keyring, *, token: str, now: datetime) -> None:
    """Write down that a visit that gave its PIN is in use."""
    with database.writing() as session:
        visit = visit_of(session, keyring, token)
        if visit and visit.pin_at:
            visit.pin_at = now
            session.commit()


def give_pin(
    database: Database, keyring: Keyring, *, token: str, digits: str, now: datetime
) -> None:
    """Let a visit in that gives its patient's PIN.

    Raises WrongPin, PinWaits after five wrong ones, PinLocked after ten: the site sets another.
    """
    with database.writing() as session:
        visit = visit_of(session, keyring, token)
        held = session.get(PatientPin, visit.patient_id) if visit else None
        if visit is None or held is None:
            return
        patient_id, pin_hash = visit.patient_id, held.pin_hash
        _claim_a_try(session, held, now)
        session.commit()
    right = _holds(pin_hash, digits)
    with database.writing() as session:
        patient = session.get_one(Patient, patient_id)
        verb = "pin.given" if right else "pin.refused"
        record(session, verb, _subject(patient), by=patient_actor(patient_id), now=now)
        if right:
            session.exec(
                update(PatientPin)
                .where(col(PatientPin.patient_id) == patient_id)
                .values(failures=0, last_at=None)
            )
            found = visit_of(session, keyring, token)
            if found:
                found.pin_at = now
        session.commit()
    if not right:
        raise WrongPin("This PIN is not right.")


def _hash_of(digits: str) -> str:
    if fault := pin_fault(digits):
        raise FaultyPin(fault)
    return hashed(digits)


def _refuse_where_off(session: Session, patient: Patient) -> None:
    if session.get_one(Site, patient.site_id).pin_use == PinUse.OFF:
        raise PinsOff("This site gives no PINs.")


def _claim_a_try(session: Session, held: PatientPin, now: datetime) -> None:
    """Count a try before it is looked at; raises where there is none left now."""
    may = or_(
        col(PatientPin.failures) != TRIES.before_wait,
        col(PatientPin.last_at) <= now - TRIES.wait,
    )
    claimed = session.exec(
        update(PatientPin)
        .where(
            col(PatientPin.patient_id) == held.patient_id,
            col(PatientPin.failures) < TRIES.most,
            may,
        )
        .values(failures=PatientPin.failures + 1, last_at=now)
    )
    if claimed.rowcount:
        return
    session.refresh(held)
    until = waits_until(held.failures, held.last_at)
    if until:
        raise PinWaits(until - now)
    raise PinLocked("Too many wrong PINs. Call the study team.")


def _holds(pin_hash: str, digits: str) -> bool:
    try:
        STRANGERS.do(lambda: hasher.verify(pin_hash, digits))
    except VerifyMismatchError:
        return False
    return True


def _close_visits(session: Session, patient_id: int) -> None:
    session.exec(
        update(PatientVisit).where(col(PatientVisit.patient_id) == patient_id).values(pin_at=None)
    )


def _subject(patient: Patient) -> Subject:
    return Subject("patient", patient.id, patient.id, patient.site_id)
