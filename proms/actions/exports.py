"""Hand out the scored data set: streamed from one snapshot, and on record with its fingerprint."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from proms.actions.audit import Actor, Subject, record
from proms.content import Library
from proms.db.queries.exports import responses, snapshot
from proms.db.session import Database
from proms.domain.export import PooledExport, ScoredResponse, columns, lines, pooled

SCORES = "scores"
CODE_VERSION = version("proms")


def export_scores(
    database: Database, library: Library, *, by: Actor, site_id: int | None, now: datetime
) -> Iterator[str]:
    """The scored data set of a site (None: of all sites) as CSV, some rows at a time, in constant
    memory.

    That it began is on record before the first row leaves; how many rows it had and their SHA-256,
    after the last.
    """
    _note(database, "export.started", by=by, site_id=site_id, now=now)
    return _csv(database, library, by=by, site_id=site_id, now=now)


def _csv(
    database: Database, library: Library, *, by: Actor, site_id: int | None, now: datetime
) -> Iterator[str]:
    export = PooledExport(columns(library), CODE_VERSION)
    fingerprint = hashlib.sha256()
    with snapshot(database) as connection:
        for text in lines(pooled(_answered(connection, library, site_id), export)):
            fingerprint.update(text.encode())
            yield text
    counts = {"rows": export.rows, "held_back": export.held_back}
    _note(
        database,
        "export.finished",
        by=by,
        site_id=site_id,
        now=now,
        sha256=fingerprint.hexdigest(),
        **counts,
    )


def _answered(
    connection: Connection, library: Library, site_id: int | None
) -> Iterator[ScoredResponse]:
    for response, scores in responses(connection, site_id):
        yield ScoredResponse(
            usubjid=response.usubjid,
            site=response.site,
            protocol=library.protocol(response.protocol, response.protocol_version),
            event=response.event,
            due=response.due,
            randomised_on=response.randomised_on,
            answered_on=response.source_on or _site_day(response),
            entered_on=_site_day(response) if response.source_on else None,
            assignment=response.assignment_id,
            version=response.version,
            instrument=library.instrument(response.instrument, response.instrument_version),
            wording_version=response.wording_version,
            language=response.language,
            mode=response.mode,
            late=response.late,
            document=response.document,
            scores={scale: (score.value, score.answered) for scale, score in scores.items()},
            scoring_version=max((score.scoring_version for score in scores.values()), default=""),
            rule_set=response.rule_set or "",
        )


def _site_day(response: Row[Any]) -> date:
    """The day at the site on which a response came in."""
    return response.submitted_at.astimezone(ZoneInfo(response.timezone)).date()  # type: ignore[no-any-return]


def _note(
    database: Database, verb: str, *, by: Actor, site_id: int | None, now: datetime, **detail: Any
) -> None:
    with database.writing() as session:
        record(
            session,
            verb,
            Subject("export", None, site_id=site_id),
            by=by,
            now=now,
            data_set=SCORES,
            **detail,
        )
        session.commit()
