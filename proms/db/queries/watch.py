"""What the watch looks at: each question costs what is owed, open or of the last day, never what
exists."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, literal, literal_column
from sqlmodel import Session, col, func, select

from proms.db.queries.warnings import open_warnings
from proms.db.tables import (
    Alert,
    Assignment,
    Delivery,
    Heartbeat,
    Response,
    SetAside,
    SiteTexts,
    TickState,
)
from proms.db.tables.partial import among
from proms.domain.alert import Urgency
from proms.domain.alert.record import AlertState
from proms.domain.reminder import DeliveryState, MessageKind
from proms.domain.schedule import OUTSTANDING
from proms.domain.watch import UNDECIDED_LATE, LaneSeen, TickSeen, Watched

WORKER = "worker"  # as it signs its heartbeat
TO_STAFF = (MessageKind.STAFF_NOTICE, MessageKind.DIGEST)
# As ix_delivery_owed has them.
UNSETTLED = (DeliveryState.DUE, DeliveryState.SENDING, DeliveryState.UNKNOWN)
TO_LEAVE = (DeliveryState.DUE, DeliveryState.SENDING)
ARRIVED = (DeliveryState.SENT, DeliveryState.DELIVERED)
TAKEN_BACK = (DeliveryState.CANCELLED,)
DAY = timedelta(days=1)
DEAD_FOR = timedelta(days=7)
SETTLED_BY = timedelta(minutes=5)  # what came due before that has been sent, or should have been
TOO_LONG = timedelta(minutes=30)  # as the red bar counts


def ticks_seen(session: Session) -> tuple[TickSeen, ...]:
    """How each tick went of late."""
    return tuple(
        TickSeen(
            row.tick,
            row.failures,
            row.failures_total,
            row.failing_since,
            row.succeeded_at,
            row.seconds,
        )
        for row in session.exec(select(TickState).order_by(col(TickState.tick)))
    )


def last_beat(session: Session) -> datetime | None:
    """When a worker last showed that it lives, in real time."""
    return session.exec(select(Heartbeat.beat_at).where(Heartbeat.process == WORKER)).first()


def watched(session: Session, *, now: datetime) -> Watched:
    """All of it at one moment of the clinic."""
    staff, patients = _lanes(session, now)
    aside, aside_since = _set_aside(session)
    untaken, overdue, oldest = _red(session, now)
    full, held = _texts(session, now)
    return Watched(
        beat_at=last_beat(session),
        ticks=ticks_seen(session),
        staff=staff,
        patients=patients,
        undecided=_undecided(session, now),
        dead=_dead(session, now),
        texts_full=full,
        texts_held=held,
        set_aside=aside,
        set_aside_since=aside_since,
        red_untaken=untaken,
        red_overdue=overdue,
        red_oldest=oldest,
        submissions=_submissions(session, now),
        differences=len(open_warnings(session)),
    )


def _lanes(session: Session, now: datetime) -> tuple[LaneSeen, LaneSeen]:
    """The lane of the staff and that of the patients."""
    owed: dict[bool, dict[str, int]] = defaultdict(dict)
    oldest: dict[bool, datetime] = {}
    to_staff: Any = case((col(Delivery.kind).in_(TO_STAFF), literal(1)), else_=literal(0))
    # A notice waits from its start, also while it is tried again; a reminder from its hour.
    waits_from = case(
        (col(Delivery.kind).in_(TO_STAFF), Delivery.created_at), else_=Delivery.due_at
    )
    rows = session.exec(
        select(
            to_staff,
            Delivery.state,
            func.count(),
            func.min(case((col(Delivery.due_at) <= now, waits_from), else_=None)),
        )
        .where(among(Delivery.state, UNSETTLED))
        .group_by(to_staff, col(Delivery.state))
    )
    for is_staff, state, count, first in rows:
        lane = bool(is_staff)
        owed[lane][state] = count
        if first is not None and state in TO_LEAVE:
            oldest[lane] = min(first, oldest.get(lane, first))
    expected, sent = _came_due(session, to_staff, now)
    of_staff, of_patients = (
        LaneSeen(owed[lane], oldest.get(lane), expected[lane], sent[lane]) for lane in (True, False)
    )
    return of_staff, of_patients


def _came_due(
    session: Session, to_staff: Any, now: datetime
) -> tuple[dict[bool, int], dict[bool, int]]:
    """How many of each lane came due in a day, and how many of those were sent."""
    last = now - SETTLED_BY
    expected: dict[bool, int] = defaultdict(int)
    sent: dict[bool, int] = defaultdict(int)
    rows = session.exec(
        select(to_staff, Delivery.state, func.count())
        .where(col(Delivery.due_at) > last - DAY, col(Delivery.due_at) <= last)
        .group_by(to_staff, col(Delivery.state))
    )
    for is_staff, state, count in rows:
        if state not in TAKEN_BACK:
            expected[bool(is_staff)] += count
        if state in ARRIVED:
            sent[bool(is_staff)] += count
    return expected, sent


def _undecided(session: Session, now: datetime) -> int:
    return session.exec(
        select(func.count())
        .select_from(Assignment)
        .where(
            col(Assignment.message_at) <= now - UNDECIDED_LATE,
            col(Assignment.state).in_(OUTSTANDING),
        )
    ).one()


def _dead(session: Session, now: datetime) -> int:
    # Written out as the index has it: SQLite sees no index where it reads a list of one.
    dead = col(Delivery.state) == literal_column(f"'{DeliveryState.DEAD.value}'")
    of_late = col(Delivery.settled_at) > now - DEAD_FOR
    return session.exec(select(func.count()).select_from(Delivery).where(dead, of_late)).one()


def _texts(session: Session, now: datetime) -> tuple[int, int]:
    """At how many sites no more texts leave today, and how many wait there."""
    full = select(SiteTexts.held).where(col(SiteTexts.full_until) > now)
    held = session.exec(full).all()
    return len(held), sum(held)


def _set_aside(session: Session) -> tuple[int, datetime | None]:
    waiting = col(SetAside.retry_at).is_(None)
    return session.exec(select(func.count(), func.min(SetAside.since)).where(waiting)).one()


def _red(session: Session, now: datetime) -> tuple[int, int, datetime | None]:
    """The red alerts that nobody has taken, those for too long, and when the first clock began."""
    clocks = session.exec(
        select(Alert.clock_from).where(
            # Says what the index of unresolved alerts holds.
            col(Alert.resolved_at).is_(None),
            Alert.state == AlertState.OPEN,
            Alert.urgency == Urgency.RED,
        )
    ).all()
    overdue = [clock for clock in clocks if clock <= now - TOO_LONG]
    return len(clocks), len(overdue), min(clocks, default=None)


def _submissions(session: Session, now: datetime) -> int:
    since = col(Response.submitted_at) > now - DAY
    return session.exec(select(func.count()).select_from(Response).where(since)).one()
