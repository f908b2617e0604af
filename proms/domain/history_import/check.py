"""The rows of one patient, judged against what is on record before anything is saved."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from proms.domain.history_import.row import Fault, ImportRow, PatientRecord, _l, unknown_words
from proms.domain.protocol import Protocol
from proms.domain.schedule.history import Cycle, CycleStatus, EntryKey, EntryKind, History
from proms.domain.schedule.history_checks import new_objections
from proms.domain.schedule.history_entry import (
    RANDOMISATION,
    ComponentStopped,
    CycleRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
    entry_key,
    history_with,
    overturns,
)


@dataclass(frozen=True)
class ImportStep:
    """A row that says something new, as the entry it is; one that overturns what was on record
    corrects."""

    row: ImportRow
    entry: HistoryEntry
    corrects: bool


@dataclass(frozen=True)
class CheckedRows:
    """What a patient's rows come to: the steps in the order they are recorded, and what is wrong
    with them."""

    steps: tuple[ImportStep, ...]
    after: History
    faults: tuple[Fault, ...]


def check_rows(
    record: PatientRecord, rows: Sequence[ImportRow], *, reason: str | None = None
) -> CheckedRows:
    """The rows of one patient, in whatever order they stand; `reason` is that of the whole table.

    The history they lead to is judged as a whole, so that two rows may move two cycles that would
    be in each other's way one by one. What hangs on a row that cannot be read is not judged.
    """
    regimens = _components_with_regimen(record, rows)
    unknown = [fault for row in rows for fault in unknown_words(row, record, regimens)]
    wrong = {fault.line for fault in unknown} | {row.line for row in rows if row.wrong}
    kept, contradicted = _once([row for row in rows if row.line not in wrong], record)
    steps, after = _steps(record, kept)
    unread = {_about(row, record.protocol) for row in rows if row.line in wrong}
    faults = (
        *unknown,
        *contradicted,
        *_unexplained(record, steps, reason),
        *_unsound(record, steps, after, unread),
    )
    return CheckedRows(steps, after, faults)


def entry_of(row: ImportRow, protocol: Protocol, history: History) -> HistoryEntry:
    """What a row says, on top of what is on record."""
    number = row.number or 1
    match row.what:
        case EntryKind.MILESTONE:
            arm = (row.arm or history.arm) if row.kind == RANDOMISATION else None
            return MilestoneRecorded(row.kind, row.on, number, arm)
        case EntryKind.REGIMEN:
            return RegimenChosen(protocol.regimens[row.kind].component, row.kind)
        case EntryKind.STOP:
            assert row.on is not None
            return ComponentStopped(row.kind, row.on)
        case _:
            return CycleRecorded(
                _cycle(row, history.cycle(row.kind, number) or Cycle(row.kind, number))
            )


def _cycle(row: ImportRow, known: Cycle) -> Cycle:
    """An empty cell leaves what is on record; only a cycle that was given keeps its day 1, drugs
    and dose."""
    status = row.status or (CycleStatus.GIVEN if row.day_1 else known.status)
    kept = known if status is CycleStatus.GIVEN else Cycle(known.component, known.number)
    return Cycle(
        component=known.component,
        number=known.number,
        planned=row.planned or known.planned,
        day_1=row.day_1 or kept.day_1,
        status=status,
        drugs=row.drugs or kept.drugs,
        dose_percent=kept.dose_percent if row.dose_percent is None else row.dose_percent,
        reason=row.reason,
    )


def _steps(
    record: PatientRecord, rows: Iterable[ImportRow]
) -> tuple[tuple[ImportStep, ...], History]:
    """The rows that say something new, the arm first, then regimens, then all else by date."""
    history, steps = record.history, []
    said = [(row, entry_of(row, record.protocol, record.history)) for row in rows]
    for row, entry in sorted(said, key=lambda each: _turn(each[1])):
        if _says_new(history, entry):
            steps.append(
                ImportStep(
                    row, entry, overturns(record.history, entry, record.today, record.taken_back)
                )
            )
            history = history_with(history, entry, record.today)
    return tuple(steps), history


def _turn(entry: HistoryEntry) -> tuple[int, date, EntryKey]:
    """Where in the order it is recorded."""
    match entry:
        case MilestoneRecorded(kind, on):
            return (0 if kind == RANDOMISATION else 2), on or date.max, entry_key(entry)
        case RegimenChosen():
            return 1, date.min, entry_key(entry)
        case ComponentStopped(_component, last_dose):
            return 2, last_dose, entry_key(entry)
        case CycleRecorded(cycle):
            return 2, cycle.starts or date.max, entry_key(entry)


def _says_new(history: History, entry: HistoryEntry) -> bool:
    """Whether it says anything that is not on record; why it was so is not looked at."""
    match entry:
        case MilestoneRecorded(kind, on, number, arm):
            other_arm = kind == RANDOMISATION and arm != history.arm
            return history.dated(kind).get(number) != on or other_arm
        case RegimenChosen(component, regimen):
            return history.components.get(component) != regimen
        case ComponentStopped(component, last_dose):
            return history.stopped.get(component) != last_dose
        case CycleRecorded(cycle):
            known = history.cycle(cycle.component, cycle.number)
            return known is None or replace(known, reason=None) != replace(cycle, reason=None)


def _once(rows: Sequence[ImportRow], record: PatientRecord) -> tuple[list[ImportRow], list[Fault]]:
    """The rows with each fact once; a second row about a fact may only repeat the first."""
    first: dict[EntryKey | None, ImportRow] = {}
    faults = []
    for row in rows:
        before = first.setdefault(_about(row, record.protocol), row)
        if replace(before, line=row.line, patient=row.patient) != row:
            sentence = _l("This contradicts line %(first)s, which is about the same thing.")
            faults.append(Fault(row.line, "", sentence, {"first": before.line}))
    return list(first.values()), faults


def _about(row: ImportRow, protocol: Protocol) -> EntryKey | None:
    if row.what is None:
        return None
    regimen = protocol.regimens.get(row.kind) if row.what is EntryKind.REGIMEN else None
    return EntryKey(row.what, regimen.component if regimen else row.kind, row.number or 1)


def _unexplained(
    record: PatientRecord, steps: Iterable[ImportStep], reason: str | None
) -> Iterator[Fault]:
    """Who has left, and what is overturned or skipped without a reason."""
    for step in steps:
        row, said = step.row, step.entry
        if not record.takes_part and not isinstance(said, MilestoneRecorded):
            yield Fault(
                row.line,
                "patient",
                _l("This patient takes no further part: only milestones are recorded."),
            )
        if row.reason or reason:
            continue
        if step.corrects:
            yield Fault(row.line, "reason", _l("This changes what is on record: give the reason."))
        elif isinstance(said, CycleRecorded) and said.cycle.status is CycleStatus.SKIPPED:
            yield Fault(row.line, "reason", _l("A skipped cycle needs the reason why."))


def _unsound(
    record: PatientRecord, steps: Sequence[ImportStep], after: History, unread: set[EntryKey | None]
) -> Iterator[Fault]:
    """What the protocol has against the history the rows lead to, each at the row that brings it
    about.

    What is odd needs the reason of a row that is about it: one for a whole table would confirm what
    nobody looked at.
    """
    rows = {entry_key(step.entry): step.row for step in steps}
    for objection in new_objections(record.protocol, after, record.today, before=record.history):
        concerned = [rows[each] for each in objection.about if each in rows] or [
            step.row for step in steps
        ]
        explained = objection.may_confirm and any(row.reason for row in concerned)
        if not explained and unread.isdisjoint(objection.about):
            yield Fault(concerned[0].line, "", objection=objection)


def _components_with_regimen(record: PatientRecord, rows: Iterable[ImportRow]) -> set[str]:
    chosen = (
        record.protocol.regimens.get(row.kind) for row in rows if row.what is EntryKind.REGIMEN
    )
    return {*record.history.components, *(regimen.component for regimen in chosen if regimen)}
