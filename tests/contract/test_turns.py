"""Who waits for SQLite's one writer is served in turn, and no longer than she has patience."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import text

from proms.db.session import Database, connect
from proms.db.turns import Turns

NOTE, ALL = text("insert into note values (:said)"), text("select said from note order by rowid")
SOON = 10  # seconds


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = connect(f"sqlite:///{tmp_path / 'turns.db'}")
    with database.writing() as session:
        session.exec(text("create table note (said int)"))  # type: ignore[call-overload]
        session.commit()
    yield database
    database.engine.dispose()


@pytest.fixture
def other(database: Database) -> Iterator[sqlite3.Connection]:
    """Another program that writes to the same file."""
    file = str(database.engine.url.database)
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        yield other


def writes(database: Database, said: int) -> None:
    with database.writing() as session:
        session.execute(NOTE, {"said": said})
        session.commit()


def written(database: Database) -> list[int]:
    with database.reading() as session:
        return list(session.execute(ALL).scalars())


def test_who_came_first_writes_first(database: Database, other: sqlite3.Connection):
    other.execute("BEGIN IMMEDIATE")
    people = []
    for said in range(8):
        people.append(threading.Thread(target=writes, args=(database, said)))
        people[-1].start()
        sleep(0.05)  # it stands in the queue
    other.execute("COMMIT")
    for each in people:
        each.join(SOON)
    assert written(database) == list(range(8))


def test_patience_ends_and_who_comes_next_is_served(database: Database, other: sqlite3.Connection):
    other.execute("BEGIN IMMEDIATE")
    began = monotonic()
    with (
        pytest.raises(OperationalError, match="database is locked"),
        database.writing(patience=1) as session,
    ):
        session.execute(NOTE, {"said": 1})
    assert 1 <= monotonic() - began < SOON
    other.execute("COMMIT")
    writes(database, 2)
    assert written(database) == [2]


def test_whose_patience_ends_in_the_middle_of_the_queue_holds_up_nobody(
    database: Database, other: sqlite3.Connection
):
    other.execute("BEGIN IMMEDIATE")
    first = threading.Thread(target=writes, args=(database, 1))
    first.start()
    sleep(0.05)
    with (
        pytest.raises(OperationalError, match="database is locked"),
        database.writing(patience=0) as session,
    ):
        session.execute(NOTE, {"said": 2})
    last = threading.Thread(target=writes, args=(database, 3))
    last.start()
    other.execute("COMMIT")
    for each in (first, last):
        each.join(SOON)
    assert written(database) == [1, 3]


def test_one_turn_ends_where_the_next_begins():
    turns, told = Turns(), []

    def stand(name: str) -> None:
        with turns.one(monotonic() + SOON):
            told.append(f"{name} in")
            sleep(0.02)
            told.append(f"{name} out")

    people = [threading.Thread(target=stand, args=(name,)) for name in "abc"]
    for each in people:
        each.start()
        sleep(0.005)
    for each in people:
        each.join(SOON)
    assert told == [f"{name} {way}" for name in "abc" for way in ("in", "out")]


def test_a_statement_that_waits_by_itself_still_does(database: Database, other: sqlite3.Connection):
    """Only the lock of a writer is waited for in turn: what reads may meet a lock as well."""
    writes(database, 1)
    with database.reading() as session:
        assert session.execute(text("pragma busy_timeout")).scalar() == 20_000
