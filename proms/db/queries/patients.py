"""Finding patients of one site, by code or by who they are."""

from collections import defaultdict
from dataclasses import dataclass

from sqlmodel import Session, select

from proms.db.keyring import Keyring
from proms.db.tables import Contact, Identity, Patient


@dataclass(frozen=True)
class Person:
    """Who a patient is, in the clear: for a page shown to her own site, never for a log or an
    export."""

    name: str
    hospital_number: str
    trial_number: str | None
    contact_kind: str | None
    address: str | None


def patient_of(session: Session, code: str, site_id: int) -> Patient | None:
    """The site's patient with this study code; another site's patient is as absent as none."""
    return session.exec(
        select(Patient).where(Patient.code == code.strip().upper(), Patient.site_id == site_id)
    ).first()


def person(session: Session, keyring: Keyring, patient: Patient) -> Person:
    """Identity and chosen contact of one patient, unsealed."""
    identity = session.get_one(Identity, patient.id)
    contact = session.exec(
        select(Contact).where(Contact.patient_id == patient.id, Contact.active)
    ).first()

    trial_number = None
    if identity.trial_number:
        trial_number = _unsealed(keyring, identity, "trial_number")
    contact_kind, address = None, None
    if contact:
        contact_kind = contact.kind
        address = keyring.unseal(contact.address, place=f"contact.{contact.id}.address")
    return Person(
        name=_unsealed(keyring, identity, "name"),
        hospital_number=_unsealed(keyring, identity, "hospital_number"),
        trial_number=trial_number,
        contact_kind=contact_kind,
        address=address,
    )


def names(session: Session, keyring: Keyring, site_id: int) -> dict[int, str]:
    """The name of every patient of a site, by patient id."""
    rows = session.exec(select(Identity).join(Patient).where(Patient.site_id == site_id))
    return {identity.patient_id: _unsealed(keyring, identity, "name") for identity in rows}


def find(session: Session, keyring: Keyring, site_id: int, words: str) -> list[tuple[Patient, str]]:
    """The site's patients whose code, name or hospital number holds every word, with their names,
    in order of name.

    Sealed fields cannot be searched in the database; a site has hundreds of patients, so they are
    opened here.
    """
    rows = session.exec(
        select(Patient, Identity).join(Identity).where(Patient.site_id == site_id)
    ).all()
    wanted = [word.casefold() for word in words.split()]
    found = []
    for patient, identity in rows:
        name = _unsealed(keyring, identity, "name")
        number = _unsealed(keyring, identity, "hospital_number")
        text = f"{patient.code} {name} {number}".casefold()
        if all(word in text for word in wanted):
            found.append((patient, name))
    return sorted(found, key=lambda patient_and_name: patient_and_name[1].casefold())


def by_any_number(session: Session, keyring: Keyring, site_id: int) -> dict[str, set[int]]:
    """The ids of the site's patients by study code, trial number and hospital number, each as
    `plain` writes it.

    Sealed fields cannot be searched in the database, so those of one site are opened here.
    """
    found: dict[str, set[int]] = defaultdict(set)
    # Columns, not patients: whoever locks the patients afterwards must not be given them as they
    # were before the lock.
    rows = session.exec(
        select(Patient.code, Identity).join(Identity).where(Patient.site_id == site_id)
    ).all()
    for code, identity in rows:
        found[plain(code)].add(identity.patient_id)
        number = _unsealed(keyring, identity, "hospital_number")
        found[plain(number)].add(identity.patient_id)
        if identity.trial_number:
            number = _unsealed(keyring, identity, "trial_number")
            found[plain(number)].add(identity.patient_id)
    return found


def _unsealed(keyring: Keyring, identity: Identity, column: str) -> str:
    """The text of a column that is filled in; it is bound to the row it was sealed for."""
    return keyring.unseal(
        getattr(identity, column), place=f"identity.{identity.patient_id}.{column}"
    )


def plain(number: str) -> str:
    """A code or number however it was typed."""
    return number.strip().casefold()
