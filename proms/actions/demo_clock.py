"""The demo's clock: somebody asks for a day or a week, and the worker lets the days pass one by
one."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from proms.actions.audit import WORKER, Actor, Subject, record
from proms.actions.refusals import DaysPassing, FieldFault, Incomplete, NotFound
from proms.db.queries.demo_time import offset, still_to_go
from proms.db.tables import DemoClock, Site
from proms.db.tables.worker import GOAL, NOW

DAY = timedelta(days=1)
LONGEST = timedelta(days=28)
MIDNIGHT = time(0)
CLOCK = Subject("demo_clock", NOW)


def ask_for_days(session: Session, *, days: int, by: Actor, now: datetime) -> timedelta:
    """Ask for the demo's clock to run so many days ahead; returns how far it has to go.

    The clock itself is moved by the worker, because it has to stop wherever something falls due.
    Raises NotFound where there is no demo clock, Incomplete for a way back or more than four weeks,
    and DaysPassing while it is on its way.
    """
    clock = session.exec(select(DemoClock).where(DemoClock.id == NOW).with_for_update()).first()
    if clock is None:
        raise NotFound("Only a demo has a clock that can be moved.")
    if still_to_go(session):
        raise DaysPassing("The days that were asked for are still passing.")
    ahead = days * DAY
    if not timedelta() < ahead <= LONGEST:
        raise Incomplete("days", FieldFault.DEMO_DAYS)
    session.merge(DemoClock(id=GOAL, offset_seconds=clock.offset_seconds + ahead.total_seconds()))
    record(session, "demo.days_asked", CLOCK, by=by, now=now, days=days)
    session.commit()
    return ahead


def move_clock(session: Session, *, moments: Iterable[time], real_now: datetime) -> bool:
    """Move the demo's clock on to where it next has to stop; returns whether it moved.

    It stops at every midnight, when windows close and plans change, and at each of these clock
    times of every site, when messages are decided; last at its goal. The caller does everything
    that is due at each stop before it asks for the next one. So the days pass one by one: a
    reminder of the third day leaves on the third day, not in a burst of late ones at the end, and
    what a message would have said or held back is decided as it stood then. What would have come
    between two stops, such as the half-hourly repeats of a notice, comes once, at the next stop.
    """
    clock = session.exec(select(DemoClock).where(DemoClock.id == NOW).with_for_update()).first()
    ahead = still_to_go(session)
    if clock is None or not ahead:
        return False
    now = real_now + offset(session)
    goal = now + ahead
    stop = goal
    stopping_times = (MIDNIGHT, *moments)
    for timezone in session.exec(select(Site.timezone)):
        for at in stopping_times:
            stop = min(stop, _next(now, at, ZoneInfo(timezone)))
    clock.offset_seconds += (stop - now).total_seconds()
    if stop == goal:
        session.delete(session.get_one(DemoClock, GOAL))
    record(session, "demo.clock_moved", CLOCK, by=WORKER, now=stop)
    session.commit()
    return True


def _next(now: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The first instant after `now` at which a clock in this zone shows this time."""
    today = now.astimezone(zone).date()
    next_time = datetime.combine(today, at, zone).astimezone(UTC)
    if next_time <= now:
        next_time = datetime.combine(today + DAY, at, zone).astimezone(UTC)
    return next_time
