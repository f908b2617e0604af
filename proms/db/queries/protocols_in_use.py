"""The versions of protocols that patients take part under, or are to be moved to."""

from sqlmodel import Session, col, select

from proms.db.tables import Patient, ProtocolAdoption


def protocols_in_use(session: Session) -> set[tuple[str, int]]:
    """Each protocol with each of its versions that somebody needs."""
    held = select(Patient.protocol, Patient.protocol_version).distinct()
    coming = select(ProtocolAdoption.protocol, ProtocolAdoption.version).where(
        col(ProtocolAdoption.finished_at).is_(None)
    )
    return {*session.exec(held), *session.exec(coming)}
