"""What changes for a person of a site: her access, her role, how she is reached, her password.

A site always has a nurse and an administrator, and what a nurse has taken is always somebody's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from proms.actions.audit import Actor, Subject, confirmed, record
from proms.actions.people import (
    check_reachable,
    email_address,
    mobile_number,
    telephone,
)
from proms.actions.refusals import (
    AlertsInHand,
    FieldFault,
    Incomplete,
    LastOfRole,
    NotFound,
    OwnAccess,
)
from proms.actions.served import refuse_unserved_nurse
from proms.db.keyring import Keyring
from proms.db.queries.people import Member, alerts_in_hand, member, place
from proms.db.queries.sites import lock_site
from proms.db.tables import Alert, Login, Staff, StaffIdentity
from proms.domain.person import TAKES_ALERTS, Language, Role
from proms.domain.served import DUTCH, Served

# Without one of these nobody would look at what patients send, or nobody could give access.
NEEDED = (Role.NURSE, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class StaffDetails:
    """What an administrator may change of a person."""

    role: Role
    language: Language
    phone: str | None
    email: str | None
    use_anyway: bool = False  # a number that is no mobile one


def deactivate_staff(
    session: Session,
    *,
    staff_id: int,
    site_id: int,
    hand_over_to: int | None = None,
    by: Actor,
    now: datetime,
) -> Staff:
    """Take away a person's access at once; what she did stays on record, and what she has taken
    goes to a colleague."""
    staff = staff_at(session, staff_id, site_id)
    if not staff.active:
        return staff
    refuse_leaving(session, staff, by=by)
    detail = _hand_over(session, staff, hand_over_to)
    staff.active = False
    staff.deactivated_at = now
    _end_logins(session, staff_id, now)
    _record(session, "staff.deactivated", staff, by, now, **detail)
    session.commit()
    return staff


def reactivate_staff(
    session: Session, keyring: Keyring, *, staff_id: int, site_id: int, by: Actor, now: datetime
) -> Staff:
    """Give a person her access back, with the role and the password she had."""
    staff = staff_at(session, staff_id, site_id)
    if staff.active:
        return staff
    known = member(session, keyring, staff)
    check_reachable(Role(staff.role), known.phone, known.email)
    staff.active = True
    staff.deactivated_at = None
    _record(session, "staff.reactivated", staff, by, now, role=staff.role)
    session.commit()
    return staff


def change_staff(
    session: Session,
    keyring: Keyring,
    details: StaffDetails,
    *,
    staff_id: int,
    site_id: int,
    hand_over_to: int | None = None,
    by: Actor,
    now: datetime,
    served: Served = DUTCH,
) -> Staff:
    """Change a person's role, language and addresses; a nurse who gets another role hands over what
    she has taken."""
    staff = staff_at(session, staff_id, site_id)
    known = member(session, keyring, staff)
    phone, email = checked_addresses(details, known, served)
    changes = changes_of(known, details, phone, email)
    handed: dict[str, object] = {}
    if details.role != staff.role:
        refuse_leaving(session, staff, by=by)
        handed = _hand_over(session, staff, hand_over_to)
    staff.role = details.role
    staff.language = details.language
    identity = session.get_one(StaffIdentity, staff_id)
    for column, text in (("phone", phone), ("email", email)):
        if column in changes:
            sealed = keyring.seal(text, place=place(staff_id, column)) if text else None
            setattr(identity, column, sealed)
    _record(
        session,
        "staff.changed",
        staff,
        by,
        now,
        changed=changes,
        role=details.role.value,
        **handed,
        **confirmed(use_anyway=details.use_anyway),
    )
    session.commit()
    return staff


def reset_password(
    session: Session, *, staff_id: int, site_id: int, password_hash: str, by: Actor, now: datetime
) -> Staff:
    """Give a person another password; where she was logged in, she is not any more.

    The hash is that of `password_hash_of`, worked out before the transaction: it takes long.
    """
    staff = staff_at(session, staff_id, site_id)
    staff.password_hash = password_hash
    _end_logins(session, staff_id, now)
    _record(session, "staff.password_reset", staff, by, now)
    session.commit()
    return staff


def staff_at(session: Session, staff_id: int, site_id: int) -> Staff:
    """The person, if she is of this site; until the commit nobody else of it changes."""
    lock_site(session, site_id)
    staff = session.get(Staff, staff_id, populate_existing=True)
    if staff is None or staff.site_id != site_id:
        raise NotFound("There is no such person at this site.")
    return staff


def refuse_leaving(session: Session, staff: Staff, *, by: Actor) -> None:
    """Raise where this person cannot leave her role: nobody takes her own, and the last active
    nurse and the last active administrator keep theirs."""
    if by.staff_id == staff.id:
        raise OwnAccess("Nobody takes away her own access; another administrator can.")
    if not staff.active or staff.role not in NEEDED:
        return
    others = select(Staff.id).where(
        Staff.site_id == staff.site_id,
        Staff.role == staff.role,
        Staff.active,
        Staff.id != staff.id,
    )
    if session.exec(others).first() is None:
        raise LastOfRole(Role(staff.role))


def checked_addresses(
    details: StaffDetails, known: Member, served: Served
) -> tuple[str | None, str | None]:
    """The telephone number and the e-mail address in their proper form; a number that stays is not
    asked about again."""
    phone, email = None, None
    if details.phone:
        stays = telephone("phone", details.phone).e164 == known.phone
        phone = known.phone if stays else None
        phone = phone or mobile_number("phone", details.phone, details.use_anyway, served)
    if details.email:
        email = email_address("email", details.email)
    check_reachable(details.role, phone, email)
    refuse_unserved_nurse(details.role, phone, email, served)
    return phone, email


def changes_of(
    known: Member, details: StaffDetails, phone: str | None, email: str | None
) -> list[str]:
    """The names of what becomes something else."""
    before = (known.role, known.language, known.phone, known.email)
    after = (details.role, details.language, phone, email)
    names = ("role", "language", "phone", "email")
    return [name for name, was, is_ in zip(names, before, after, strict=True) if was != is_]


def _hand_over(session: Session, staff: Staff, to: int | None) -> dict[str, object]:
    """Give what she has taken to a colleague; what the audit entry says of it."""
    alerts = alerts_in_hand(session, staff.id)
    if not alerts:
        return {}
    if to is None:
        raise AlertsInHand("She has taken alerts: say which nurse takes them over.")
    colleague = session.get(Staff, to)
    if colleague is None or colleague.id == staff.id or not _is_nurse_at(colleague, staff.site_id):
        raise Incomplete("colleague", FieldFault.NO_COLLEAGUE)
    for alert in alerts:
        alert.acknowledged_by = colleague.id
    return {"alerts": _ids(alerts), "handed_to": colleague.id}


def _is_nurse_at(staff: Staff, site_id: int) -> bool:
    return staff.site_id == site_id and staff.active and staff.role in TAKES_ALERTS


def _ids(alerts: Sequence[Alert]) -> list[int]:
    return sorted(alert.id for alert in alerts)


def _end_logins(session: Session, staff_id: int, now: datetime) -> None:
    open_logins = select(Login).where(Login.staff_id == staff_id, col(Login.ended_at).is_(None))
    for login in session.exec(open_logins):
        login.ended_at = now


def _record(
    session: Session, verb: str, staff: Staff, by: Actor, now: datetime, **detail: object
) -> None:
    subject = Subject("staff", staff.id, site_id=staff.site_id)
    record(session, verb, subject, by=by, now=now, reason=None, **detail)
