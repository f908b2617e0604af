"""The people of a site: found by their log-in name, and who they are in the clear."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from proms.db.keyring import Keyring, Unreadable
from proms.db.tables import Alert, Staff, StaffIdentity
from proms.domain.person import Role

LOGIN = "staff.login"  # what the digest of a log-in name is for


@dataclass(frozen=True)
class Member:
    """A member of staff in the clear: for a page shown to her own site, never for a log or an
    export."""

    id: int
    login: str
    name: str
    phone: str | None
    email: str | None
    role: str
    language: str
    active: bool
    deactivated_at: datetime | None


def login_digests(keyring: Keyring, login: str) -> list[str]:
    """As what a log-in name may be stored, however it was typed; a new one as the first."""
    return keyring.digests(login.strip().lower(), purpose=LOGIN)


def staff_with_login(session: Session, keyring: Keyring, login: str) -> Staff | None:
    """Who logs in by this name, active or not."""
    digests = login_digests(keyring, login)
    return session.exec(select(Staff).where(col(Staff.login_digest).in_(digests))).first()


def staff_of(session: Session, keyring: Keyring, site_id: int) -> list[Member]:
    """Everybody of the site, those who may log in first, by name."""
    wanted = select(Staff, StaffIdentity).join(StaffIdentity).where(Staff.site_id == site_id)
    members = [_member(keyring, staff, identity) for staff, identity in session.exec(wanted)]
    # Names are sealed: the database cannot put them in order.
    return sorted(members, key=lambda each: (not each.active, each.name.casefold(), each.id))


def member(session: Session, keyring: Keyring, staff: Staff) -> Member:
    """One member of staff, unsealed."""
    return _member(keyring, staff, session.get_one(StaffIdentity, staff.id))


def member_at(session: Session, keyring: Keyring, staff_id: int, site_id: int) -> Member | None:
    """A member of staff of this site, unsealed; one of another site is as absent as none."""
    staff = session.get(Staff, staff_id)
    if staff is None or staff.site_id != site_id:
        return None
    return member(session, keyring, staff)


def alerts_in_hand(session: Session, staff_id: int) -> Sequence[Alert]:
    """What this person has taken and nobody has closed."""
    return session.exec(
        select(Alert)
        .where(Alert.acknowledged_by == staff_id, col(Alert.resolved_at).is_(None))
        .order_by(col(Alert.id))
    ).all()


def nurses_beside(everybody: Iterable[Member], staff_id: int) -> list[Member]:
    """The other active nurses, who may take over what this person has in hand."""
    return [
        other
        for other in everybody
        if other.role == Role.NURSE and other.active and other.id != staff_id
    ]


def names_of_staff(session: Session, keyring: Keyring, site_id: int) -> dict[int, str]:
    """The name of everybody who works or worked at the site, by id."""
    rows = session.exec(select(StaffIdentity).join(Staff).where(Staff.site_id == site_id))
    return {row.staff_id: unsealed(keyring, row, "name") or "" for row in rows}


def unsealed(keyring: Keyring, identity: StaffIdentity, column: str) -> str | None:
    """The text of a column; None where it is not filled in. It is bound to the row it was sealed
    for."""
    sealed = getattr(identity, column)
    if sealed is None:
        return None
    return keyring.unseal(sealed, place=place(identity.staff_id, column))


def legible_name(keyring: Keyring, identity: StaffIdentity) -> str:
    """Her name, or her number where it does not open: for what must be said all the same."""
    try:
        return unsealed(keyring, identity, "name") or ""
    except Unreadable:
        return f"{identity.staff_id}?"


def place(staff_id: int, column: str) -> str:
    """What a column of `staff_identity` is sealed for."""
    return f"staff_identity.{staff_id}.{column}"


def _member(keyring: Keyring, staff: Staff, identity: StaffIdentity) -> Member:
    return Member(
        id=staff.id,
        login=unsealed(keyring, identity, "login") or "",
        name=unsealed(keyring, identity, "name") or "",
        phone=unsealed(keyring, identity, "phone"),
        email=unsealed(keyring, identity, "email"),
        role=staff.role,
        language=staff.language,
        active=staff.active,
        deactivated_at=staff.deactivated_at,
    )
