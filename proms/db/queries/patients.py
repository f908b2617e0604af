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
    held = session.get_one(Identity, patient.id)
    contact = session.exec(
        select(Contact).where(Contact.patient_id == patient.id, Contact.active)
    ).first()

    def opened(column: str, sealed: str) -> str:
        return keyring.unseal(sealed, place=f"identity.{held.patient_id}.{column}")

    return Person(
        name=opened("name", held.name),
        hospital_number=opened("hospital_number", held.hospital_number),
        trial_number=opened("trial_number", held.trial_number) if held.trial_number else None,
        contact_kind=contact.kind if contact else None,
        address=keyring.unseal(contact.address, place=f"contact.{contact.id}.address")
        if contact
        else None,
    )


def names(session: Session, keyring: Keyring, site_id: int) -> dict[int, str]:
    """The name of every patient of a site, by patient id."""
    rows = session.exec(select(Identity).join(Patient).where(Patient.site_id == site_id))
    return {
        row.patient_id: keyring.unseal(row.name, place=f"identity.{row.patient_id}.name")
        for row in rows
    }


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
    for patient, held in rows:
        name = keyring.unseal(held.name, place=f"identity.{held.patient_id}.name")
        number = keyring.unseal(
            held.hospital_number, place=f"identity.{held.patient_id}.hospital_number"
        )
        text = f"{patient.code} {name} {number}".casefold()
        if all(word in text for word in wanted):
            found.append((patient, name))
    return sorted(found, key=lambda each: each[1].casefold())


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
    for code, held in rows:
        found[plain(code)].add(held.patient_id)
        for column in ("hospital_number", "trial_number"):
            if sealed := getattr(held, column):
                number = keyring.unseal(sealed, place=f"identity.{held.patient_id}.{column}")
                found[plain(number)].add(held.patient_id)
    return found


def plain(number: str) -> str:
    """A code or number however it was typed."""
    return number.strip().casefold()
