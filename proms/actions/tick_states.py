"""How each tick went, in a transaction of its own: what failed in the tick's is gone with it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete

from proms.db.append_only import INSERT
from proms.db.tables import TickState

LONGEST_NAME = 128  # of an error, as the table keeps it


def note_done(session: Session, *, tick: str, seconds: int, now: datetime) -> None:
    """That a tick was done, in real time; what failed before has passed."""
    well = {
        "failures": 0,
        "failing_since": None,
        "error": None,
        "succeeded_at": now,
        "seconds": seconds,
    }
    insert: Any = INSERT[session.get_bind().dialect.name]
    first = insert(TickState).values(tick=tick, failures_total=0, **well)
    session.exec(first.on_conflict_do_update(index_elements=["tick"], set_=well))
    session.commit()


def keep_ticks(session: Session, ticks: Collection[str]) -> None:
    """Forget what is on record of ticks that this installation has no more: they would seem to
    stand still for ever."""
    session.exec(delete(TickState).where(col(TickState.tick).not_in(ticks)))
    session.commit()


def note_failed(session: Session, *, tick: str, seconds: int, error: str, now: datetime) -> int:
    """That a tick failed, in real time, with the kind of error and nothing of its words.

    Returns how often in a row.
    """
    insert: Any = INSERT[session.get_bind().dialect.name]
    bare = insert(TickState).values(tick=tick, failures=0, failures_total=0)
    session.exec(bare.on_conflict_do_nothing())
    # Locked: of two workers that fail at once both are counted.
    state = session.get_one(TickState, tick, with_for_update=True)
    state.failures += 1
    state.failures_total += 1
    state.failing_since = state.failing_since or now
    state.failed_at = now
    state.error = error[:LONGEST_NAME]
    state.seconds = seconds
    session.add(state)
    session.commit()
    return state.failures
