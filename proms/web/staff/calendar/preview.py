"""What saving would do, ready to be read: in words, in dates, and against an earlier look."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from flask_babel import get_translations
from flask_babel import gettext as _
from sqlmodel import Session

from proms.db.queries.history_since import entries_since
from proms.db.tables import Patient
from proms.domain.protocol import Protocol
from proms.domain.schedule import (
    ChangeKind,
    ChangeSummary,
    Cycle,
    CycleStatus,
    History,
    PackChange,
    schedule_component,
)
from proms.domain.schedule.change_summary import summary_sentence
from proms.domain.schedule.history_entry import CycleRecorded, HistoryEntry
from proms.web import request_context
from proms.web.locale import short_day
from proms.web.staff.calendar.comparison import CalendarComparison
from proms.web.staff.calendar.record_form import cycle_name, entry_sentence
from proms.web.staff.labels import evidence
from proms.web.staff.labels.vocabulary import CYCLES, drug

SEEN = re.compile(
    r"(\w+) ([\w-]{1,32}) (\d{1,4}) (\d{4}-\d\d-\d\d|-) (\d{4}-\d\d-\d\d|-)", re.ASCII
)
MOST_SEEN = 500


@dataclass(frozen=True)
class CycleShift:
    """A cycle whose date changes; None where it was not there, or will not be."""

    name: str
    was: date | None
    becomes: date | None


class AlteredCycle(NamedTuple):
    """What is on record of a cycle that was given, and what it becomes, in words."""

    what: str
    was: str
    becomes: str


@dataclass(frozen=True)
class EntryPreview:
    """What saving would do."""

    sentence: str
    description: ChangeSummary
    cycles: tuple[CycleShift, ...]
    titles: dict[str, str]
    unsent: int
    doubt: str
    revision: int
    drawn: CalendarComparison | None = None
    overturns: bool = False
    altered: tuple[AlteredCycle, ...] = ()

    @property
    def asks_why(self) -> bool:
        """What is odd, and what overturns the record, is saved only with a reason."""
        return self.overturns or bool(self.doubt)

    @property
    def summary(self) -> str:
        return summary_sentence(get_translations(), self.description, self.unsent)

    @property
    def seen(self) -> str:
        """The lines as a form carries them, for a later look to be compared with this one."""
        return "\n".join(
            " ".join(map(str, seen_of(line))) for line in self.description.lines[:MOST_SEEN]
        )


class SeenChange(NamedTuple):
    """A line of a preview as somebody saw it: what happens to a pack, from which due day to
    which."""

    kind: str
    event: str
    number: int
    was: date | str
    becomes: date | str


class ChangedSince(NamedTuple):
    """A pack about which an earlier look said another thing; None where it said nothing."""

    event: str
    number: int
    then: SeenChange | None
    now: SeenChange | None


@dataclass(frozen=True)
class SavedByColleague:
    """What a colleague saved since somebody looked."""

    at: datetime
    by: str | None
    sentences: tuple[str, ...]


def seen_of(line: PackChange) -> SeenChange:
    """A line as it is seen."""
    was, becomes = (window.due if window else "-" for window in (line.was, line.becomes))
    return SeenChange(line.kind.value, line.event, line.number, was, becomes)


def differences(text: str, description: ChangeSummary) -> list[ChangedSince]:
    """What an earlier look said otherwise than this one; what does not read as a line of it is left
    out."""
    then = {(each.event, each.number): each for each in _read(text)}
    now = {(line.event, line.number): seen_of(line) for line in description.lines[:MOST_SEEN]}
    others = [pack for pack in {**then, **now} if then.get(pack) != now.get(pack)]
    found = [ChangedSince(*pack, then.get(pack), now.get(pack)) for pack in others]
    return sorted(found, key=lambda each: (_last_day(each.now or each.then), each.event))


def saved_since(
    session: Session, owner: Patient, protocol: Protocol, history: History, revision: int
) -> list[SavedByColleague]:
    """What was saved of this patient's history after a revision, in words."""
    return [
        SavedByColleague(
            each.at, each.by, tuple(entry_sentence(said, protocol, history) for said in each.said)
        )
        for each in entries_since(session, owner, revision)
    ]


def cycle_shifts(
    protocol: Protocol, before: History, after: History, today: date
) -> tuple[CycleShift, ...]:
    """The cycles, recorded or expected, whose first day changes."""
    was, becomes = _first_days(protocol, before, today), _first_days(protocol, after, today)
    return tuple(
        CycleShift(cycle_name(protocol, after, *key), was.get(key), becomes.get(key))
        for key in sorted(was | becomes)
        if was.get(key) != becomes.get(key)
    )


def altered_cycle(history: History, said: HistoryEntry) -> tuple[AlteredCycle, ...]:
    """What changes of a cycle that was given, but for its first day, which is told among the
    cycles."""
    if not isinstance(said, CycleRecorded):
        return ()
    before = history.cycle(said.cycle.component, said.cycle.number)
    if before is None or before.status is not CycleStatus.GIVEN:
        return ()
    lines = zip(_of_cycle(before), _of_cycle(said.cycle), strict=True)
    return tuple(
        AlteredCycle(what, was, becomes)
        for (what, was), (_what, becomes) in lines
        if was != becomes
    )


def titles(protocol: Protocol, lines: Sequence[PackChange]) -> dict[str, str]:
    """What each event of these lines asks, by its code."""
    return {
        line.event: evidence.event_title(request_context.library(), protocol, line.event)
        for line in lines
    }


def _first_days(protocol: Protocol, history: History, today: date) -> dict[tuple[str, int], date]:
    return {
        (component, scheduled.number): scheduled.starts
        for component in protocol.components
        if component in history.components
        for scheduled in schedule_component(protocol, history, component, today).cycles
        if scheduled.asked
    }


def _of_cycle(cycle: Cycle) -> list[tuple[str, str]]:
    return [
        (_("State"), str(CYCLES[cycle.status])),
        (_("Was planned for"), short_day(cycle.planned) if cycle.planned else ""),
        (_("Drugs given"), ", ".join(drug(each) for each in sorted(cycle.drugs))),
        (
            _("Dose, percent of full"),
            "" if cycle.dose_percent is None else f"{cycle.dose_percent}%",
        ),
    ]


def _last_day(seen: SeenChange | None) -> str:
    """By which day a line is told; ISO dates sort as they are written."""
    return "" if seen is None else str(seen.was if seen.becomes == "-" else seen.becomes)


def _read(text: str) -> Iterable[SeenChange]:
    for line in text.splitlines()[:MOST_SEEN]:
        found = SEEN.fullmatch(line.strip())
        if found and found[1] in list(ChangeKind):
            try:
                yield SeenChange(found[1], found[2], int(found[3]), _day(found[4]), _day(found[5]))
            except ValueError:
                continue


def _day(text: str) -> date | str:
    return text if text == "-" else date.fromisoformat(text)
