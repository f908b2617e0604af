"""Compare the plan with what is stored."""

from collections.abc import Iterable, Mapping
from datetime import date

from proms.domain.schedule.assignment import Assignment, AssignmentState, Held, Key
from proms.domain.schedule.changes import Cancelled, CancelReason, Change, Changes
from proms.domain.schedule.window import WindowState

CANCELLED = AssignmentState.CANCELLED
BEGUN = frozenset({AssignmentState.STARTED, AssignmentState.ANSWERED})


def reconcile(
    planned: Iterable[Assignment],
    held: Mapping[Key, Held],
    today: date,
    *,
    because: CancelReason = CancelReason.NOT_ASKED,
) -> Changes:
    """What makes the stored schedule equal the plan; started, answered and missed assignments are never touched.

    A cancelled one that is wanted again is reopened, unless its window has closed meanwhile. The rest of a pack that
    the patient has begun stays where it is.
    """
    wanted = {each.key: each for each in planned}
    begun = {(key.event, key.number) for key, each in held.items() if each.state in BEGUN}
    changed = [
        Change(each, wanted[key])
        for key, each in held.items()
        if key in wanted and not each.state.fixed and (key.event, key.number) not in begun
    ]
    free = [change for change in changed if change.held.state is not CANCELLED]
    return Changes(
        open=tuple(each for key, each in wanted.items() if key not in held),
        move=tuple(change for change in free if not change.waiting and _differs(change)),
        wait=tuple(change for change in free if change.waiting and _differs(change)),
        reopen=tuple(change for change in changed if change.held.state is CANCELLED and _can_come(change, today)),
        cancel=tuple(
            Cancelled(each, because)
            for key, each in held.items()
            if key not in wanted and not each.state.fixed and each.state is not CANCELLED
        ),
    )


def _differs(change: Change) -> bool:
    state = AssignmentState.WAITING if change.waiting else AssignmentState.PLANNED
    return change.held.state is not state or change.held.window != change.window


def _can_come(change: Change, today: date) -> bool:
    return change.waiting or change.window.state(today) is not WindowState.CLOSED
