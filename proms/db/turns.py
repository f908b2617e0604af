"""A fair queue in front of SQLite's write lock: the threads of a process ask for it in the order
they came, one at a time."""

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

# SQLite's own wait looks again after 1, 2, 5 and up to 100 ms, the longer the more it was in vain:
# who came last is served first, and the gap between two saves of a busy worker is slept through.
# A look in vain costs some 3 microseconds.
BETWEEN_LOOKS = 0.001  # seconds


class Turns:
    """Who waits for the write lock in this process."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def one(self, until: float) -> Iterator[None]:
        """Hold the first place of the queue; or, where it did not come by `until` on the monotonic
        clock, go in without it for a last look."""
        place = threading.Event()
        with self._guard:
            self._waiting.append(place)
            self._waiting[0].set()
        try:
            place.wait(max(0.0, until - monotonic()))
            yield
        finally:
            with self._guard:
                self._waiting.remove(place)
                if self._waiting:
                    self._waiting[0].set()


def begin(turns: Turns, connection: sqlite3.Connection, patience: float) -> bool:
    """Begin a transaction with the write lock, and whether it came within so many seconds. The
    connection must not wait for a lock by itself meanwhile."""
    until = monotonic() + patience
    with turns.one(until):
        while not _began(connection):
            if monotonic() >= until:
                return False
            sleep(BETWEEN_LOOKS)
    return True


def _began(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as refused:
        if refused.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True
