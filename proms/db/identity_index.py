"""The identities of a site, opened once by this process and searched in its memory."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, and_, bindparam, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from proms.db.keyring import Keyring, Unreadable
from proms.db.tables import Contact, Identity, Patient
from proms.domain.patient_search import SearchEntry, finds, search_entry, search_for

FIRST, SECOND = aliased(Contact), aliased(Contact)  # her two ways
# Columns, not rows of the tables: those of five thousand patients would take far longer.
SEALED: Select[*tuple[Any, ...]] = (
    select(
        col(Patient.id),
        col(Patient.code),
        col(Identity.name),
        col(Identity.hospital_number),
        col(Identity.trial_number),
        col(FIRST.id).label("contact_id"),
        col(FIRST.address),
        col(SECOND.id).label("second_id"),
        col(SECOND.address).label("second_address"),
    )
    .join(Identity, col(Identity.patient_id) == col(Patient.id))
    .outerjoin(FIRST, and_(col(FIRST.patient_id) == col(Patient.id), col(FIRST.active)))
    .outerjoin(SECOND, and_(col(SECOND.patient_id) == col(Patient.id), col(SECOND.second)))
    .where(col(Patient.site_id) == bindparam("site_id"))
)


class FoundPatient(NamedTuple):
    """A patient who was found, and her name in the clear."""

    patient_id: int
    name: str


class Opened(NamedTuple):
    """An entry with the sealed fields it was made of."""

    sealed: tuple[Any, ...]
    entry: SearchEntry


@dataclass(frozen=True)
class IdentityIndex:
    """What the patients of each site are found by, by patient id.

    What is sealed is read anew by every search, and opened only where it is not what was opened
    before: no other process has to say that something changed.
    """

    opened: dict[int, dict[int, Opened]] = field(default_factory=dict, repr=False)

    def find(
        self, session: Session, keyring: Keyring, site_id: int, typed: str
    ) -> list[FoundPatient]:
        """The site's patients who fit what was typed, in order of name; one statement."""
        before = self.opened.get(site_id, {})
        now: dict[int, Opened] = {}
        for row in session.execute(SEALED, {"site_id": site_id}):
            known = before.get(row.id)
            sealed = tuple(row)
            if known is None or known.sealed != sealed:
                known = Opened(sealed, _open(keyring, row))
            now[row.id] = known
        # Put in place as a whole: another thread goes on with the one it has.
        self.opened[site_id] = now
        search = search_for(typed)
        found = [
            FoundPatient(patient_id, opened.entry.name)
            for patient_id, opened in now.items()
            if finds(search, opened.entry)
        ]
        return sorted(found, key=lambda patient: patient.name.casefold())


def _open(keyring: Keyring, row: Row[Any]) -> SearchEntry:
    def unsealed(column: str) -> str:
        return keyring.unseal(getattr(row, column), place=f"identity.{row.id}.{column}")

    numbers = [unsealed("hospital_number")]
    if row.trial_number:
        numbers.append(unsealed("trial_number"))
    addresses = []
    for id, address in ((row.contact_id, row.address), (row.second_id, row.second_address)):
        # One that does not open must not keep anybody from being found.
        with suppress(Unreadable):
            if address:
                addresses.append(keyring.unseal(address, place=f"contact.{id}.address"))
    return search_entry(code=row.code, name=unsealed("name"), numbers=numbers, addresses=addresses)
