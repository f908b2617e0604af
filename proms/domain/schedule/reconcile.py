"""Compare the plan with what is stored."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from proms.domain.schedule.assignment import Assignment, AssignmentState, Held, Key
from proms.domain.schedule.changes import Cancelled, CancelReason, Change, Changes
from proms.domain.schedule.window import Window

WAITING, PLANNED, CANCELLED = AssignmentState.WAITING, AssignmentState.PLANNED, AssignmentState.CANCELLED
BEGUN = frozenset({AssignmentState.STARTED, AssignmentState.ANSWERED})


def reconcile(
    planned: Iterable[Assignment],
    held: Mapping[Key, Held],
    today: date,
    *,
    because: CancelReason = CancelReason.NOT_ASKED,
) -> Changes:
    """What makes the stored schedule equal the plan; started, answered and missed assignments are never touched.

    Nobody is asked what she could never have answered: a window that had closed before it was known opens nothing.
    The rest of a pack that the patient has begun stays where it is, but never open for longer than the plan now says:
    a baseline is not filled in after randomisation because a part of it was begun before.
    """
    wanted = {each.key: each for each in planned}
    changes = list(_changes(wanted, held))
    kept = [change for change in changes if change.held.state is not CANCELLED and _differs(change)]
    in_time = [change for change in kept if not _over(change.to, today)]
    return Changes(
        open=tuple(each for key, each in wanted.items() if key not in held and not _over(each, today)),
        move=tuple(change for change in in_time if not change.waiting),
        wait=tuple(change for change in in_time if change.waiting),
        reopen=tuple(c for c in changes if c.held.state is CANCELLED and not _over(c.to, today)),
        cancel=(*_unwanted(wanted, held, because), *_too_late(kept, today)),
    )


def _changes(wanted: Mapping[Key, Assignment], held: Mapping[Key, Held]) -> Iterator[Change]:
    """What is both wanted and held, unless it was begun or has been missed; of a pack that was begun only a cut."""
    begun = {(key.event, key.number) for key, each in held.items() if each.state in BEGUN}
    for key, each in held.items():
        if key not in wanted or each.state.fixed:
            continue
        if (key.event, key.number) not in begun:
            yield Change(each, wanted[key])
        elif each.state is PLANNED:
            yield Change(each, Assignment(key, _cut(each.window, wanted[key].window.closes)))


def _cut(window: Window, closes: date) -> Window:
    """The window, closed no later than this."""
    closes = min(window.closes, closes)
    return Window(min(window.opens, closes), min(window.due, closes), closes)


def _unwanted(wanted: Mapping[Key, Assignment], held: Mapping[Key, Held], why: CancelReason) -> Iterator[Cancelled]:
    for key, each in held.items():
        if key not in wanted and each.state in (WAITING, PLANNED):
            yield Cancelled(each, why)


def _too_late(kept: Iterable[Change], today: date) -> Iterator[Cancelled]:
    """What moves into the past; one that was open and closed by itself is left to be missed."""
    for change in kept:
        was_over = change.held.state is PLANNED and change.held.window.closes < today
        if _over(change.to, today) and not was_over:
            yield Cancelled(change.held, CancelReason.RECORDED_LATE)


def _differs(change: Change) -> bool:
    state = WAITING if change.waiting else PLANNED
    return change.held.state is not state or change.held.window != change.window


def _over(each: Assignment, today: date) -> bool:
    return each.window.closes < today and not each.waiting
