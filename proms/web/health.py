"""Whether web, database and worker are well: the database only if it takes a write."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy.exc import DBAPIError

from proms.actions.audit import ActorKind
from proms.actions.heartbeats import beat
from proms.db.session import Database
from proms.db.tables import Heartbeat

SILENT_AFTER = timedelta(minutes=2)
WRITES_EVERY = timedelta(seconds=5)  # however often somebody asks
PATIENCE_SECONDS = 5  # for another's lock
WELL, AWAY, READ_ONLY = "ok", "away", "takes no writes"
WEB = "web"


@dataclass
class Pulse:
    """What this process last saw of the database, and when it looked."""

    state: str = WELL
    looked_at: datetime | None = None
    turn: Lock = field(default_factory=Lock)

    def of(self, database: Database, now: datetime) -> str:
        """How the database takes a write. One caller looks; the others meanwhile are told what was
        seen last, so that nobody who asks often keeps patients from saving."""
        if self._is_fresh(now) or not self.turn.acquire(blocking=False):
            return self.state
        try:
            self.state = _takes_a_write(database, now)
            self.looked_at = now
        finally:
            self.turn.release()
        return self.state

    def _is_fresh(self, now: datetime) -> bool:
        if self.looked_at is None:
            return False
        return timedelta() <= now - self.looked_at < WRITES_EVERY


def states(database: Database, pulse: Pulse, now: datetime) -> dict[str, str]:
    """How web, database and worker are; heartbeats are in real time, also in a demo."""
    try:
        with database.reading() as session:
            last = session.get(Heartbeat, ActorKind.WORKER.value)
    except DBAPIError:
        return {"web": WELL, "database": AWAY, "worker": "unknown"}
    return {"web": WELL, "database": pulse.of(database, now), "worker": _worker(last, now)}


def _worker(last: Heartbeat | None, now: datetime) -> str:
    if last is None:
        return "never started"
    return WELL if now - last.beat_at < SILENT_AFTER else "silent"


def _takes_a_write(database: Database, now: datetime) -> str:
    """Written to the disk in earnest: one that is full, or mounted to read only, still reads."""
    try:
        with database.writing(patience=PATIENCE_SECONDS) as session:
            beat(session, process=WEB, now=now)
    except DBAPIError:
        return READ_ONLY
    return WELL
