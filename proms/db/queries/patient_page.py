"""What a patient's page shows of her answers: responses, scores, answers kept aside."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.db.tables import (
    Alert,
    AlertOccurrence,
    Assignment,
    KeptAside,
    Patient,
    Response,
    Score,
    Site,
)
from proms.domain.alert import Urgency
from proms.domain.schedule import History
from proms.domain.score import newest


@dataclass(frozen=True)
class GivenResponse:
    """One response in its latest version, with the assignment it answers and its scores by
    scale."""

    response: Response
    assignment: Assignment
    scores: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class AnswersAside:
    """Answers that were kept aside, with the response that was there first."""

    kept: KeptAside
    first: Response
    assignment: Assignment


def responses_of(session: Session, patient: Patient) -> list[GivenResponse]:
    """Everything the patient answered, the earliest day of answers first; of a corrected response
    the latest version."""
    zone = ZoneInfo(session.get_one(Site, patient.site_id).timezone)
    rows = session.exec(
        select(Response, Assignment)
        .join(Assignment, col(Assignment.id) == Response.assignment_id)
        .where(Response.patient_id == patient.id)
        .order_by(col(Response.version))
    )
    # In order of version: the last one written stays.
    latest = {assignment.id: (response, assignment) for response, assignment in rows}
    scores = _scores(session, patient)
    given = [
        GivenResponse(response, assignment, scores.get(response.id or 0, {}))
        for response, assignment in latest.values()
    ]

    def when(given_response: GivenResponse) -> tuple[date, datetime]:
        response = given_response.response
        return response.answered_on(zone), response.submitted_at

    return sorted(given, key=when)


def response_of(session: Session, patient: Patient, response_id: int) -> GivenResponse | None:
    """One of this patient's responses."""
    found = session.exec(
        select(Response, Assignment)
        .join(Assignment, col(Assignment.id) == Response.assignment_id)
        .where(Response.patient_id == patient.id, Response.id == response_id)
    ).first()
    return GivenResponse(*found) if found else None


def answered_under_another_value(
    session: Session, patient: Patient, before: History, after: History, zone: ZoneInfo
) -> list[Response]:
    """What she sent on days on which something is to become so of her that was not on record, the
    latest first."""
    sent = select(Response).where(Response.patient_id == patient.id, Response.version == 1)
    responses = []
    for response in session.exec(sent.order_by(col(Response.id).desc())):
        day = response.answered_on(zone)
        if before.facts_on(day) != after.facts_on(day):
            responses.append(response)
    return responses


def kept_aside_of(session: Session, patient: Patient) -> list[AnswersAside]:
    """Answers that came for a questionnaire that was answered before, the latest first."""
    rows = session.exec(
        select(KeptAside, Response, Assignment)
        .join(
            Response,
            (col(Response.assignment_id) == KeptAside.assignment_id) & (col(Response.version) == 1),
        )
        .join(Assignment, col(Assignment.id) == KeptAside.assignment_id)
        .where(KeptAside.patient_id == patient.id)
        .order_by(col(KeptAside.received_at).desc())
    )
    return [AnswersAside(*row) for row in rows]


def red_items(session: Session, patient: Patient) -> dict[int, set[str]]:
    """By response id, the items whose answers met a red rule."""
    rows = session.exec(
        select(AlertOccurrence.response_id, AlertOccurrence.evidence)
        .join(Alert, col(Alert.id) == AlertOccurrence.alert_id)
        .where(
            Alert.patient_id == patient.id,
            AlertOccurrence.urgency == Urgency.RED,
            col(AlertOccurrence.response_id).is_not(None),
        )
    )
    items: dict[int, set[str]] = defaultdict(set)
    for response_id, evidence in rows:
        items[response_id or 0].update(item for item, _ in evidence)
    return items


def assignments_of(session: Session, patient: Patient) -> list[Assignment]:
    """Everything this patient is or was asked, in order of opening."""
    wanted = select(Assignment).where(Assignment.patient_id == patient.id)
    return list(
        session.exec(
            wanted.order_by(col(Assignment.opens), col(Assignment.event), col(Assignment.number))
        )
    )


def _scores(session: Session, patient: Patient) -> dict[int, dict[str, float | None]]:
    rows = session.exec(
        select(Score)
        .join(Response, col(Response.id) == Score.response_id)
        .where(Response.patient_id == patient.id)
        .order_by(col(Score.response_id))
    )
    by_response = groupby(rows, key=lambda score: score.response_id)
    return {
        response_id: {scale: score.value for scale, score in newest(scores).items()}
        for response_id, scores in by_response
    }
