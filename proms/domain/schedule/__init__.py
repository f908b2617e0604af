"""What the protocol asks of a patient and when: recomputed from her history, then compared with what is stored."""

from proms.domain.schedule.assignment import Assignment, AssignmentState, Held, Key
from proms.domain.schedule.changes import Cancelled, CancelReason, Change, Changes
from proms.domain.schedule.course import Course, Pace, Turn, course_of, delayed
from proms.domain.schedule.describe import ChangeKind, Description, Line, describe
from proms.domain.schedule.facts import CycleDay, Fact, cycle_day, facts
from proms.domain.schedule.history import UNKNOWN_DAY, Cycle, CycleStatus, History
from proms.domain.schedule.plan import plan
from proms.domain.schedule.reconcile import reconcile
from proms.domain.schedule.refusals import UnsoundHistory, objections, refuse_unsound
from proms.domain.schedule.replan import cancel_reason, replan_on, revise
from proms.domain.schedule.window import Window, WindowState

__all__ = [
    "UNKNOWN_DAY",
    "Assignment",
    "AssignmentState",
    "CancelReason",
    "Cancelled",
    "Change",
    "ChangeKind",
    "Changes",
    "Course",
    "Cycle",
    "CycleDay",
    "CycleStatus",
    "Description",
    "Fact",
    "Held",
    "History",
    "Key",
    "Line",
    "Pace",
    "Turn",
    "UnsoundHistory",
    "Window",
    "WindowState",
    "cancel_reason",
    "course_of",
    "cycle_day",
    "delayed",
    "describe",
    "facts",
    "objections",
    "plan",
    "reconcile",
    "refuse_unsound",
    "replan_on",
    "revise",
]
