"""What the protocol asks of a patient and when: recomputed from her history, then compared with
what is stored."""

from proms.domain.schedule.assignment import (
    OUTSTANDING,
    AssignmentState,
    Key,
    PlannedAssignment,
    StoredAssignment,
    answering_state,
)
from proms.domain.schedule.change_summary import ChangeKind, ChangeSummary, PackChange, summarise
from proms.domain.schedule.changes import Cancelled, CancelReason, Change, Changes
from proms.domain.schedule.giving_way import gives_way
from proms.domain.schedule.history import UNKNOWN_DAY, Cycle, CycleStatus, History
from proms.domain.schedule.history_checks import UnsoundHistory, objections, refuse_unsound
from proms.domain.schedule.plan import plan
from proms.domain.schedule.reconcile import reconcile
from proms.domain.schedule.replan import cancel_reason, replan_on, revise
from proms.domain.schedule.rule_facts import (
    CycleDay,
    Fact,
    cycle_day,
    treatment_began,
    treatment_facts,
)
from proms.domain.schedule.scheduled_cycles import (
    ComponentSchedule,
    CycleState,
    ScheduledCycle,
    delayed_cycles,
    schedule_component,
)
from proms.domain.schedule.window import Window, WindowState

__all__ = [
    "OUTSTANDING",
    "UNKNOWN_DAY",
    "PlannedAssignment",
    "AssignmentState",
    "CancelReason",
    "Cancelled",
    "Change",
    "ChangeKind",
    "Changes",
    "ComponentSchedule",
    "Cycle",
    "CycleDay",
    "CycleStatus",
    "ChangeSummary",
    "Fact",
    "StoredAssignment",
    "History",
    "Key",
    "PackChange",
    "CycleState",
    "ScheduledCycle",
    "UnsoundHistory",
    "Window",
    "WindowState",
    "answering_state",
    "cancel_reason",
    "schedule_component",
    "cycle_day",
    "delayed_cycles",
    "summarise",
    "treatment_began",
    "treatment_facts",
    "gives_way",
    "objections",
    "plan",
    "reconcile",
    "refuse_unsound",
    "replan_on",
    "revise",
]
