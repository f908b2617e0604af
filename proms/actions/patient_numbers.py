"""One patient, one record: a hospital number or trial number belongs to one patient of a site."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, exists
from sqlmodel import Session, col, select

from proms.actions.refusals import Doubtful, FieldFault, NumberTaken
from proms.db.keyring import Keyring
from proms.db.queries.patients import unsealed
from proms.db.queries.sites import lock_site
from proms.db.tables import Identity, Patient, PatientNumber
from proms.domain.patient_number import plain, without_zeros


class NumberKind(StrEnum):
    """The numbers of a patient; each is also the field it stands in."""

    HOSPITAL = "hospital_number"
    TRIAL = "trial_number"


Numbers = Mapping[NumberKind, str]


class NumberDigests(NamedTuple):
    """The digests of a number: of the plain one, and of it without leading zeros."""

    exact: str | None
    similar: str


def refuse_known_numbers(
    session: Session, keyring: Keyring, site_id: int, numbers: Numbers, *, other_patient: bool
) -> None:
    """Raise NumberTaken where a patient of the site has one of these numbers, and Doubtful where
    one has it but for leading zeros; `other_patient` says that this is nobody who is known.

    Until the commit nobody else enrols at this site.
    """
    lock_site(session, site_id)
    _keep_index(session, keyring, site_id)
    for kind, number in numbers.items():
        digests = _digests(keyring, site_id, kind, number)
        if code := _patient_with(session, col(PatientNumber.exact) == digests.exact):
            raise NumberTaken(kind, FieldFault.NUMBER_TAKEN, code=code)
        code = _patient_with(session, col(PatientNumber.similar) == digests.similar)
        if code and not other_patient:
            raise Doubtful(kind, FieldFault.NUMBER_SIMILAR, confirm="other_patient", code=code)


def index_numbers(
    session: Session, keyring: Keyring, patient_id: int, site_id: int, numbers: Numbers
) -> None:
    """Keep a new patient's numbers in the index, in the running transaction."""
    for kind, number in numbers.items():
        digests = _digests(keyring, site_id, kind, number)
        session.add(_entry(keyring, patient_id, site_id, kind, digests))


def _keep_index(session: Session, keyring: Keyring, site_id: int) -> None:
    """Index the patients who are not indexed under the current key: those from before there was an
    index, and all of them after a change of keys."""
    outdated = delete(PatientNumber).where(
        col(PatientNumber.site_id) == site_id, col(PatientNumber.key) != keyring.current
    )
    session.exec(outdated)
    missing = _not_indexed(session, site_id)
    if not missing:
        return
    known = set(
        session.exec(select(PatientNumber.exact).where(PatientNumber.site_id == site_id)).all()
    )
    for identity in missing:
        for kind, number in _numbers_of(keyring, identity):
            digests = _digests(keyring, site_id, kind, number)
            if digests.exact in known:
                # Two patients had one number before this was refused: the first is found by it.
                digests = digests._replace(exact=None)
            known.add(digests.exact)
            session.add(_entry(keyring, identity.patient_id, site_id, kind, digests))
    session.flush()


def _not_indexed(session: Session, site_id: int) -> Sequence[Identity]:
    indexed = exists().where(col(PatientNumber.patient_id) == col(Identity.patient_id))
    missing = (
        select(Identity)
        .join(Patient)
        .where(Patient.site_id == site_id, ~indexed)
        .order_by(col(Identity.patient_id))
    )
    return session.exec(missing).all()


def _numbers_of(keyring: Keyring, identity: Identity) -> Iterator[tuple[NumberKind, str]]:
    for kind in NumberKind:
        if getattr(identity, kind):
            yield kind, unsealed(keyring, identity, kind)


def _digests(keyring: Keyring, site_id: int, kind: NumberKind, number: str) -> NumberDigests:
    purpose = f"patient_number.{site_id}.{kind}"
    return NumberDigests(
        exact=keyring.digests(plain(number), purpose=f"{purpose}.exact")[0],
        similar=keyring.digests(without_zeros(number), purpose=f"{purpose}.similar")[0],
    )


def _entry(
    keyring: Keyring, patient_id: int, site_id: int, kind: NumberKind, digests: NumberDigests
) -> PatientNumber:
    return PatientNumber(
        patient_id=patient_id,
        site_id=site_id,
        kind=kind,
        key=keyring.current,
        exact=digests.exact,
        similar=digests.similar,
    )


def _patient_with(session: Session, digest: ColumnElement[bool]) -> str | None:
    """The study code of the first patient who has this digest."""
    found = select(Patient.code).join(PatientNumber).where(digest).order_by(col(Patient.id))
    return session.exec(found).first()
