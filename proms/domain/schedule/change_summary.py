"""What a re-plan will do, put into lines for the person who is about to save."""

from collections.abc import Iterator
from enum import StrEnum
from gettext import NullTranslations
from typing import NamedTuple

from proms.domain.schedule.assignment import Key
from proms.domain.schedule.changes import Changes
from proms.domain.schedule.window import Window


class ChangeKind(StrEnum):
    """In the order they are shown."""

    MOVE = "move"
    OPEN = "open"
    REOPEN = "reopen"
    WAIT = "wait"
    CANCEL = "cancel"


class PackChange(NamedTuple):
    """One pack that changes: its window as stored (None: new) and as it will be (None:
    cancelled)."""

    kind: ChangeKind
    event: str
    number: int
    was: Window | None
    becomes: Window | None


class ChangeSummary(NamedTuple):
    """Every pack that changes, in the order they are shown and due, and how many of each kind."""

    lines: tuple[PackChange, ...]
    counts: dict[ChangeKind, int]

    def __bool__(self) -> bool:
        return bool(self.lines)

    def of(self, kind: ChangeKind) -> tuple[PackChange, ...]:
        return tuple(line for line in self.lines if line.kind == kind)


def summarise(changes: Changes) -> ChangeSummary:
    """The changes pack by pack; answers are in none of them, since no re-plan touches one."""
    lines = tuple(sorted(set(_pack_changes(changes)), key=_order))
    kinds = [line.kind for line in lines]
    return ChangeSummary(lines, {kind: kinds.count(kind) for kind in ChangeKind if kind in kinds})


def summary_sentence(say: NullTranslations, summary: ChangeSummary, unsent: int) -> str:
    """How many packs move, are added, wait, are cancelled, and how many messages that were to go
    out do not."""
    counts = summary.counts
    moved = counts.get(ChangeKind.MOVE, 0)
    added = counts.get(ChangeKind.OPEN, 0) + counts.get(ChangeKind.REOPEN, 0)
    waiting = counts.get(ChangeKind.WAIT, 0)
    cancelled = counts.get(ChangeKind.CANCEL, 0)
    clauses = (
        (
            moved,
            say.ngettext("%(num)s study moment moves", "%(num)s study moments move", moved),
        ),
        (
            added,
            say.ngettext("%(num)s study moment is added", "%(num)s study moments are added", added),
        ),
        (
            waiting,
            say.ngettext(
                "%(num)s study moment waits for the cycle",
                "%(num)s study moments wait for the cycle",
                waiting,
            ),
        ),
        (
            cancelled,
            say.ngettext(
                "%(num)s study moment is cancelled",
                "%(num)s study moments are cancelled",
                cancelled,
            ),
        ),
        (
            unsent,
            say.ngettext(
                "%(num)s message will not be sent", "%(num)s messages will not be sent", unsent
            ),
        ),
    )
    text = ", ".join(clause % {"num": count} for count, clause in clauses if count)
    if not text:
        return say.gettext("Nothing moves. No answer changes.")
    return say.gettext("%(changes)s. No answer changes.") % {"changes": text}


def _pack_changes(changes: Changes) -> Iterator[PackChange]:
    for opened in changes.open:
        yield _pack_change(ChangeKind.OPEN, opened.key, None, opened.window)
    with_both_windows = {
        ChangeKind.MOVE: changes.move,
        ChangeKind.WAIT: changes.wait,
        ChangeKind.REOPEN: changes.reopen,
    }
    for kind, kind_changes in with_both_windows.items():
        for change in kind_changes:
            yield _pack_change(kind, change.key, change.stored.window, change.window)
    for cancelled in changes.cancel:
        yield _pack_change(ChangeKind.CANCEL, cancelled.key, cancelled.stored.window, None)


def _pack_change(
    kind: ChangeKind, key: Key, was: Window | None, becomes: Window | None
) -> PackChange:
    return PackChange(kind, key.event, key.number, was, becomes)


def _order(line: PackChange) -> tuple[int, Window, str, int]:
    """By kind in the order they are shown, then by due day."""
    window = line.becomes or line.was
    assert window is not None
    return list(ChangeKind).index(line.kind), window, line.event, line.number
