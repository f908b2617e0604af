"""Who is on duty at a site, and whom a red alert that nobody takes is told to, minute by minute."""

from proms.domain.roster.document import (
    WEEKDAYS,
    UnreadableRoster,
    as_document,
    from_document,
    hours_of,
    with_people,
)
from proms.domain.roster.hours import FULL_DAY, Hours, after_staffed, is_staffed
from proms.domain.roster.roster import (
    Duty,
    NobodyOnDuty,
    NoticeLimits,
    Roster,
    gap_between,
    written_days,
)
from proms.domain.roster.steps import Step, due_step, notice_steps

__all__ = [
    "FULL_DAY",
    "WEEKDAYS",
    "Duty",
    "Hours",
    "NobodyOnDuty",
    "NoticeLimits",
    "Roster",
    "Step",
    "UnreadableRoster",
    "after_staffed",
    "as_document",
    "due_step",
    "from_document",
    "gap_between",
    "hours_of",
    "is_staffed",
    "notice_steps",
    "with_people",
    "written_days",
]
