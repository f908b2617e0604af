"""What saving would do, ready to be read: in words, in dates and in the calendar."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from flask_babel import get_translations
from flask_babel import gettext as _
from sqlmodel import Session

from proms.actions.history import Preview
from proms.actions.schedule import protocol_of
from proms.db.queries.calendar_page import unsent_of
from proms.db.queries.patient_page import answered_under_another_value, assignments_of
from proms.db.tables import Patient
from proms.domain.protocol import Ending, Protocol
from proms.domain.schedule import (
    Changes,
    ChangeSummary,
    Cycle,
    CycleStatus,
    History,
    PackChange,
    schedule_component,
    summarise,
)
from proms.domain.schedule.change_summary import summary_sentence
from proms.domain.schedule.history_entry import (
    CycleRecorded,
    FactRecorded,
    HistoryEntry,
    MilestoneRecorded,
    history_with,
)
from proms.domain.schedule.history_errors import together
from proms.web import request_context
from proms.web.locale import language, short_day
from proms.web.staff.calendar.comparison import (
    BeforeAndAfter,
    CalendarComparison,
    compare_calendars,
)
from proms.web.staff.calendar.earlier_preview import seen_text
from proms.web.staff.calendar.packs import packs_of
from proms.web.staff.calendar.record_form import MessagePause, entry_sentence
from proms.web.staff.labels import evidence
from proms.web.staff.labels.history import cycle_name, objection_sentences
from proms.web.staff.labels.moments import moment_in_words
from proms.web.staff.labels.vocabulary import CYCLES, drug, titled
from proms.web.staff.layout import zone

Moment = Callable[[str, int], str]  # an event and its number, in words
NOTHING = ChangeSummary((), {})


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


class AnsweredOtherwise(NamedTuple):
    """Answers that were judged with a value that is about to be put right."""

    response_id: int
    title: str
    at: datetime


@dataclass(frozen=True)
class EntryPreview:
    """What saving would do."""

    sentence: str
    description: ChangeSummary
    cycles: tuple[CycleShift, ...]
    titles: dict[str, str]
    moment: Moment
    unsent: int
    doubts: tuple[str, ...]
    revision: int
    drawn: CalendarComparison | None = None
    overturns: bool = False
    altered: tuple[AlteredCycle, ...] = ()
    answered: tuple[AnsweredOtherwise, ...] = ()
    withdraws: bool = False

    @property
    def asks_why(self) -> bool:
        """What is odd, and what overturns the record, is saved only with a reason."""
        return self.overturns or bool(self.doubts)

    @property
    def summary(self) -> str:
        return summary_sentence(get_translations(), self.description, self.unsent)

    @property
    def seen(self) -> str:
        return seen_text(self.description)


def pause_preview(
    owner: Patient, pause: MessagePause, protocol: Protocol, history: History
) -> EntryPreview:
    """A pause holds messages and moves nothing."""
    sentence = entry_sentence(pause, protocol, history)
    moment = partial(moment_in_words, protocol)
    return EntryPreview(sentence, NOTHING, (), {}, moment, 0, (), owner.revision)


def entry_preview(
    session: Session,
    owner: Patient,
    history: History,
    entry: HistoryEntry,
    *,
    preview: Preview,
    today: date,
) -> EntryPreview:
    """What an entry would do, as the action worked it out, against the history before it."""
    library = request_context.library()
    protocol = library.protocol(owner.protocol, owner.protocol_version)
    description = summarise(preview.changes)
    after = history_with(history, entry, today)
    # Titles name only what this patient is asked, so they come from her own cut of the protocol.
    event_titles = titles(protocol_of(library, owner), description.lines)
    if isinstance(entry, FactRecorded):
        # Of a pack only the questionnaires that are for some come or go: they are named.
        event_titles = _instrument_titles(preview.changes)
    packs = packs_of(library, protocol, assignments_of(session, owner), request_context.now())
    both = BeforeAndAfter(protocol, history, after, packs, today)
    doubts: tuple[str, ...] = ()
    if preview.doubts:
        doubts = objection_sentences(together(preview.doubts), protocol, after)
    return EntryPreview(
        sentence=entry_sentence(entry, protocol, history),
        description=description,
        cycles=cycle_shifts(protocol, history, after, today),
        titles=event_titles,
        moment=partial(moment_in_words, protocol),
        unsent=unsent_of(session, owner, preview.changes),
        doubts=doubts,
        revision=preview.revision,
        drawn=compare_calendars(both, description, event_titles),
        overturns=preview.overturns,
        altered=_altered_cycle(protocol, history, entry, today),
        answered=tuple(_answered_otherwise(session, owner, entry, history, after)),
        withdraws=withdraws(protocol, entry),
    )


def withdraws(protocol: Protocol, entry: HistoryEntry) -> bool:
    """Whether she no longer takes part, and is there to be told so."""
    return (
        isinstance(entry, MilestoneRecorded)
        and entry.on is not None
        and protocol.ends.get(entry.kind) is Ending.WITHDRAWAL
    )


def titles(protocol: Protocol, lines: Sequence[PackChange]) -> dict[str, str]:
    """What each event of these lines asks, by its code."""
    return {
        line.event: evidence.event_title(request_context.library(), protocol, line.event)
        for line in lines
    }


def _answered_otherwise(
    session: Session, owner: Patient, entry: HistoryEntry, before: History, after: History
) -> Iterator[AnsweredOtherwise]:
    """Answers she sent while this was otherwise on record: nothing judges them again, so a person
    may want to read them."""
    if not isinstance(entry, FactRecorded):
        return
    sent = answered_under_another_value(session, owner, before, after, zone())
    for response in sent:
        wording = request_context.library().wording(response.instrument, language())
        yield AnsweredOtherwise(response.id, wording.short_title, response.submitted_at)


def _instrument_titles(changes: Changes) -> dict[str, str]:
    """The questionnaires that change, by the event they are asked at."""
    by_event: dict[str, set[str]] = defaultdict(set)
    touched = list(changes.keys())
    for key in touched:
        wording = request_context.library().wording(key.instrument, language())
        by_event[key.event].add(wording.short_title)
    return {event: ", ".join(sorted(names)) for event, names in by_event.items()}


def cycle_shifts(
    protocol: Protocol, before: History, after: History, today: date
) -> tuple[CycleShift, ...]:
    """The cycles, recorded or expected, whose first day changes."""
    was = _first_days(protocol, before, today)
    becomes = _first_days(protocol, after, today)
    shifts = []
    for component, number in sorted(was | becomes):
        old, new = was.get((component, number)), becomes.get((component, number))
        if old != new:
            shifts.append(CycleShift(cycle_name(protocol, after, component, number), old, new))
    return tuple(shifts)


def _first_days(protocol: Protocol, history: History, today: date) -> dict[tuple[str, int], date]:
    first_days = {}
    for component in protocol.components:
        if component in history.components:
            for cycle in schedule_component(protocol, history, component, today).cycles:
                if cycle.asked:
                    first_days[component, cycle.number] = cycle.starts
    return first_days


def _altered_cycle(
    protocol: Protocol, history: History, entry: HistoryEntry, today: date
) -> tuple[AlteredCycle, ...]:
    """What changes of a cycle that was given, but for its first day, which is told among the
    cycles."""
    if not isinstance(entry, CycleRecorded):
        return ()
    before = history.cycle(entry.cycle.component, entry.cycle.number)
    if before is None or before.status is not CycleStatus.GIVEN:
        return ()
    becomes = history_with(history, entry, today).cycle(entry.cycle.component, entry.cycle.number)
    assert becomes is not None
    lines = zip(_cycle_lines(protocol, before), _cycle_lines(protocol, becomes), strict=True)
    return tuple(
        AlteredCycle(label, was, becomes)
        for (label, was), (_label, becomes) in lines
        if was != becomes
    )


def _cycle_lines(protocol: Protocol, cycle: Cycle) -> list[tuple[str, str]]:
    """What is on record of a cycle, each with its label; always the same lines."""
    planned = short_day(cycle.planned) if cycle.planned else ""
    regimen = titled(protocol.regimens[cycle.regimen].title) if cycle.regimen else ""
    dose = f"{cycle.dose_percent}%" if cycle.dose_percent is not None else ""
    return [
        (_("Status"), str(CYCLES[cycle.status])),
        (_("Regimen"), regimen),
        (_("Was planned for"), planned),
        (_("Drugs given"), ", ".join(drug(protocol, code) for code in sorted(cycle.drugs))),
        (_("Dose, percent of full"), dose),
    ]
