"""What each tick does: one action, on what is due now."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import NamedTuple, Protocol

import structlog

from proms import clock
from proms.actions import heartbeats
from proms.actions.alert_audit import AT_ONCE, audit_alerts
from proms.actions.answered_packs import hold_answered
from proms.actions.asking import ask_providers
from proms.actions.delayed_alerts import raise_delayed
from proms.actions.deliveries import Lane, deliver_due
from proms.actions.demo_clock import move_clock
from proms.actions.digests import send_digests
from proms.actions.keyed_calls import forget_calls
from proms.actions.letters import Post
from proms.actions.lost_reports import ask_lost_reports
from proms.actions.notices import repeat_notices
from proms.actions.protocol_versions import follow_due
from proms.actions.reminders import remind_due
from proms.actions.schedule import expire_due, replan_due
from proms.actions.scores import check_scores
from proms.actions.set_aside import forget_gone
from proms.actions.taken_alerts import return_taken
from proms.actions.tick_states import note_done, note_failed
from proms.actions.unsent_alerts import raise_unsent
from proms.actions.wordings import follow_wordings
from proms.content import Library
from proms.db.queries.demo_time import offset
from proms.db.queries.watch import watched
from proms.db.session import Database
from proms.domain.tick import USUAL, Tries
from proms.domain.watch import ALARMING, troubles
from proms.logs import kinds, places

log = structlog.get_logger()
WORKER = "worker"
AUDIT_EVERY = timedelta(minutes=5)
NOTED_EVERY = timedelta(minutes=1)


@dataclass
class LastOffered:
    """What this worker saw when it last looked at what patients may be asked, the evaluation it
    audited last and, in real time, when its next round begins; gone with the process."""

    offered: frozenset[tuple[str, str]] | None = None
    audited: int = 0
    next_round: datetime | None = None
    noted: dict[str, datetime] = field(default_factory=dict)  # when a tick was noted as done


class Switch(Protocol):
    """The dead-man's switch outside."""

    def tell(self, *, well: bool) -> bool:
        """Say that all is well, or nothing, or that it is not where the switch understands that."""


@dataclass(frozen=True)
class Work:
    """What a tick needs; `read_library` gives the library as it is at that moment."""

    database: Database
    read_library: Callable[[], Library]
    post: Post
    protocol: str
    demo: bool
    last_seen: LastOffered = field(default_factory=LastOffered)
    people: "People | None" = None  # in a demo, who act while the days pass
    stopping: Callable[[], bool] = lambda: False  # whether the worker has been asked to stop
    tries: Tries = USUAL
    switch: Switch | None = None  # outside, which hears that all is well

    @property
    def library(self) -> Library:
        return self.read_library()

    def now(self) -> datetime:
        """The instant work is measured against; in a demo it is demo time."""
        if not self.demo:
            return clock.now()
        with self.database.reading() as session:
            return clock.now() + offset(session)


@dataclass(frozen=True)
class People:
    """The invented people of a demo: what they have done by a moment, and the hours at which they
    act."""

    live: Callable[[Work], int]
    hours: tuple[time, ...]


def offer(work: Work) -> int:
    """Have every plan renewed after a licensed wording was installed or taken away."""
    offered = work.library.offered
    if offered == work.last_seen.offered:
        return 0
    with work.database.writing() as session:
        count = follow_wordings(session, offered, now=work.now())
    work.last_seen.offered = offered
    return count


def renew_plans(work: Work) -> int:
    """Re-plan the patients whose next re-plan date has come."""
    with work.database.writing() as session:
        return replan_due(session, work.library, now=work.now(), tries=work.tries)


def follow(work: Work) -> int:
    """Move patients to a version of the protocol that has taken effect."""
    with work.database.writing() as session:
        return follow_due(session, work.library, now=work.now(), tries=work.tries)


def expire(work: Work) -> int:
    """Mark as missed what closed unanswered."""
    with work.database.writing() as session:
        return expire_due(session, work.library, now=work.now(), tries=work.tries)


def remind(work: Work) -> int:
    """Decide the messages that are due; of what was answered, that none is sent."""
    now = work.now()
    with work.database.writing() as session:
        asked = remind_due(session, work.library, now=now, tries=work.tries)
    with work.database.writing() as session:
        return asked + hold_answered(session, work.library, now=now, tries=work.tries)


def _deliver(work: Work, lane: Lane) -> int:
    return deliver_due(
        work.database,
        work.library,
        work.post,
        lane=lane,
        now=work.now(),
        stopping=work.stopping,
        tries=work.tries,
    )


def notify(work: Work) -> int:
    """Send what is owed to staff, in a lane of its own: reminders and a slow provider hold up no
    notice."""
    return _deliver(work, Lane.STAFF)


def deliver(work: Work) -> int:
    """Send what is owed to patients."""
    return _deliver(work, Lane.PATIENTS)


def ask(work: Work) -> int:
    """Find out what became of the messages whose outcome is not known."""
    now = work.now()
    in_doubt = ask_providers(work.database, work.post, now=now, tries=work.tries)
    return in_doubt + ask_lost_reports(work.database, work.post, now=now)


def unsent(work: Work) -> int:
    """Raise what cannot wait and was not sent."""
    with work.database.writing() as session:
        return raise_unsent(session, work.library, now=work.now(), tries=work.tries)


def give_back(work: Work) -> int:
    """Give back what was taken and not closed in time."""
    with work.database.writing() as session:
        return return_taken(session, now=work.now(), tries=work.tries)


def late(work: Work) -> int:
    """Raise the alerts that an arm's policy kept back until now."""
    with work.database.writing() as session:
        return raise_delayed(session, now=work.now(), tries=work.tries)


