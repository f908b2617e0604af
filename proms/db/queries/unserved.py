"""Patients and nurses to whom this installation has no way to send anything."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, or_, select

from proms.db.keyring import Keyring
from proms.db.queries.people import legible_name
from proms.db.tables import Contact, Patient, Staff, StaffIdentity
from proms.domain.person import EVERY_KIND, ContactKind, PatientStatus, Role


@dataclass(frozen=True)
class Unserved:
    """The codes of patients and the names of nurses of a site to whom nothing can be sent."""

    patients: tuple[str, ...] = ()
    nurses: tuple[str, ...] = ()


def unserved_at(
    session: Session, keyring: Keyring, site_id: int, served: Collection[ContactKind]
) -> Unserved:
    """Who of a site has a kind of contact that is not served, and no other."""
    if set(served) >= EVERY_KIND:
        return Unserved()
    patients = select(Patient.code).join(Contact).where(Patient.site_id == site_id)
    patients = patients.where(_without_channel(served)).order_by(col(Patient.code))
    nurses = _nurses(session, served, site_id)
    names = sorted(legible_name(keyring, nurse) for nurse in nurses)
    return Unserved(tuple(session.exec(patients)), tuple(names))


def count_unserved(session: Session, served: Collection[ContactKind]) -> tuple[int, int]:
    """How many patients and how many nurses there are, at all sites, to whom nothing can be
    sent."""
    patients = select(Patient.id).join(Contact).where(_without_channel(served))
    return len(session.exec(patients).all()), len(_nurses(session, served))


def _without_channel(served: Collection[ContactKind]) -> ColumnElement[bool]:
    takes_part = col(Patient.status) == PatientStatus.ACTIVE
    second = aliased(Contact)
    otherwise = (
        select(second.id)
        .where(
            second.patient_id == Patient.id,
            col(second.second),
            col(second.kind).in_(list(served)),
        )
        .exists()
    )
    has_not = col(Contact.active) & col(Contact.kind).not_in(list(served))
    return takes_part & has_not & ~otherwise


def _nurses(
    session: Session, served: Collection[ContactKind], site_id: int | None = None
) -> Sequence[StaffIdentity]:
    """Nurses who have nothing of what is served."""
    lacks = {
        ContactKind.SMS: or_(col(StaffIdentity.phone).is_(None), StaffIdentity.phone == ""),
        ContactKind.EMAIL: or_(col(StaffIdentity.email).is_(None), StaffIdentity.email == ""),
    }
    wanted = select(StaffIdentity).join(Staff)
    wanted = wanted.where(Staff.role == Role.NURSE, col(Staff.active))
    if site_id is not None:
        wanted = wanted.where(Staff.site_id == site_id)
    return session.exec(wanted.where(and_(*(lacks[kind] for kind in served)))).all()
