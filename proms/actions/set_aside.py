"""A record that raises in a tick stops none of the others: it is tried again a few times, then set
aside for a person."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlmodel import Session, col, delete, select

from proms.actions.audit import WORKER, Actor, Subject, record
from proms.actions.refusals import NotFound
from proms.db.queries.set_aside import waits_at
from proms.db.tables import Patient, SetAside
from proms.domain.tick import USUAL, TickName, Tries
from proms.logs import kinds, places

log = structlog.get_logger()
LONGEST_NAME = 128  # of an error, as the table keeps it
SUBJECT = "set_aside"
LONG_GONE = timedelta(hours=12)
Row = TypeVar("Row")


@dataclass(frozen=True)
class Unit(Generic[Row]):
    """What of a tick's work stands or falls together: a row or several, under the id of one record.
    Its owner is its site: the patient's, where it has one."""

    id: int
    row: Row
    site_id: int | None = None
    patient_id: int | None = None


@dataclass(frozen=True)
class Attempt:
    """Which tick tries at what moment, and how often it does."""

    tick: TickName
    now: datetime
    tries: Tries = USUAL


def each_apart(
    session: Session,
    units: Sequence[Unit[Row]],
    act: Callable[[list[Row]], object],
    attempt: Attempt,
) -> set[int]:
    """Act on all of them at once; where that raises, on ever smaller parts, until what raises is
    alone and noted. Returns the ids of those; the caller commits.

    What `act` did in the session is undone where it raises, and done again for the others. Raises
    what is the database's fault and no record's.
    """
    failed = set(_failing(session, units, act, attempt))
    forget(session, [unit.id for unit in units if unit.id not in failed], attempt)
    return failed


def _failing(
    session: Session,
    units: Sequence[Unit[Row]],
    act: Callable[[list[Row]], object],
    attempt: Attempt,
) -> Iterable[int]:
    if not units:
        return
    try:
        with session.begin_nested():
            act([unit.row for unit in units])
    except Exception as error:
        if is_of_database(error):
            raise
        if len(units) == 1:
            note_failure(session, units[0], error, attempt)
            yield units[0].id
            return
        # Halves: one bad record among hundreds costs a handful of rounds, not hundreds.
        middle = len(units) // 2
        yield from _failing(session, units[:middle], act, attempt)
        yield from _failing(session, units[middle:], act, attempt)


def is_of_database(error: Exception) -> bool:
    """Whether the connection, a lock or the disk failed: no record is to blame, and the next tick
    tries them all."""
    if isinstance(error, OperationalError | InterfaceError | MemoryError):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


def note_failure(
    session: Session, unit: Unit[Row], error: Exception, attempt: Attempt
) -> datetime | None:
    """Keep that this record raised, with the kind of error and nothing of its words; the caller
    commits. Returns when it is tried again, None once it is set aside."""
    held = session.exec(
        select(SetAside).where(SetAside.tick == attempt.tick, SetAside.subject_id == unit.id)
    ).first()
    patient = session.get(Patient, unit.patient_id) if unit.patient_id else None
    held = held or SetAside(
        tick=attempt.tick,
        subject_id=unit.id,
        site_id=patient.site_id if patient else unit.site_id,
        patient_id=unit.patient_id,
        error="",
        tries=0,
        since=attempt.now,
        tried_at=attempt.now,
    )
    held.error = kinds(error)[:LONGEST_NAME]
    held.tries += 1
    held.tried_at = attempt.now
    held.retry_at = attempt.tries.next_at(held.tries, attempt.now)
    session.add(held)
    session.flush()
    log.error(
        "row_failed",
        tick=attempt.tick,
        row=unit.id,
        tries=held.tries,
        error=held.error,
        trace=places(error),
    )
    if held.retry_at is None:
        subject = Subject(SUBJECT, held.id, held.patient_id, held.site_id)
        record(
            session,
            "row.set_aside",
            subject,
            by=WORKER,
            now=attempt.now,
            tick=attempt.tick.value,
            error=held.error,
            tries=held.tries,
        )
    return held.retry_at


def forget(session: Session, ids: Collection[int], attempt: Attempt) -> None:
    """What was dealt with, or is gone, needs nobody any more; the caller commits."""
    if ids:
        session.exec(
            delete(SetAside).where(
                col(SetAside.tick) == attempt.tick, col(SetAside.subject_id).in_(ids)
            )
        )


def try_again(
    session: Session, *, set_aside_id: int, site_id: int, by: Actor, now: datetime
) -> SetAside:
    """Have the next tick try a record again that was set aside, as often as a new one; raises
    NotFound where nothing of this site, or of none, waits under that id."""
    wanted = select(SetAside).where(SetAside.id == set_aside_id, *waits_at(site_id))
    held = session.exec(wanted.with_for_update()).first()
    if held is None:
        raise NotFound("There is nothing set aside under that number.")
    held.tries, held.retry_at = 0, now
    session.add(held)
    subject = Subject(SUBJECT, held.id, held.patient_id, held.site_id)
    record(session, "row.tried_again", subject, by=by, now=now, tick=held.tick)
    session.commit()
    return held


def forget_gone(session: Session, *, now: datetime) -> int:
    """Forget what was to be tried again long ago and that no tick came across since: nothing is due
    of it any more. Returns how many."""
    gone = delete(SetAside).where(col(SetAside.retry_at) <= now - LONG_GONE)
    forgotten = session.exec(gone).rowcount
    session.commit()
    return forgotten
