"""Ways in: staff log in by password, patients by a link that takes a tap."""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from proms.actions.attempts import (
    Attempt,
    Origin,
    address_hash,
    attempt_of,
    count_failure,
    device_hash,
    forgive,
    refuse_early,
)
from proms.actions.audit import Actor, ActorKind, Subject, patient_actor, record, staff_actor
from proms.actions.passwords import KNOWN, STRANGERS, password_holds
from proms.actions.refusals import LinkUnknown, WrongPassword
from proms.db.keyring import Keyring
from proms.db.queries.people import staff_with_login
from proms.db.session import Database
from proms.db.tables import Link, Login, Patient, PatientPin, PatientVisit, Staff
from proms.domain.person import PatientStatus
from proms.domain.reminder import draw_token

TOKEN_BYTES = 20
LINK_LIFE = timedelta(days=35)
VISIT_LIFE = timedelta(days=35)
SITTING = timedelta(hours=1)  # on a tablet of the hospital
LOGIN_LIFE = timedelta(hours=12)
LOGIN_IDLE = timedelta(minutes=60)
TOUCH_AFTER = timedelta(minutes=1)


def log_in(
    database: Database,
    keyring: Keyring,
    *,
    login: str,
    password: str,
    origin: Origin,
    now: datetime,
) -> tuple[Staff, str]:
    """A new staff session; returns the person and the token, of which only the hash is kept.

    Raises TooManyAttempts, TooBusy, and WrongPassword without saying which part is wrong.
    """
    with database.reading() as session:
        staff = staff_with_login(session, keyring, login)
        attempt = attempt_of(session, keyring, staff, login=login, origin=origin, now=now)
        refuse_early(session, attempt, now)
    # A password is slow to look at: nobody waits for that with a lock in hand.
    turns = KNOWN if attempt.known else STRANGERS
    right = password_holds(staff, password, turns)
    with database.writing() as session:
        if staff is None or not right or _changed(session, staff):
            _refuse(session, staff, attempt, origin, now)
            raise WrongPassword("That name and password do not belong together.")
        forgive(session, attempt)
        return staff, _let_in(session, keyring, staff, origin, now)


def _changed(session: Session, staff: Staff) -> bool:
    """Whether her access or her password was taken away while the old one was looked at."""
    held = session.get_one(Staff, staff.id)
    return not held.active or held.password_hash != staff.password_hash


def _refuse(
    session: Session, staff: Staff | None, attempt: Attempt, origin: Origin, now: datetime
) -> None:
    """Count and write down a wrong password: whose account, and from where."""
    count_failure(session, attempt, now)
    # A name that nobody has may be a password typed in the wrong field: it is not kept.
    subject = Subject("staff", None)
    if staff:
        subject = Subject("staff", staff.id, site_id=staff.site_id)
    record(
        session,
        "staff.login_refused",
        subject,
        by=Actor(ActorKind.STAFF),
        now=now,
        account="known" if staff else "unknown",
        origin=origin.network,
        been_there=attempt.known,
    )
    session.commit()


def _let_in(session: Session, keyring: Keyring, staff: Staff, origin: Origin, now: datetime) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        Login(
            token_hash=keyring.hashed(token),
            staff_id=staff.id,
            created_at=now,
            seen_at=now,
            address=address_hash(keyring, origin),
            device=device_hash(keyring, origin),
        )
    )
    record(
        session,
        "staff.logged_in",
        Subject("staff", staff.id, site_id=staff.site_id),
        by=staff_actor(staff),
        now=now,
    )
    session.commit()
    return token


def log_out(session: Session, keyring: Keyring, *, token: str, now: datetime) -> None:
    """End the session of this token, if there is one."""
    login = _login(session, keyring, token)
    if login is None or login.ended_at:
        return
    login.ended_at = now
    by = Actor(ActorKind.STAFF, login.staff_id)
    record(session, "staff.logged_out", Subject("staff", login.staff_id), by=by, now=now)
    session.commit()


def is_session(session: Session, keyring: Keyring, token: str) -> bool:
    """Whether this token is, or was, that of a session of staff or on a patient's device."""
    return bool(_login(session, keyring, token) or visit_of(session, keyring, token))


def end_session(session: Session, keyring: Keyring, *, token: str, now: datetime) -> None:
    """End the session of this token, of staff or on a patient's device; ended again it stays as it
    is."""
    log_out(session, keyring, token=token, now=now)
    visit = visit_of(session, keyring, token)
    if visit is None or visit.ended_at:
        return
    visit.ended_at = now
    patient = session.get_one(Patient, visit.patient_id)
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    record(session, "patient.left", subject, by=patient_actor(patient.id), now=now)
    session.commit()


def logged_in(session: Session, keyring: Keyring, token: str, now: datetime) -> Staff | None:
    """Whose live session this token is: neither ended, idle for an hour, nor twelve hours old."""
    login = _login(session, keyring, token)
    if login is None or login.ended_at:
        return None
    if now - login.created_at > LOGIN_LIFE or now - login.seen_at > LOGIN_IDLE:
        return None
    staff = session.get(Staff, login.staff_id)
    if staff is None or not staff.active:
        return None
    return staff


def whose_session(session: Session, keyring: Keyring, token: str) -> int | None:
    """Whose session this token is or was, however it ended."""
    login = _login(session, keyring, token)
    return login.staff_id if login else None


