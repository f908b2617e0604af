"""What the protocol asks of a patient and when: recomputed from her history, then compared with what is stored."""

from proms.domain.schedule.assignment import Assignment, AssignmentState, Held, Key
from proms.domain.schedule.changes import Cancelled, CancelReason, Change, Changes
from proms.domain.schedule.history import Cycle, CycleStatus, History
from proms.domain.schedule.window import Window, WindowState

__all__ = [
    "Assignment",
    "AssignmentState",
    "CancelReason",
    "Cancelled",
    "Change",
    "Changes",
    "Cycle",
    "CycleStatus",
    "Held",
    "History",
    "Key",
    "Window",
    "WindowState",
]
