"""Engines and sessions: a write on SQLite takes the lock at its start, and is on disk before it is
acknowledged."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlmodel import Session

from proms.db.turns import Turns, begin

BUSY_SECONDS = 20
BUSY = f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}"


@dataclass(frozen=True)
class Together:
    """One transaction over several sessions: what each of them commits is kept once the whole
    is."""

    connection: Connection

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self.writing() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session within the transaction: its commits and its rollback are its own part's."""
        own_part: Any = {"join_transaction_mode": "create_savepoint", "expire_on_commit": False}
        with Session(self.connection, **own_part) as session:
            yield session


@dataclass(frozen=True)
class Database:
    """One database with its two ways in: reading, and writing under the lock."""

    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self, patience: int = BUSY_SECONDS) -> Iterator[Session]:
        """A session whose transactions start with the write lock (SQLite), for which it waits so
        many seconds; what is not committed is rolled back."""
        engine = self.engine.execution_options(write=True, patience=patience)
        with Session(engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def together(self) -> Iterator[Together]:
        """Several sessions in one transaction under the lock; an exception undoes them all."""
        with self.engine.execution_options(write=True).begin() as connection:
            yield Together(connection)


def connect(url: str, *, durable: bool = True) -> Database:
    """The database at `url`: SQLite (`sqlite:///file`) or PostgreSQL (`postgresql+psycopg://...`).

    Only a file that can be made again, such as a simulation's, may do without `durable`: it does
    not wait for the disk.
    """
    if url.startswith("postgres://") or url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith("sqlite"):
        return Database(
            create_engine(
                url, pool_pre_ping=True, pool_size=10, max_overflow=10, hide_parameters=True
            )
        )
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        hide_parameters=True,  # an error names the statement, never what was to be stored
    )
    event.listen(engine, "connect", _set_up_sqlite)
    if not durable:
        event.listen(engine, "connect", _do_not_wait)
    event.listen(engine, "begin", partial(_begin_sqlite, Turns()))
    return Database(engine)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transaction control would open deferred transactions, which ignore the busy
    # timeout on upgrade.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(BUSY)


def _do_not_wait(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _begin_sqlite(turns: Turns, connection: Any) -> None:
    options = connection.get_execution_options()
    if not options.get("write", False):
        connection.exec_driver_sql("BEGIN")
        return
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        if not begin(turns, driver, options.get("patience", BUSY_SECONDS)):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # refused as SQLAlchemy refuses
    finally:
        driver.execute(BUSY)
