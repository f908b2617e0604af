"""Which version of a protocol holds, and what still has to follow one that was adopted."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlmodel import Session, col, select

from proms.content import Library
from proms.db.tables import Patient, ProtocolAdoption
from proms.domain.person import PatientStatus


def version_on(session: Session, library: Library, protocol: str, day: date) -> int:
    """The version a patient enrolled that day gets: the last one adopted by then, else the first
    there is."""
    adopted = session.exec(
        select(ProtocolAdoption.version)
        .where(ProtocolAdoption.protocol == protocol, col(ProtocolAdoption.from_date) <= day)
        .order_by(col(ProtocolAdoption.from_date).desc(), col(ProtocolAdoption.id).desc())
    ).first()
    return adopted or min(library.protocols[protocol])


def unfinished(session: Session, latest: date) -> Sequence[ProtocolAdoption]:
    """The adoptions for everybody that have taken effect by then and that some patients do not
    follow yet."""
    return session.exec(
        select(ProtocolAdoption)
        .where(
            col(ProtocolAdoption.everybody),
            col(ProtocolAdoption.finished_at).is_(None),
            col(ProtocolAdoption.from_date) <= latest,
        )
        .order_by(col(ProtocolAdoption.id))
        .with_for_update(skip_locked=True)
    ).all()


def followers(
    session: Session, protocol: str, version: int, *, after: int = 0, limit: int | None = None
) -> Sequence[Patient]:
    """The active patients on an earlier version, in order of id; those of a limited part are locked
    for whoever moves them."""
    wanted = (
        select(Patient)
        .where(
            Patient.protocol == protocol,
            col(Patient.protocol_version) < version,
            Patient.status == PatientStatus.ACTIVE,
            col(Patient.id) > after,
        )
        .order_by(col(Patient.id))
        .limit(limit)
    )
    if limit:
        wanted = wanted.with_for_update()
    return session.exec(wanted).all()


def overtaken(
    session: Session, patient_ids: Collection[int], latest: date
) -> Sequence[tuple[Patient, ProtocolAdoption]]:
    """Of these patients those who take part, with the last adoption for everybody that has taken
    effect by then and that they do not follow; locked for whoever moves them."""
    rows = session.exec(
        select(Patient, ProtocolAdoption)
        .join(ProtocolAdoption, col(ProtocolAdoption.protocol) == Patient.protocol)
        .where(
            col(Patient.id).in_(patient_ids),
            Patient.status == PatientStatus.ACTIVE,
            col(ProtocolAdoption.everybody),
            col(ProtocolAdoption.from_date) <= latest,
            col(ProtocolAdoption.version) > Patient.protocol_version,
        )
        .order_by(col(Patient.id), col(ProtocolAdoption.version))
        .with_for_update(skip_locked=True, of=Patient)
    ).all()
    return list({patient.id: (patient, adoption) for patient, adoption in rows}.values())
