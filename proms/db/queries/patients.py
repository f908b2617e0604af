"""Finding patients of one site, by code or by who they are."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlmodel import Session, col, or_, select

from proms.db.keyring import Keyring, Unreadable
from proms.db.tables import Contact, Identity, Patient
from proms.domain.patient_number import plain, without_zeros
from proms.domain.person import ContactKind


@dataclass(frozen=True)
class SecondWay:
    """Where goes what does not arrive by her first way, in the clear; no address where it does not
    open."""

    kind: str
    address: str | None
    confirmed: bool

    @property
    def by_phone(self) -> bool:
        return self.kind == ContactKind.SMS


@dataclass(frozen=True)
class Person:
    """Who a patient is, in the clear: for a page shown to her own site, never for a log or an
    export."""

    name: str
    hospital_number: str
    trial_number: str | None
    contact_kind: str | None
    address: str | None
    address_unreadable: bool = False  # it is there, and does not open
    second: SecondWay | None = None

    @property
    def by_phone(self) -> bool:
        return self.contact_kind == ContactKind.SMS


def patient_of(session: Session, code: str, site_id: int) -> Patient | None:
    """The site's patient with this study code; another site's patient is as absent as none."""
    return session.exec(
        select(Patient).where(Patient.code == code.strip().upper(), Patient.site_id == site_id)
    ).first()


def patient_coded(session: Session, code: str) -> Patient | None:
    """A patient of any site by her study code, for the operator."""
    return session.exec(select(Patient).where(Patient.code == code.strip().upper())).first()


def person(session: Session, keyring: Keyring, patient: Patient) -> Person:
    """Identity of one patient and how she is reached, unsealed."""
    identity = session.get_one(Identity, patient.id)
    in_use = select(Contact).where(
        Contact.patient_id == patient.id, or_(col(Contact.active), col(Contact.second))
    )
    contacts = session.exec(in_use).all()
    contact = next((each for each in contacts if each.active), None)
    second = next((each for each in contacts if each.second), None)
    trial_number = None
    if identity.trial_number:
        trial_number = unsealed(keyring, identity, "trial_number")
    contact_kind, address, unreadable = None, None, False
    if contact:
        contact_kind, address = contact.kind, _legible_address(keyring, contact)
        unreadable = address is None
    return Person(
        name=unsealed(keyring, identity, "name"),
        hospital_number=unsealed(keyring, identity, "hospital_number"),
        trial_number=trial_number,
        contact_kind=contact_kind,
        address=address,
        address_unreadable=unreadable,
        second=_second_way(keyring, second) if second else None,
    )


def _second_way(keyring: Keyring, contact: Contact) -> SecondWay:
    confirmed = contact.confirmed_at is not None
    return SecondWay(contact.kind, _legible_address(keyring, contact), confirmed)


def _legible_address(keyring: Keyring, contact: Contact) -> str | None:
    try:
        return keyring.unseal(contact.address, place=f"contact.{contact.id}.address")
    except Unreadable:
        return None


def names_of(session: Session, keyring: Keyring, patient_ids: Collection[int]) -> dict[int, str]:
    """The names of these patients, by patient id."""
    wanted = select(Identity).where(col(Identity.patient_id).in_(list(patient_ids)))
    return {
        identity.patient_id: unsealed(keyring, identity, "name")
        for identity in session.exec(wanted)
    }


def patients_of(session: Session, patient_ids: Collection[int]) -> dict[int, Patient]:
    """These patients, by id."""
    wanted = select(Patient).where(col(Patient.id).in_(list(patient_ids)))
    return {patient.id: patient for patient in session.exec(wanted)}


@dataclass(frozen=True)
class NumberBook:
    """The patients of a site by study code, trial number and hospital number: `exact` by the plain
    number, `similar` by that without leading zeros."""

    codes: dict[int, str] = field(default_factory=dict)  # by patient id
    exact: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    similar: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, patient_id: int, number: str) -> None:
        self.exact[plain(number)].add(patient_id)
        self.similar[without_zeros(number)].add(patient_id)


def by_any_number(session: Session, keyring: Keyring, site_id: int) -> NumberBook:
    """The site's patients by every number of theirs.

    Sealed fields cannot be searched in the database, so those of one site are opened here.
    """
    book = NumberBook()
    # Columns, not patients: whoever locks the patients afterwards must not be given them as they
    # were before the lock.
    rows = session.exec(
        select(Patient.code, Identity).join(Identity).where(Patient.site_id == site_id)
    ).all()
    for code, identity in rows:
        book.codes[identity.patient_id] = code
        book.exact[plain(code)].add(identity.patient_id)
        book.add(identity.patient_id, unsealed(keyring, identity, "hospital_number"))
        if identity.trial_number:
            book.add(identity.patient_id, unsealed(keyring, identity, "trial_number"))
    return book


def unsealed(keyring: Keyring, identity: Identity, column: str) -> str:
    """The text of a column that is filled in; it is bound to the row it was sealed for."""
    return keyring.unseal(
        getattr(identity, column), place=f"identity.{identity.patient_id}.{column}"
    )
