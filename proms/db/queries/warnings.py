"""The warnings that no operator has closed."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from proms.db.tables import OperatorWarning, WarningClosed


def open_warnings(session: Session, what: str | None = None) -> list[OperatorWarning]:
    """Every open warning, or those of what is named, the first first."""
    wanted = _still_open(select(OperatorWarning)).order_by(col(OperatorWarning.id))
    if what is not None:
        wanted = wanted.where(OperatorWarning.what == what)
    return list(session.exec(wanted))


def warned_since(session: Session, what: str) -> datetime | None:
    """When the first open warning of what is named was raised."""
    wanted = _still_open(select(func.min(col(OperatorWarning.raised_at)))).where(
        OperatorWarning.what == what
    )
    found: datetime | None = session.exec(wanted).one()
    return found


def _still_open(wanted: Any) -> Any:
    closed = select(WarningClosed.warning_id).where(WarningClosed.warning_id == OperatorWarning.id)
    return wanted.where(~closed.exists())
