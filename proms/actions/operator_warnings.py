"""Warn the operator, in a row that stays until an operator closes it."""

from collections.abc import Iterable
from datetime import datetime

import structlog
from sqlmodel import Session

from proms.actions.audit import Actor, Subject, record
from proms.actions.refusals import FieldFault, Incomplete, NotFound
from proms.db.queries.warnings import open_warnings
from proms.db.tables import OperatorWarning, WarningClosed
from proms.domain.score import Warned

log = structlog.get_logger()


def warn(
    session: Session, what: Warned, *, responses: Iterable[int], by: Actor, now: datetime
) -> None:
    """Add a warning to the running transaction: one response id for each thing that is wrong.

    A response that an open warning names already is not named again.
    """
    known = {response for each in open_warnings(session, what) for response in each.responses}
    found = [response for response in responses if response not in known]
    if not found:
        return
    named = sorted(set(found))
    warning = OperatorWarning(what=what, raised_at=now, count=len(found), responses=named)
    session.add(warning)
    session.flush()
    record(
        session,
        "warning.raised",
        Subject("warning", warning.id),
        by=by,
        now=now,
        what=what,
        count=len(found),
    )
    log.error("warning", what=what, warning=warning.id, count=len(found), responses=len(named))


def close_warnings(
    session: Session, *, last: int, reason: str, by: Actor, now: datetime
) -> list[OperatorWarning]:
    """Put on record how an operator dealt with this warning and those before it; raises NotFound if
    it is not open."""
    if not reason.strip():
        raise Incomplete("reason", FieldFault.NO_FINDING)
    closed = [each for each in open_warnings(session) if each.id <= last]
    if last not in [each.id for each in closed]:
        raise NotFound(f"There is no open warning {last}.")
    for warning in closed:
        session.add(WarningClosed(warning_id=warning.id, closed_at=now, reason=reason.strip()))
        record(
            session,
            "warning.closed",
            Subject("warning", warning.id),
            by=by,
            now=now,
            reason=reason.strip(),
        )
    session.commit()
    return closed
