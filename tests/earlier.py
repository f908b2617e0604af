"""Rows as another release of the program would have left them, put straight into the tables."""

import secrets
from collections.abc import Mapping

from sqlmodel import col, func, insert, select

from proms.db.tables import Assignment, Response, Score
from tests.clinic import Clinic

Values = Mapping[str, tuple[float | None, int]]  # scale -> value, number answered


def leaves_copies(
    clinic: Clinic, of: int, scores: Values, *, version: str, times: int = 1, **facts: object
) -> list[int]:
    """Correct this response so many times, each scored as given under that scoring version; returns
    their ids."""
    with clinic.database.writing() as session:
        held = session.get_one(Response, of).model_dump(exclude={"id"})
        same = col(Response.assignment_id) == held["assignment_id"]
        last = session.exec(select(func.max(Response.version)).where(same)).one() or 0
        copies = [
            held | {"version": last + n, "receipt": secrets.token_hex(8), **facts}
            for n in range(1, times + 1)
        ]
        session.execute(insert(Response), copies)
        ids = list(
            session.exec(
                select(Response.id)
                .where(same, col(Response.version) > last)
                .order_by(col(Response.id))
            )
        )
        rows = [
            {
                "response_id": id,
                "scale": scale,
                "scoring_version": version,
                "value": value,
                "answered": answered,
            }
            for id in ids
            for scale, (value, answered) in scores.items()
        ]
        if rows:
            session.execute(insert(Score), rows)
        session.commit()
    return ids


def only_response(clinic: Clinic) -> Response:
    with clinic.database.reading() as session:
        return session.exec(select(Response).join(Assignment)).one()


def scores_of(
    clinic: Clinic, response_id: int, version: str
) -> dict[str, tuple[float | None, int]]:
    """What is stored of a response under a scoring version."""
    with clinic.database.reading() as session:
        rows = session.exec(
            select(Score).where(Score.response_id == response_id, Score.scoring_version == version)
        ).all()
    return {row.scale: (row.value, row.answered) for row in rows}
