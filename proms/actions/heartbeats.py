"""That a process lives and the database takes what it writes."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from proms.db.append_only import INSERT
from proms.db.tables import Heartbeat


def beat(session: Session, *, process: str, now: datetime) -> None:
    """Write when this kind of process last showed that it lives: one row each, in real time."""
    insert: Any = INSERT[session.get_bind().dialect.name]
    first = insert(Heartbeat).values(process=process, beat_at=now)
    again = first.on_conflict_do_update(index_elements=["process"], set_={"beat_at": now})
    session.exec(again)
    session.commit()