def is_stale(session: Session, keyring: Keyring, token: str, now: datetime) -> bool:
    """Whether a live session was last marked as used more than a minute ago: the others need no
    write."""
    seen_at = session.exec(
        select(Login.seen_at).where(Login.token_hash == keyring.hashed(token))
    ).first()
    return seen_at is not None and now - seen_at > TOUCH_AFTER


def touch(session: Session, keyring: Keyring, *, token: str, now: datetime) -> None:
    """Mark a session as used, so that it does not end for idleness."""
    login = _login(session, keyring, token)
    if login:
        login.seen_at = now
        session.commit()


def _login(session: Session, keyring: Keyring, token: str) -> Login | None:
    return session.exec(select(Login).where(Login.token_hash == keyring.hashed(token))).first()


def visit_of(session: Session, keyring: Keyring, token: str) -> PatientVisit | None:
    """The visit of this token, however it ended."""
    return session.exec(
        select(PatientVisit).where(PatientVisit.token_hash == keyring.hashed(token))
    ).first()


def _link(session: Session, keyring: Keyring, token: str) -> Link | None:
    return session.exec(select(Link).where(Link.token_hash == keyring.hashed(token))).first()


def make_link(
    session: Session,
    keyring: Keyring,
    *,
    patient_id: int,
    contact_id: int | None = None,
    now: datetime,
) -> str:
    """A new link's token, in the running transaction, and the contact it is sent to; the caller
    commits before it leaves."""
    token = draw_token(secrets.choice)
    session.add(
        Link(
            token_hash=keyring.hashed(token),
            patient_id=patient_id,
            contact_id=contact_id,
            created_at=now,
            expires_at=now + LINK_LIFE,
        )
    )
    return token


def link_patient(
    session: Session, keyring: Keyring, token: str, now: datetime
) -> tuple[Link, Patient]:
    """Whose link this is; raises LinkUnknown, the same for unknown, revoked and expired. Changes
    nothing."""
    link = _link(session, keyring, token)
    if link is None or link.revoked_at or link.expires_at <= now:
        raise LinkUnknown("This link does not work any more.")
    patient = session.get_one(Patient, link.patient_id)
    if patient.status != PatientStatus.ACTIVE:
        raise LinkUnknown("This link does not work any more.")
    return link, patient


def former_patient(session: Session, keyring: Keyring, token: str) -> Patient | None:
    """Who takes no further part and whose link this is or was, or who came in by it on this device;
    nobody where the token is unknown or its patient takes part."""
    found = _link(session, keyring, token) or visit_of(session, keyring, token)
    patient = session.get_one(Patient, found.patient_id) if found else None
    return patient if patient and patient.status != PatientStatus.ACTIVE else None


def begin_visit(
    database: Database, keyring: Keyring, *, token: str, now: datetime
) -> tuple[Patient, str]:
    """The tap on Start: exchange a link for this device's own token."""
    # A stranger's link is turned away before anything is locked.
    with database.reading() as session:
        link_patient(session, keyring, token, now)
    with database.writing() as session:
        return _begin_visit(session, keyring, token, now)


def _begin_visit(
    session: Session, keyring: Keyring, token: str, now: datetime
) -> tuple[Patient, str]:
    link, patient = link_patient(session, keyring, token, now)
    visit = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        PatientVisit(
            token_hash=keyring.hashed(visit),
            patient_id=patient.id,
            link_id=link.id,
            language=patient.language,
            created_at=now,
            handed_over=link.handed_over,
        )
    )
    if link.handed_over:
        link.expires_at = now  # a code is good for one tablet
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    record(session, "patient.came_in", subject, by=patient_actor(link.patient_id), now=now)
    session.commit()
    return patient, visit


class OpenVisit(NamedTuple):
    """A live visit, whose it is, and whether she has a PIN."""

    patient: Patient
    visit: PatientVisit
    has_pin: bool


def visiting(session: Session, keyring: Keyring, token: str, now: datetime) -> Patient | None:
    """Whose live visit this token is; it ends with its link, with the patient's leave, or after 35
    days."""
    found = open_visit(session, keyring, token, now)
    return found.patient if found else None


def open_visit(session: Session, keyring: Keyring, token: str, now: datetime) -> OpenVisit | None:
    """The live visit of this token, in as few looks at the database as may be: every request of a
    patient begins with it."""
    row = session.exec(
        select(PatientVisit, PatientPin.patient_id)
        .outerjoin(PatientPin, col(PatientPin.patient_id) == PatientVisit.patient_id)
        .where(PatientVisit.token_hash == keyring.hashed(token))
    ).first()
    visit, pin_of = row or (None, None)
    if visit is None or visit.ended_at:
        return None
    if now - visit.created_at > (SITTING if visit.handed_over else VISIT_LIFE):
        return None
    link = session.get_one(Link, visit.link_id)
    patient = session.get_one(Patient, visit.patient_id)
    if link.revoked_at or patient.status != PatientStatus.ACTIVE:
        return None
    return OpenVisit(patient, visit, pin_of is not None)


def revoke_links(session: Session, patient_id: int, *, now: datetime) -> None:
    """Make every link of this patient useless, in the running transaction; the visits begun with
    them end too."""
    good = select(Link).where(Link.patient_id == patient_id, col(Link.revoked_at).is_(None))
    for link in session.exec(good):
        link.revoked_at = now
