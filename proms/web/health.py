"""Whether web, database and worker are well: the database only if it takes a write, the worker only
if its ticks succeed; and what else the watch sees."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from proms.actions.heartbeats import beat
from proms.db.queries.watch import watched
from proms.db.session import Database
from proms.domain.watch import SILENT_AFTER, LaneSeen, Watch, Watched, troubles

WRITES_EVERY = timedelta(seconds=5)  # however often somebody asks
PATIENCE_SECONDS = 5  # for another's lock
WELL, AWAY, READ_ONLY, UNKNOWN = "ok", "away", "takes no writes", "unknown"
DEGRADED, UNWELL = "degraded", "unwell"
WEB = "web"
# What nobody should be sent here for; a proxy that takes a 503 for "send nobody here" would keep
# patients away for all else.
GRAVE = frozenset({Watch.WORKER, Watch.TICKS, Watch.NOTICES})
SAID = {
    Watch.TICKS: "failing",
    Watch.NOTICES: "late",
    Watch.MESSAGES: "late",
    Watch.ALERTS: "not taken",
    Watch.AUDIT: "differences",
    Watch.SET_ASIDE: "waiting",
    Watch.DEAD: "not delivered",
    Watch.TEXTS: "day full",
}


@dataclass(frozen=True)
class Look:
    """What was seen of the database and of the work at one moment."""

    database: str
    seen: Watched | None  # None: nothing could be read
    now: datetime  # the clinic's
    clinic_then: datetime
    looked_at: datetime
    real_now: datetime

    def judged(self, real_now: datetime) -> "Look":
        """What was seen, as old as it is by now: a worker turns silent on the second."""
        passed = real_now - self.looked_at
        return replace(self, now=self.clinic_then + passed, real_now=real_now)

    @property
    def troubles(self) -> tuple[Watch, ...]:
        if self.seen is None:
            return ()
        return troubles(self.seen, now=self.now, real_now=self.real_now)

    @property
    def status(self) -> str:
        if self.database != WELL or GRAVE.intersection(self.troubles):
            return UNWELL
        return DEGRADED if self.troubles else WELL

    def in_words(self) -> dict[str, Any]:
        """For whoever asks: which part is not well, and since when; no count and no data."""
        said: dict[str, Any] = {"status": self.status, "web": WELL, "database": self.database}
        said["worker"] = self._worker()
        for what in self.troubles:
            if what in SAID:
                said[what.value] = SAID[what]
        if self.seen and Watch.TICKS in self.troubles:
            said["failing"] = [
                {"tick": tick.tick, "failures": tick.failures, "since": _written(tick.since())}
                for tick in self.seen.troubled_ticks(self.real_now)
            ]
        return said

    def in_figures(self) -> dict[str, Any]:
        """The same with what was counted."""
        said = self.in_words()
        if self.seen is None:
            return said
        beat_at = self.seen.beat_at
        return said | {
            "heartbeat_seconds": _seconds(self.real_now, beat_at),
            "lanes": {
                "staff": self._lane(self.seen.staff),
                "patients": self._lane(self.seen.patients),
            },
            "undecided": self.seen.undecided,
            "dead": self.seen.dead,
            "texts_full": self.seen.texts_full,
            "texts_held": self.seen.texts_held,
            "set_aside_rows": self.seen.set_aside,
            "set_aside_since": _written(self.seen.set_aside_since),
            "red_not_taken": self.seen.red_untaken,
        }

    def _lane(self, lane: LaneSeen) -> dict[str, Any]:
        return {
            "owed": dict(lane.owed),
            "oldest_due_seconds": _seconds(self.now, lane.oldest_due),
            "expected": lane.expected,
            "sent": lane.sent,
        }

    def _worker(self) -> str:
        if self.seen is None:
            return UNKNOWN
        if self.seen.beat_at is None:
            return "never started"
        return WELL if self.real_now - self.seen.beat_at < SILENT_AFTER else "silent"


@dataclass
class Pulse:
    """What this process saw last, and when it looked."""

    last: Look | None = None
    turn: Lock = field(default_factory=Lock)

    def of(self, database: Database, clinic: Callable[[Session], datetime], now: datetime) -> Look:
        """How all is. One caller looks; the others meanwhile are told what was seen last, so that
        nobody who asks often keeps patients from saving."""
        last = self.last
        if last and (self._is_fresh(last, now) or not self.turn.acquire(blocking=False)):
            return last.judged(now)
        if last is None:
            self.turn.acquire()
        try:
            self.last = _look(database, clinic, now)
            return self.last
        finally:
            self.turn.release()

    def _is_fresh(self, last: Look, now: datetime) -> bool:
        return timedelta() <= now - last.looked_at < WRITES_EVERY


def _look(database: Database, clinic: Callable[[Session], datetime], now: datetime) -> Look:
    """Reads first; heartbeats are in real time, also in a demo."""
    try:
        with database.reading() as session:
            at_clinic = clinic(session)
            seen = watched(session, now=at_clinic)
    except DBAPIError:
        return Look(AWAY, None, now, now, now, now)
    return Look(_takes_a_write(database, now), seen, at_clinic, at_clinic, now, now)


def _takes_a_write(database: Database, now: datetime) -> str:
    """Written to the disk in earnest: one that is full, or mounted to read only, still reads."""
    try:
        with database.writing(patience=PATIENCE_SECONDS) as session:
            beat(session, process=WEB, now=now)
    except DBAPIError:
        return READ_ONLY
    return WELL


def _written(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _seconds(now: datetime, at: datetime | None) -> int | None:
    return max(0, int((now - at).total_seconds())) if at else None
