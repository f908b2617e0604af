"""What the scored data set is made of: named columns only, in one snapshot, streamed in the order
of the rows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlmodel import col

from proms.db.session import Database
from proms.db.tables import Assignment, Evaluation, MilestoneVersion, Patient, Response, Score, Site
from proms.domain.protocol import RANDOMISATION
from proms.domain.score import newest

AT_ONCE = 500  # rows held in memory at a time


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """A connection on which everything read is of one moment, whatever is submitted meanwhile."""
    with database.engine.connect() as connection:
        # PostgreSQL gives each statement a snapshot of its own unless asked; a transaction on
        # SQLite reads from one anyway.
        if database.engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def responses(
    connection: Connection, site_id: int | None
) -> Iterator[tuple[Row[Any], Mapping[str, Row[Any]]]]:
    """Every response version of a site (None: of all) with its scores by scale: by patient, in
    order of arrival."""
    streamed = connection.execution_options(yield_per=AT_ONCE)
    scores = groupby(streamed.execute(_scores(site_id)), key=lambda score: score.response_id)
    # Both statements give their rows in one order, so they are read side by side. `upcoming` is the
    # next group of scores that no response has had yet: it belongs to this response or to a later
    # one, because every score has its response and only some responses have scores.
    upcoming = next(scores, None)
    for response in streamed.execute(_responses(site_id)):
        if upcoming is None or upcoming[0] != response.id:
            yield response, {}
            continue
        # A group is gone once the next one is asked for: it is read to its end first.
        yield response, newest(upcoming[1])
        upcoming = next(scores, None)


def _responses(site_id: int | None) -> Any:
    """One statement; what a row may hold is listed here, so that a new column of a table stays
    behind."""
    first_evaluation = (
        select(func.min(col(Evaluation.id)))
        .where(col(Evaluation.response_id) == col(Response.id))
        .correlate(Response)
        .scalar_subquery()
    )
    wanted = (
        select(
            col(Response.id),
            col(Response.assignment_id),
            col(Response.version),
            col(Response.instrument),
            col(Response.instrument_version),
            col(Response.wording_version),
            col(Response.language),
            col(Response.mode),
            col(Response.late),
            col(Response.document),
            col(Response.submitted_at),
            col(Response.source_on),
            col(Patient.code).label("usubjid"),
            col(Patient.protocol),
            col(Site.code).label("site"),
            col(Site.timezone),
            col(Assignment.protocol_version),
            col(Assignment.event),
            col(Assignment.due),
            col(MilestoneVersion.on).label("randomised_on"),
            col(Evaluation.rule_set),
        )
        .join(Patient, col(Response.patient_id) == col(Patient.id))
        .join(Site, col(Patient.site_id) == col(Site.id))
        .join(Assignment, col(Response.assignment_id) == col(Assignment.id))
        .outerjoin(MilestoneVersion, col(MilestoneVersion.id) == _randomisation())
        .outerjoin(Evaluation, col(Evaluation.id) == first_evaluation)
    )
    return _in_order(wanted, site_id)


def _randomisation() -> Any:
    """The version of the patient's randomisation that holds."""
    return (
        select(col(MilestoneVersion.id))
        .where(
            col(MilestoneVersion.patient_id) == col(Patient.id),
            col(MilestoneVersion.kind) == RANDOMISATION,
        )
        .order_by(col(MilestoneVersion.version).desc())
        .limit(1)
        .correlate(Patient)
        .scalar_subquery()
    )


def _scores(site_id: int | None) -> Any:
    wanted = (
        select(
            col(Score.response_id),
            col(Score.scale),
            col(Score.value),
            col(Score.answered),
            col(Score.scoring_version),
        )
        .join(Response, col(Score.response_id) == col(Response.id))
        .join(Patient, col(Response.patient_id) == col(Patient.id))
    )
    return _in_order(wanted, site_id)


def _in_order(wanted: Any, site_id: int | None) -> Any:
    ordered = wanted.order_by(col(Patient.code), col(Response.id))
    if site_id is None:
        return ordered
    return ordered.where(col(Patient.site_id) == site_id)
