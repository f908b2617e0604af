"""Demo time: real time plus an offset in the database."""

from datetime import timedelta

from sqlmodel import Session

from proms.db.tables import DemoClock


def offset(session: Session) -> timedelta:
    """How far demo time runs ahead; nothing where there is no demo clock."""
    held = session.get(DemoClock, 1)
    return timedelta(seconds=held.offset_seconds if held else 0)
