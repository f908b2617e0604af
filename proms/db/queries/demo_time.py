"""Demo time: real time plus an offset in the database, and how far the clock still has to go."""

from datetime import timedelta

from sqlmodel import Session

from proms.db.tables import DemoClock
from proms.db.tables.worker import GOAL, NOW


def offset(session: Session) -> timedelta:
    """How far demo time runs ahead; nothing where there is no demo clock."""
    clock = session.get(DemoClock, NOW)
    if clock is None:
        return timedelta()
    return timedelta(seconds=clock.offset_seconds)


def still_to_go(session: Session) -> timedelta:
    """How far the clock is asked to go from where it stands now; nothing when it has arrived."""
    goal = session.get(DemoClock, GOAL)
    if goal is None:
        return timedelta()
    return timedelta(seconds=goal.offset_seconds) - offset(session)
