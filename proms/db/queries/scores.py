"""Responses with their scores in every version, some at a time: each read costs the same however
many there are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from proms.db.tables import Response, Score
from proms.domain.instrument import Answers
from proms.domain.response import Document, answers_of
from proms.domain.score import ScaleScore as Scored
from proms.domain.score import by_version


@dataclass(frozen=True)
class Scoring:
    """One response version: what was answered to which instrument, and its scores by scoring
    version, then by scale."""

    id: int
    instrument: str
    instrument_version: str
    document: Document
    scores: Mapping[str, Mapping[str, Scored]]
    patient_id: int | None = None

    @property
    def answers(self) -> Answers:
        return answers_of(self.document)


def scorings_after(session: Session, last: int, limit: int) -> list[Scoring]:
    """The next responses in the order of their ids."""
    return _scorings(
        session, _responses().where(col(Response.id) > last).order_by(col(Response.id)).limit(limit)
    )


def scored_ids(session: Session) -> tuple[int, int] | None:
    """The lowest and the highest response that has a score."""
    # One statement each: for the two together a database would read every row.
    first = session.scalar(select(func.min(col(Score.response_id))))
    last = session.scalar(select(func.max(col(Score.response_id))))
    if first is None or last is None:
        return None
    return first, last


def scorings_near(
    session: Session, places: Iterable[int], limit: int, *, also: Iterable[int] = ()
) -> list[Scoring]:
    """From each of these ids on, the next few responses that have scores, and those named `also`;
    none of them twice."""
    response_id = col(Score.response_id)
    near = select(response_id).group_by(response_id).order_by(response_id).limit(limit)
    ids = set(also)
    for place in places:
        ids.update(session.scalars(near.where(response_id >= place)))
    return _scorings(
        session, _responses().where(col(Response.id).in_(ids)).order_by(col(Response.id))
    )


def _responses() -> Select[Any]:
    return select(
        col(Response.id),
        col(Response.instrument),
        col(Response.instrument_version),
        col(Response.document),
        col(Response.patient_id),
    )


def _scorings(session: Session, wanted: Select[Any]) -> list[Scoring]:
    responses = session.execute(wanted).all()
    scores = (
        select(
            col(Score.response_id),
            col(Score.scale),
            col(Score.scoring_version),
            col(Score.value),
            col(Score.answered),
        )
        .where(col(Score.response_id).in_([response.id for response in responses]))
        .order_by(col(Score.response_id))
    )
    by_response = groupby(session.execute(scores), key=lambda score: score.response_id)
    stored = {response_id: _scores_by_version(rows) for response_id, rows in by_response}
    return [
        Scoring(
            response.id,
            response.instrument,
            response.instrument_version,
            response.document,
            stored.get(response.id, {}),
            response.patient_id,
        )
        for response in responses
    ]


def _scores_by_version(rows: Iterable[Any]) -> dict[str, dict[str, Scored]]:
    return {
        version: {scale: Scored(scale, row.value, row.answered) for scale, row in scores.items()}
        for version, scores in by_version(rows).items()
    }
