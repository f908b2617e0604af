"""Ways in: staff log in by password, patients by a link that takes a tap."""

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from proms.actions.audit import Actor, ActorKind, Subject, patient_actor, record, staff_actor
from proms.actions.people import check_password
from proms.actions.refusals import LinkUnknown, WrongPassword
from proms.db.keyring import Keyring
from proms.db.tables import Link, Login, Patient, PatientVisit, Staff
from proms.domain.person import PatientStatus

TOKEN_BYTES = 20
LINK_LIFE = timedelta(days=35)
VISIT_LIFE = timedelta(days=35)
LOGIN_LIFE = timedelta(hours=12)
LOGIN_IDLE = timedelta(minutes=60)
TOUCH_AFTER = timedelta(minutes=1)


def log_in(
    session: Session, keyring: Keyring, *, login: str, password: str, now: datetime
) -> tuple[Staff, str]:
    """A new staff session; returns the person and the token, of which only the hash is kept."""
    try:
        staff = check_password(session, keyring, login, password)
    except WrongPassword:
        record(
            session,
            "staff.login_refused",
            Subject("staff", None),
            by=Actor(ActorKind.STAFF),
            now=now,
        )
        session.commit()
        raise
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        Login(token_hash=keyring.hashed(token), staff_id=staff.id, created_at=now, seen_at=now)
    )
    record(
        session,
        "staff.logged_in",
        Subject("staff", staff.id, site_id=staff.site_id),
        by=staff_actor(staff),
        now=now,
    )
    session.commit()
    return staff, token


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
    return bool(_login(session, keyring, token) or _visit(session, keyring, token))


def end_session(session: Session, keyring: Keyring, *, token: str, now: datetime) -> None:
    """End the session of this token, of staff or on a patient's device; ended again it stays as it
    is."""
    log_out(session, keyring, token=token, now=now)
    visit = _visit(session, keyring, token)
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


def _visit(session: Session, keyring: Keyring, token: str) -> PatientVisit | None:
    return session.exec(
        select(PatientVisit).where(PatientVisit.token_hash == keyring.hashed(token))
    ).first()


def make_link(session: Session, keyring: Keyring, *, patient_id: int, now: datetime) -> str:
    """A new link's token, in the running transaction; the caller commits before it leaves."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        Link(
            token_hash=keyring.hashed(token),
            patient_id=patient_id,
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
    link = session.exec(select(Link).where(Link.token_hash == keyring.hashed(token))).first()
    if link is None or link.revoked_at or link.expires_at <= now:
        raise LinkUnknown("This link does not work any more.")
    patient = session.get_one(Patient, link.patient_id)
    if patient.status != PatientStatus.ACTIVE:
        raise LinkUnknown("This link does not work any more.")
    return link, patient


def begin_visit(
    session: Session, keyring: Keyring, *, token: str, now: datetime
) -> tuple[Patient, str]:
    """The tap on Start: exchange a link for this device's own token."""
    link, patient = link_patient(session, keyring, token, now)
    visit = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        PatientVisit(
            token_hash=keyring.hashed(visit),
            patient_id=patient.id,
            link_id=link.id,
            language=patient.language,
            created_at=now,
        )
    )
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    record(session, "patient.came_in", subject, by=patient_actor(link.patient_id), now=now)
    session.commit()
    return patient, visit


def visiting(session: Session, keyring: Keyring, token: str, now: datetime) -> Patient | None:
    """Whose live visit this token is; it ends with its link, with the patient's leave, or after 35
    days."""
    visit = _visit(session, keyring, token)
    if visit is None or visit.ended_at or now - visit.created_at > VISIT_LIFE:
        return None
    link = session.get_one(Link, visit.link_id)
    patient = session.get_one(Patient, visit.patient_id)
    if link.revoked_at or patient.status != PatientStatus.ACTIVE:
        return None
    return patient


def revoke_links(session: Session, patient_id: int, *, now: datetime) -> None:
    """Make every link of this patient useless, in the running transaction; the visits begun with
    them end too."""
    good = select(Link).where(Link.patient_id == patient_id, col(Link.revoked_at).is_(None))
    for link in session.exec(good):
        link.revoked_at = now