def audit(work: Work) -> int:
    """Work evaluations out again, some at a time; a round is over with the last, and the next one
    begins five minutes later."""
    seen = work.last_seen
    # In real time: half a year that is played in a minute is not audited at each of its stops.
    if seen.next_round and clock.now() < seen.next_round:
        return 0
    with work.database.writing() as session:
        found = audit_alerts(
            session, work.library, after=seen.audited, now=work.now(), tries=work.tries
        )
    seen.audited = found.last
    if found.looked_at < AT_ONCE:
        seen.audited, seen.next_round = 0, clock.now() + AUDIT_EVERY
        return 0
    return found.looked_at


def repeat(work: Work) -> int:
    """Take the next step of red alerts that nobody has taken."""
    with work.database.writing() as session:
        return repeat_notices(session, now=work.now(), tries=work.tries)


def digest(work: Work) -> int:
    """Tell who is on duty, at the start of hours, how many patients wait."""
    with work.database.writing() as session:
        return send_digests(
            session, now=work.now(), tries=work.tries, served=work.post.channels.keys()
        )


def forget(work: Work) -> int:
    """Forget the answers to writes of the API that nobody sends again, and what was to be tried
    again and is gone."""
    with work.database.writing() as session:
        return forget_calls(session, now=work.now()) + forget_gone(session, now=work.now())


def check(work: Work) -> int:
    """Once a night, work some stored scores out again."""
    with work.database.writing() as session:
        return check_scores(session, work.library, dice=Random(), now=work.now())


def beat(work: Work) -> int:
    """Show that the worker lives, in real time."""
    with work.database.writing() as session:
        heartbeats.beat(session, process=WORKER, now=clock.now())
    return 0


def ping(work: Work) -> int:
    """Tell the switch outside that all is well, if it is."""
    if work.switch:
        with work.database.reading() as session:
            seen = watched(session, now=work.now())
        wrong = troubles(seen, now=work.now(), real_now=clock.now())
        work.switch.tell(well=not ALARMING.intersection(wrong))
    return 0


def pass_days(work: Work) -> int:
    """In a demo, let the days that somebody asked for pass: stop by stop, each time with all that
    is due by then."""
    hours = work.people.hours if work.people else ()
    with work.database.writing() as session:
        messages = work.library.protocol(work.protocol).messages
        moved = move_clock(session, moments=[messages.at, *hours], real_now=clock.now())
    if moved:
        run_all(work)
        if work.people and work.people.live(work):
            run_all(work)
    return int(moved)


Tick = Callable[[Work], int]


class Rhythm(NamedTuple):
    """The seconds between two runs of a tick, in earnest and in a demo."""

    seconds: int
    in_demo: int
    tick: Tick


# In the order in which they run one after the other: what one of them makes due, a later one does.
TICKS = {
    "beat": Rhythm(20, 5, beat),
    "offer": Rhythm(60, 60, offer),
    "follow": Rhythm(60, 5, follow),
    "renew_plans": Rhythm(60, 3, renew_plans),
    "expire": Rhythm(60, 5, expire),
    "remind": Rhythm(30, 3, remind),
    "unsent": Rhythm(30, 5, unsent),
    "late": Rhythm(60, 5, late),
    "give_back": Rhythm(30, 5, give_back),
    "repeat": Rhythm(30, 5, repeat),
    "digest": Rhythm(60, 5, digest),
    "notify": Rhythm(5, 2, notify),
    "ask": Rhythm(20, 5, ask),
    "deliver": Rhythm(10, 2, deliver),
    "audit": Rhythm(60, 60, audit),
    "check": Rhythm(600, 60, check),
    "forget": Rhythm(3600, 600, forget),
}

# In real time, and not part of what is due at a moment.
OUTSIDE = {"ping": Rhythm(60, 60, ping)}

# Only in a demo, and not part of what is due at a moment: it moves the moment.
DEMO_TICKS = {"pass_days": Rhythm(1, 1, pass_days)}


def run(name: str, tick: Tick, work: Work) -> None:
    """One tick, until nothing more is due or the worker is to stop; what goes wrong is logged and
    counted, and the next tick tries again."""
    try:
        while not work.stopping() and (count := tick(work)):
            log.info("tick", tick=name, count=count)
            _note(name, work)
    except Exception as error:  # noqa: BLE001  (a failing tick must not stop the others)
        log.error("tick_failed", tick=name, error=kinds(error), trace=places(error))
        _note(name, work, failed=error)
    else:
        _note(name, work)


def _note(name: str, work: Work, failed: Exception | None = None) -> None:
    """Keep how a tick went: each failure, and once a minute that it was done."""
    seen, now = work.last_seen, clock.now()
    noted = seen.noted.get(name)
    if failed is None and noted is not None and now - noted < NOTED_EVERY:
        return
    rhythm = {**TICKS, **OUTSIDE, **DEMO_TICKS}[name]
    seconds = rhythm.in_demo if work.demo else rhythm.seconds
    try:
        with work.database.writing() as session:
            if failed is None:
                note_done(session, tick=name, seconds=seconds, now=now)
                seen.noted[name] = now
            else:
                seen.noted.pop(name, None)
                error = kinds(failed)
                note_failed(session, tick=name, seconds=seconds, error=error, now=now)
    except Exception as error:  # noqa: BLE001  (the database is away: the silence itself is noticed)
        log.error("tick_not_noted", tick=name, error=kinds(error), trace=places(error))


def run_all(work: Work) -> None:
    """Every tick once, in order: what a worker does in a minute."""
    for rhythm in TICKS.values():
        while rhythm.tick(work):
            pass
