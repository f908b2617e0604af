"""Response versions with whose they are and what was known of her then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from proms.db.tables import Evaluation, Patient, Response


@dataclass(frozen=True)
class ResponseVersion:
    """One version of a response; `facts` are those its evaluation used, none where no rules
    looked."""

    response: Response
    patient: Patient
    facts: Mapping[str, Any] | None


def versions_page(
    session: Session, patient: Patient, *, page: int, size: int
) -> tuple[list[ResponseVersion], int]:
    """A part of everything a patient sent, every version, in order of arrival; and how many there
    are."""
    hers = select(Response).where(Response.patient_id == patient.id)
    part = hers.order_by(col(Response.id)).offset((page - 1) * size).limit(size)
    total = session.exec(select(func.count()).select_from(hers.subquery())).one()
    return _with_facts(session, patient, session.exec(part).all()), total


def version_of(
    session: Session, site_id: int, assignment_id: int, version: int
) -> ResponseVersion | None:
    """One version of the response to an assignment; another site's is as absent as none."""
    found = session.exec(
        select(Response, Patient)
        .join(Patient, col(Patient.id) == Response.patient_id)
        .where(
            Response.assignment_id == assignment_id,
            Response.version == version,
            Patient.site_id == site_id,
        )
    ).first()
    if found is None:
        return None
    response, patient = found
    return _with_facts(session, patient, [response])[0]


def _with_facts(
    session: Session, patient: Patient, responses: Sequence[Response]
) -> list[ResponseVersion]:
    ids = [response.id for response in responses]
    rows = session.exec(
        select(Evaluation.response_id, Evaluation.facts)
        .where(col(Evaluation.response_id).in_(ids))
        .order_by(col(Evaluation.id).desc())
    )
    # The first evaluation comes last, and stays.
    facts: dict[int | None, Mapping[str, Any]] = dict(rows.all())
    return [ResponseVersion(response, patient, facts.get(response.id)) for response in responses]
