"""What a re-plan will do, as a value: shown before it is saved, then applied."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from proms.domain.schedule.assignment import Key, PlannedAssignment, StoredAssignment
from proms.domain.schedule.window import Window


class CancelReason(StrEnum):
    """Why an unanswered assignment is taken back."""

    NOT_ASKED = "not_asked"  # the protocol no longer asks it: a moved, skipped or stopped cycle
    RECORDED_LATE = "recorded_late"  # its real window was known only after it had closed
    LEFT = "left"  # an extra check that the patient began and did not send
    DEATH = "death"
    WITHDRAWAL = "withdrawal"


class Change(NamedTuple):
    """A stored assignment and what it becomes."""

    stored: StoredAssignment
    to: PlannedAssignment

    @property
    def key(self) -> Key:
        return self.to.key

    @property
    def window(self) -> Window:
        return self.to.window

    @property
    def waiting(self) -> bool:
        return self.to.waiting


class Cancelled(NamedTuple):
    """A stored assignment that is taken back, and why."""

    stored: StoredAssignment
    reason: CancelReason

    @property
    def key(self) -> Key:
        return self.stored.key


class Changes(NamedTuple):
    """The lists that make the stored schedule equal the plan; empty (false) when it already does.

    `move` gets another window or stops waiting, `wait` starts to wait, `reopen` was cancelled and
    is wanted again.
    """

    open: tuple[PlannedAssignment, ...] = ()
    move: tuple[Change, ...] = ()
    wait: tuple[Change, ...] = ()
    reopen: tuple[Change, ...] = ()
    cancel: tuple[Cancelled, ...] = ()

    def __bool__(self) -> bool:
        return any((self.open, self.move, self.wait, self.reopen, self.cancel))

    def counts(self) -> dict[str, int]:
        """How many of each kind; kinds without any are left out."""
        sizes = zip(self._fields, map(len, self), strict=True)
        return {kind: size for kind, size in sizes if size}

    def keys(self) -> Iterator[Key]:
        """Every assignment the changes touch."""
        return (change.key for changes in self for change in changes)
