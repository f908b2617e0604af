"""Passwords: argon2, slow on purpose, and so never inside a transaction and never many at once."""

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import BoundedSemaphore, get_native_id
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from proms.actions.refusals import TooBusy
from proms.db.tables import Staff

T = TypeVar("T")
LEAST_URGENT = 15  # of the system's scale, on which 19 is the last to be served
hasher = PasswordHasher()


class Turns:
    """One password of this kind is worked out at a time; `waiting` more wait for their turn, so
    many seconds at most, and who comes then is refused."""

    def __init__(self, waiting: int, seconds: int, *, behind: bool = False) -> None:
        self._room = BoundedSemaphore(1 + waiting)
        self._turn = BoundedSemaphore(1)
        self._seconds = seconds
        # Behind everything else the processors have to do: in a thread that says so of itself.
        self._behind = (
            ThreadPoolExecutor(1, "strangers", initializer=_step_back) if behind else None
        )

    def do(self, work: Callable[[], T]) -> T:
        """Do it when it is its turn; raises TooBusy."""
        with self._taken():
            return self._behind.submit(work).result() if self._behind else work()

    @contextmanager
    def _taken(self) -> Iterator[None]:
        """Hold the turn; raises TooBusy instead of keeping one more thread from its work."""
        if not self._room.acquire(blocking=False):
            raise TooBusy(self._seconds)
        try:
            if not self._turn.acquire(timeout=self._seconds):
                raise TooBusy(self._seconds)
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._room.release()


def _step_back() -> None:
    if sys.platform == "linux":  # elsewhere a thread has no place of its own
        os.setpriority(os.PRIO_PROCESS, get_native_id(), LEAST_URGENT)


# Of a process's eight threads strangers hold two at most; people who are known do not wait for
# them.
KNOWN = Turns(waiting=2, seconds=10)
STRANGERS = Turns(waiting=1, seconds=2, behind=True)


def hashed(password: str) -> str:
    """What is stored of a password."""
    return KNOWN.do(lambda: hasher.hash(password))


def password_holds(staff: Staff | None, password: str, turns: Turns = KNOWN) -> bool:
    """Whether the password is this person's; costs the same when there is no such person."""
    stored_hash = staff.password_hash if staff else NOBODY
    try:
        turns.do(lambda: hasher.verify(stored_hash, password))
    except VerifyMismatchError:
        return False
    return staff is not None and staff.active


# Verified when nobody has that log-in name, so that a wrong name takes as long as a wrong password.
NOBODY = hasher.hash("nobody logs in with this")
