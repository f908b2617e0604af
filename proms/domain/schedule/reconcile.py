"""Compare the plan with what is stored."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from proms.domain.schedule.assignment import (
    AssignmentState,
    Key,
    PlannedAssignment,
    StoredAssignment,
)
from proms.domain.schedule.changes import Cancelled, CancelReason, Change, Changes
from proms.domain.schedule.window import Window

WAITING, PLANNED, CANCELLED = (
    AssignmentState.WAITING,
    AssignmentState.PLANNED,
    AssignmentState.CANCELLED,
)


def reconcile(
    planned: Iterable[PlannedAssignment],
    stored: Mapping[Key, StoredAssignment],
    today: date,
    *,
    because: CancelReason = CancelReason.NOT_ASKED,
) -> Changes:
    """What makes the stored schedule equal the plan; started, answered and missed assignments are
    never touched.

    Nobody is asked what she could never have answered: a window that had closed before it was known
    opens nothing. The rest of a pack that the patient has begun stays where it is, but never open
    for longer than the plan now says: a baseline is not filled in after randomisation because a
    part of it was begun before.
    """
    wanted = {assignment.key: assignment for assignment in planned}
    # Every key is in one of three places: planned only, stored only, or both. Each place gives its
    # own lists, so that nothing is in two lists and doing it twice changes nothing.
    opened = [wanted[key] for key in wanted if key not in stored and not _over(wanted[key], today)]
    cancelled = [
        Cancelled(each, because)
        for key, each in stored.items()
        if key not in wanted and _untouched(each)
    ]
    moved: list[Change] = []
    waiting: list[Change] = []
    reopened: list[Change] = []
    for change in _changes(wanted, stored):
        over = _over(change.to, today)
        if change.stored.state is CANCELLED:
            if not over:
                reopened.append(change)
        elif not _differs(change):
            continue
        elif not over:
            (waiting if change.waiting else moved).append(change)
        elif not _closed_by_itself(change.stored, today):
            cancelled.append(Cancelled(change.stored, CancelReason.RECORDED_LATE))
    return Changes(tuple(opened), tuple(moved), tuple(waiting), tuple(reopened), tuple(cancelled))


def _changes(
    wanted: Mapping[Key, PlannedAssignment], stored: Mapping[Key, StoredAssignment]
) -> Iterator[Change]:
    """What is both wanted and stored, unless it was begun or has been missed; of a pack that was
    begun only a cut."""
    begun = {
        (key.event, key.number) for key, assignment in stored.items() if assignment.state.begun
    }
    for key, assignment in stored.items():
        if key not in wanted or assignment.state.fixed:
            continue
        if (key.event, key.number) not in begun:
            yield Change(assignment, wanted[key])
        elif assignment.state is PLANNED:
            window = _cut(assignment.window, wanted[key].window.closes)
            yield Change(assignment, PlannedAssignment(key, window))


def _cut(window: Window, closes: date) -> Window:
    """The window, closed no later than this."""
    closes = min(window.closes, closes)
    return Window(min(window.opens, closes), min(window.due, closes), closes)


def _untouched(assignment: StoredAssignment) -> bool:
    return assignment.state in (WAITING, PLANNED)


def _closed_by_itself(assignment: StoredAssignment, today: date) -> bool:
    """What was open and closed on its own day is left to be missed, wherever the plan would put it
    now."""
    return assignment.state is PLANNED and assignment.window.closes < today


def _differs(change: Change) -> bool:
    state = WAITING if change.waiting else PLANNED
    return change.stored.state is not state or change.stored.window != change.window


def _over(assignment: PlannedAssignment, today: date) -> bool:
    """What waits has no end yet, whatever its dates."""
    return assignment.window.closes < today and not assignment.waiting
