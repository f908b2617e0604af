"""Response versions with whose they are and what was known of her then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from proms.db.queries.history import fact_versions_of, facts_as_known
from proms.db.tables import Evaluation, Patient, Response, Site


@dataclass(frozen=True)
class ResponseVersion:
    """One version of a response; `facts` are those its evaluation used, and where no rules looked
    what was on record of her person when it came."""

    response: Response
    patient: Patient
    facts: Mapping[str, Any]


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
    zone = ZoneInfo(session.get_one(Site, patient.site_id).timezone)
    on_record = fact_versions_of(session, patient)
    versions = []
    for response in responses:
        known = facts.get(response.id)
        if known is None:
            at = response.submitted_at
            known = facts_as_known(on_record, at=at, day=response.answered_on(zone))
        versions.append(ResponseVersion(response, patient, known))
    return versions
