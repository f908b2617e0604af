"""What a re-plan will do, put into lines for the person who is about to save."""

from collections.abc import Iterator
from enum import StrEnum
from gettext import NullTranslations
from typing import NamedTuple

from proms.domain.schedule.changes import Changes
from proms.domain.schedule.window import Window


class ChangeKind(StrEnum):
    """In the order they are told."""

    MOVE = "move"
    OPEN = "open"
    REOPEN = "reopen"
    WAIT = "wait"
    CANCEL = "cancel"


class Line(NamedTuple):
    """One pack that changes: its window as stored (None: new) and as it will be (None: cancelled)."""

    kind: ChangeKind
    event: str
    number: int
    was: Window | None
    becomes: Window | None


class Description(NamedTuple):
    """Every pack that changes, in the order they are told and due, and how many of each kind."""

    lines: tuple[Line, ...]
    counts: dict[ChangeKind, int]

    def __bool__(self) -> bool:
        return bool(self.lines)

    def of(self, kind: ChangeKind) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.kind == kind)


def describe(changes: Changes) -> Description:
    """The changes pack by pack; answers are in none of them, since no re-plan touches one."""
    lines = tuple(sorted(set(_lines(changes)), key=_telling))
    kinds = [line.kind for line in lines]
    return Description(lines, {kind: kinds.count(kind) for kind in ChangeKind if kind in kinds})


def in_a_sentence(say: NullTranslations, description: Description, unsent: int) -> str:
    """How many packs move, are added, wait, are taken back, and how many messages that were to go out do not."""
    counts = description.counts
    moved, waiting, gone = (counts.get(kind, 0) for kind in (ChangeKind.MOVE, ChangeKind.WAIT, ChangeKind.CANCEL))
    added = counts.get(ChangeKind.OPEN, 0) + counts.get(ChangeKind.REOPEN, 0)
    said = (
        (moved, say.gettext("moves %(num)s") % {"num": moved}),
        (added, say.gettext("adds %(num)s") % {"num": added}),
        (waiting, say.gettext("lets %(num)s wait") % {"num": waiting}),
        (gone, say.gettext("takes back %(num)s") % {"num": gone}),
        (
            unsent,
            say.ngettext("cancels %(num)s unsent message", "cancels %(num)s unsent messages", unsent) % {"num": unsent},
        ),
    )
    told = ", ".join(text for count, text in said if count)
    if not told:
        return say.gettext("No questionnaire moves, and no answer is touched.")
    return say.gettext("Of the questionnaires this %(changes)s. It touches no answer.") % {"changes": told}


def _lines(changes: Changes) -> Iterator[Line]:
    for each in changes.open:
        yield Line(ChangeKind.OPEN, each.key.event, each.key.number, None, each.window)
    for kind, moved in (
        (ChangeKind.MOVE, changes.move),
        (ChangeKind.WAIT, changes.wait),
        (ChangeKind.REOPEN, changes.reopen),
    ):
        for change in moved:
            yield Line(kind, change.key.event, change.key.number, change.held.window, change.window)
    for gone in changes.cancel:
        yield Line(ChangeKind.CANCEL, gone.key.event, gone.key.number, gone.held.window, None)


def _telling(line: Line) -> tuple[int, Window, str, int]:
    window = line.becomes or line.was
    assert window is not None
    return list(ChangeKind).index(line.kind), window, line.event, line.number
