"""The schedule: a plan renewed after a cycle changed, and what a tick costs when much exists and
little is due."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from time import perf_counter

from sqlalchemy import text
from sqlmodel import Session, col, select

from bench.crowd import DUE, NOW, crowd, engines, opened
from bench.timing import Figure, taking_turns
from proms.actions.history import record_entry
from proms.actions.reminders import remind_due
from proms.actions.schedule import expire_due
from proms.content import Library
from proms.db.session import Database
from proms.db.tables import Patient, Staff
from proms.domain.schedule import Cycle, CycleStatus, History, plan, reconcile
from proms.domain.schedule.history_entry import CycleRecorded

TODAY = NOW.date()
ONES = 20  # patients re-planned a turn
ROW = "a row committed"


def figures(
    library: Library, patients: Sequence[int], assignments: Sequence[int], times: int
) -> Iterator[Figure]:
    """The pure step, then on each engine the saved one and the ticks, from little in the database
    to much."""
    yield _thought(library, times)
    with engines() as addresses:
        for engine, address in addresses.items():
            for held in patients:
                yield _renewed(library, engine, address(), held, times)
            for size in assignments:
                yield from _ticks(library, engine, address(), size, times)


def _thought(library: Library, times: int) -> Figure:
    """Plan and reconcile alone, against building the same rows without a thought."""
    protocol, history = library.protocol("pump-it").asking(["hsc", "qlq-c30"]), _history()
    rows = plan(protocol, history, TODAY)
    seconds = taking_turns(
        {
            "ours": lambda: [
                reconcile(plan(protocol, history, TODAY), {}, TODAY) for _ in range(ONES)
            ],
            "peer": lambda: [[each._replace(waiting=False) for each in rows] for _ in range(ONES)],
        },
        times,
    )
    ratio = seconds["peer"] / seconds["ours"]
    return Figure(
        "plan + reconcile, no commit", ONES, seconds["ours"], f"{len(rows)} rows copied", ratio
    )


def _renewed(library: Library, engine: str, address: str, held: int, times: int) -> Figure:
    """A cycle recorded a day later: plan, reconcile, audit and commit, against the commit of one
    row."""
    with opened(library, address, held) as (database, staff):
        with database.reading() as session:
            ids = session.exec(select(Patient.id).order_by(col(Patient.id)).limit(ONES)).all()
        shift = count(1)
        seconds = taking_turns(
            {
                "ours": lambda: [_later(database, library, staff, one, next(shift)) for one in ids],
                "peer": lambda: [_one_row(database) for _ in ids],
            },
            times,
            clock=perf_counter,
        )
    what = f"re-plan after a changed cycle, {engine}, {held:,} patients held"
    return Figure(
        what,
        len(ids),
        seconds["ours"],
        ROW,
        seconds["peer"] / seconds["ours"],
        "over 300 a second, flat",
    )


def _ticks(library: Library, engine: str, address: str, size: int, times: int) -> Iterator[Figure]:
    """A hundred due among so many: deciding messages and closing windows, against committing as
    many rows."""
    with opened(library, address, 1) as (database, _):
        held = crowd(database, size)
        for name, tick in (("messages decided", _announce), ("windows closed", _expire)):
            seconds = taking_turns(
                {
                    "ours": lambda tick=tick: tick(database, library),
                    "peer": lambda: [_one_row(database) for _ in range(DUE)],
                },
                times,
                clock=perf_counter,
            )
            ratio = seconds["peer"] / seconds["ours"]
            yield Figure(
                f"{name}, {engine}, {held:,} assignments held",
                DUE,
                seconds["ours"],
                ROW,
                ratio,
                "flat",
            )


def _announce(database: Database, library: Library) -> None:
    with _undone(database) as session:
        remind_due(session, library, now=NOW, limit=DUE)


def _expire(database: Database, library: Library) -> None:
    with _undone(database) as session:
        expire_due(session, library, now=NOW, limit=DUE)


@contextmanager
def _undone(database: Database) -> Iterator[Session]:
    """A session whose commit reaches only a savepoint: what the tick did is taken back, so that it
    is due again."""
    with database.engine.execution_options(write=True).connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()


def _later(database: Database, library: Library, staff: Staff, patient_id: int, days: int) -> None:
    cycle = Cycle("systemic", 2, planned=date(2026, 3, 9) + timedelta(days=days % 60))
    with database.writing() as session:
        revision = session.get_one(Patient, patient_id).revision
        record_entry(
            session,
            library,
            patient_id=patient_id,
            entry=CycleRecorded(cycle),
            revision=revision,
            reason="bench",
            by=staff,
            now=NOW,
        )


def _one_row(database: Database) -> None:
    with database.engine.execution_options(write=True).begin() as connection:
        connection.execute(
            text("INSERT INTO bench_row (id) SELECT COALESCE(MAX(id), 0) + 1 FROM bench_row")
        )


def _history() -> History:
    """A patient of arm B with one cycle of each component given and the next one planned."""
    day_1 = date(2026, 2, 9)
    cycles = (
        Cycle("pump", 1, day_1, day_1, CycleStatus.GIVEN),
        Cycle("pump", 2, date(2026, 3, 9)),
        Cycle("systemic", 1, day_1, day_1, CycleStatus.GIVEN),
        Cycle("systemic", 2, date(2026, 2, 23), date(2026, 2, 23), CycleStatus.GIVEN),
    )
    milestones = {
        "consent": (date(2026, 1, 5),),
        "randomisation": (date(2026, 1, 12),),
        "pump_surgery": (date(2026, 1, 19),),
    }
    return History("B", milestones, {"pump": "fudr", "systemic": "folfox"}, cycles)
