"""An earlier preview against this one: what it said otherwise, and what a colleague saved since."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session

from proms.db.queries.history_since import entries_since
from proms.db.tables import Patient
from proms.domain.protocol import Protocol
from proms.domain.schedule import ChangeKind, ChangeSummary, History, PackChange, Window
from proms.web import request_context
from proms.web.staff.calendar.record_form import entry_sentence

NO_DAY = "-"
# One line of `seen_text`. It comes back from a browser, so nothing longer or odder is read.
SEEN = re.compile(
    r"(\w+) ([\w-]{1,32}) (\d{1,4}) (\d{4}-\d\d-\d\d|-) (\d{4}-\d\d-\d\d|-)", re.ASCII
)
MOST_SEEN = 500  # lines


class SeenChange(NamedTuple):
    """A line of a preview as somebody saw it: what happens to a pack, from which due day to
    which."""

    kind: str
    event: str
    number: int
    was: date | str
    becomes: date | str

    @property
    def last_day(self) -> str:
        """The day a line is told by; ISO dates sort as they are written."""
        if self.becomes == NO_DAY:
            return str(self.was)
        return str(self.becomes)


class ChangedSince(NamedTuple):
    """A pack about which an earlier look said another thing; None where it said nothing."""

    event: str
    number: int
    then: SeenChange | None
    now: SeenChange | None

    @property
    def last_day(self) -> str:
        latest = self.now or self.then
        return latest.last_day if latest else ""


@dataclass(frozen=True)
class SavedByColleague:
    """What a colleague saved since somebody looked."""

    at: datetime
    by: str | None
    sentences: tuple[str, ...]


def seen_text(description: ChangeSummary) -> str:
    """The lines as a form carries them, for a later look to be compared with this one."""
    changes = [_seen(line) for line in description.lines[:MOST_SEEN]]
    return "\n".join(" ".join(map(str, change)) for change in changes)


def differences(text: str, description: ChangeSummary) -> list[ChangedSince]:
    """What an earlier look said otherwise than this one; what does not read as a line of it is left
    out."""
    then = {(change.event, change.number): change for change in _read(text)}
    now = {(line.event, line.number): _seen(line) for line in description.lines[:MOST_SEEN]}
    changed = []
    for event, number in then | now:
        earlier = then.get((event, number))
        present = now.get((event, number))
        if earlier != present:
            changed.append(ChangedSince(event, number, earlier, present))
    return sorted(changed, key=lambda change: (change.last_day, change.event))


def saved_since(
    session: Session, owner: Patient, protocol: Protocol, history: History, revision: int
) -> list[SavedByColleague]:
    """What was saved of this patient's history after a revision, in words."""
    by_colleagues = []
    for saved in entries_since(session, request_context.keyring(), owner, revision):
        sentences = tuple(entry_sentence(entry, protocol, history) for entry in saved.entries)
        by_colleagues.append(SavedByColleague(saved.at, saved.by, sentences))
    return by_colleagues


def _seen(line: PackChange) -> SeenChange:
    return SeenChange(
        line.kind.value, line.event, line.number, _due_day(line.was), _due_day(line.becomes)
    )


def _due_day(window: Window | None) -> date | str:
    if window is None:
        return NO_DAY
    return window.due


def _read(text: str) -> Iterator[SeenChange]:
    for line in text.splitlines()[:MOST_SEEN]:
        match = SEEN.fullmatch(line.strip())
        if match is None or match[1] not in list(ChangeKind):
            continue
        try:
            was, becomes = _day(match[4]), _day(match[5])
        except ValueError:  # four digits, two and two, but no day of any year
            continue
        yield SeenChange(match[1], match[2], int(match[3]), was, becomes)


def _day(text: str) -> date | str:
    if text == NO_DAY:
        return NO_DAY
    return date.fromisoformat(text)
