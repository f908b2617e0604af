"""Which version of a protocol holds, and what still has to follow one that was adopted."""

from collections.abc import Sequence
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
