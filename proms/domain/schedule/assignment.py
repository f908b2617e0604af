"""What a patient is asked: its name that survives moved dates, its window, its state."""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from proms.domain.schedule.window import Window, WindowState


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

    @property
    def outstanding(self) -> bool:
        """Whether it is asked and neither answered nor over."""
        return self in OUTSTANDING


# In the order of the index over what expires, which a database uses only where a query has the same
# words.
OUTSTANDING = (AssignmentState.PLANNED, AssignmentState.STARTED)
_BEGUN = frozenset({AssignmentState.STARTED, AssignmentState.ANSWERED})
_FIXED = _BEGUN | {AssignmentState.MISSED}


class Answerable(Protocol):
    """An assignment with the instants its window stands for; `expires_at` is later than `closes_at`
    once it was begun."""

    state: str
    opens_at: datetime
    closes_at: datetime
    expires_at: datetime


def answering_state(assignment: Answerable, now: datetime) -> WindowState:
    """Whether it may be filled in: open within its window, or once begun until it expires, days
    after."""
    match assignment.state:
        case AssignmentState.WAITING:
            return WindowState.UPCOMING
        case AssignmentState.PLANNED if now < assignment.opens_at:
            return WindowState.UPCOMING
        case AssignmentState.PLANNED if now < assignment.closes_at:
            return WindowState.OPEN
        case AssignmentState.STARTED if now < assignment.expires_at:
            return WindowState.OPEN
        case _:
            return WindowState.CLOSED


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
