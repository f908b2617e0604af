"""Whether messages leave and alerts are looked at: what the watch sees, and what of it is
trouble."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

SILENT_AFTER = timedelta(minutes=2)
FAILING_AFTER = timedelta(minutes=1)
RHYTHMS_MISSED = 3
STUCK_AFTER = timedelta(minutes=10)  # and so many rhythms: a tick may wait for a slow provider
NOTICE_LATE = timedelta(seconds=60)
REMINDER_LATE = timedelta(minutes=30)
UNDECIDED_LATE = timedelta(minutes=5)


class Watch(StrEnum):
    """A thing that can be in trouble, as the front door, the metrics and the red bar name it."""

    WORKER = "worker"
    TICKS = "ticks"
    NOTICES = "notices"
    MESSAGES = "messages"
    ALERTS = "alerts"
    AUDIT = "audit"
    SET_ASIDE = "set_aside"
    DEAD = "dead"
    TEXTS = "texts"


# For which somebody outside is woken: the machine's own failures, not what waits for a clinician.
ALARMING = frozenset({Watch.WORKER, Watch.TICKS, Watch.NOTICES, Watch.MESSAGES, Watch.AUDIT})


@dataclass(frozen=True)
class TickSeen:
    """How a tick went of late, in real time."""

    tick: str
    failures: int = 0
    failures_total: int = 0
    failing_since: datetime | None = None
    succeeded_at: datetime | None = None
    seconds: int | None = None

    def fails(self, now: datetime) -> bool:
        """Whether it has failed since a minute ago or longer, and not succeeded since."""
        return self.failing_since is not None and now - self.failing_since >= FAILING_AFTER

    def is_stuck(self, now: datetime) -> bool:
        """Whether it was done before and for far longer than its rhythm was neither done nor
        failed."""
        if self.succeeded_at is None or self.seconds is None or self.failing_since:
            return False
        return now - self.succeeded_at > STUCK_AFTER + RHYTHMS_MISSED * timedelta(
            seconds=self.seconds
        )

    def since(self) -> datetime | None:
        """Since when it fails, or when it was last done."""
        return self.failing_since or self.succeeded_at


@dataclass(frozen=True)
class LaneSeen:
    """What one lane owes, by state, and since when the first of what is due waits."""

    owed: Mapping[str, int] = field(default_factory=dict)
    oldest_due: datetime | None = None
    expected: int = 0  # came due in the day that ended five minutes ago
    sent: int = 0  # of those


@dataclass(frozen=True)
class Watched:
    """All that the watch looks at. Beat and ticks are in real time, all else in the clinic's."""

    beat_at: datetime | None = None
    ticks: tuple[TickSeen, ...] = ()
    staff: LaneSeen = LaneSeen()
    patients: LaneSeen = LaneSeen()
    undecided: int = 0  # assignments whose message should have been decided
    dead: int = 0  # of the last week
    texts_full: int = 0  # sites whose patients are sent no more texts today
    texts_held: int = 0  # that wait for tomorrow
    set_aside: int = 0
    set_aside_since: datetime | None = None
    red_untaken: int = 0
    red_overdue: int = 0
    red_oldest: datetime | None = None
    submissions: int = 0  # of the last 24 hours
    differences: int = 0  # open warnings of scores and alerts that are not as they should be

    def troubled_ticks(self, real_now: datetime) -> tuple[TickSeen, ...]:
        """The ticks that fail or stand still."""
        return tuple(tick for tick in self.ticks if tick.fails(real_now) or tick.is_stuck(real_now))


def troubles(watched: Watched, *, now: datetime, real_now: datetime) -> tuple[Watch, ...]:
    """What is not as it should be; empty where all is well."""
    found = {
        Watch.WORKER: watched.beat_at is None or real_now - watched.beat_at >= SILENT_AFTER,
        Watch.TICKS: bool(watched.troubled_ticks(real_now)),
        Watch.NOTICES: _waits(watched.staff, now, NOTICE_LATE),
        Watch.MESSAGES: watched.undecided > 0 or _waits(watched.patients, now, REMINDER_LATE),
        Watch.ALERTS: watched.red_overdue > 0,
        Watch.AUDIT: watched.differences > 0,
        Watch.SET_ASIDE: watched.set_aside > 0,
        Watch.DEAD: watched.dead > 0,
        Watch.TEXTS: watched.texts_full > 0,
    }
    return tuple(what for what, wrong in found.items() if wrong)


def _waits(lane: LaneSeen, now: datetime, longest: timedelta) -> bool:
    return lane.oldest_due is not None and now - lane.oldest_due > longest
