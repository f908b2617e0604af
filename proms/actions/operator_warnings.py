"""Warn the operator, in a row that stays until an operator closes it."""

from collections.abc import Iterable
from datetime import datetime

import structlog
from sqlmodel import Session

from proms.actions.audit import Actor, Subject, record
from proms.actions.plain_text import checked_text
from proms.actions.refusals import FieldFault, Incomplete, NotFound
from proms.db.append_only import take_turns
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
    responses = list(responses)
    if not responses:
        return
    # Two who find the same at once warn once: the second reads what the first has written.
    take_turns(session, OperatorWarning)
    warned_of: set[int] = set()
    for warning in open_warnings(session, what):
        warned_of |= set(warning.responses)
    wrong = [response for response in responses if response not in warned_of]
    if not wrong:
        return
    named = sorted(set(wrong))
    warning = OperatorWarning(what=what, raised_at=now, count=len(wrong), responses=named)
    session.add(warning)
    session.flush()
    subject = Subject("warning", warning.id)
    record(session, "warning.raised", subject, by=by, now=now, what=what, count=len(wrong))
    log.error("warning", what=what, warning=warning.id, count=len(wrong), responses=len(named))


def close_warnings(
    session: Session, *, last: int, reason: str, by: Actor, now: datetime
) -> list[OperatorWarning]:
    """Put on record how an operator dealt with this warning and those before it; raises NotFound if
    it is not open."""
    if not reason.strip():
        raise Incomplete("reason", FieldFault.NO_FINDING)
    reason = checked_text("reason", reason)
    take_turns(session, OperatorWarning)
    warnings = [warning for warning in open_warnings(session) if warning.id <= last]
    if last not in [warning.id for warning in warnings]:
        raise NotFound(f"There is no open warning {last}.")
    for warning in warnings:
        session.add(WarningClosed(warning_id=warning.id, closed_at=now, reason=reason))
        subject = Subject("warning", warning.id)
        record(session, "warning.closed", subject, by=by, now=now, reason=reason)
    session.commit()
    return warnings
