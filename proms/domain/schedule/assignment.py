"""What a patient is asked: its name that survives moved dates, its window, its state."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from proms.domain.schedule.window import Window


class AssignmentState(StrEnum):
    """What is stored; upcoming, open and closed follow from the window and the day."""

    WAITING = "waiting"
    PLANNED = "planned"
    STARTED = "started"
    ANSWERED = "answered"
    MISSED = "missed"
    CANCELLED = "cancelled"

    @property
    def fixed(self) -> bool:
        """Whether a re-plan leaves it alone: the patient began it, or its window has gone by."""
        return self in _FIXED

    @property
    def begun(self) -> bool:
        """Whether the patient has begun it, sent or not."""
        return self in _BEGUN


_BEGUN = frozenset({AssignmentState.STARTED, AssignmentState.ANSWERED})
_FIXED = _BEGUN | {AssignmentState.MISSED}


class Key(NamedTuple):
    """The name of an assignment: it stays when dates move."""

    event: str
    number: int
    instrument: str


class PlannedAssignment(NamedTuple):
    """One instrument the protocol asks of one patient; `waiting` while the cycle it hangs on is
    delayed."""

    key: Key
    window: Window
    waiting: bool = False


class StoredAssignment(NamedTuple):
    """An assignment as it is stored; `started_on` is the site date the patient began it."""

    key: Key
    window: Window
    state: AssignmentState
    started_on: date | None = None
