"""The rows of one patient, checked against what is on record before anything is saved."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date

from proms.domain.history_import.fault import Fault, FaultCode
from proms.domain.history_import.row import ImportRow, PatientRecord, unknown_words
from proms.domain.protocol import RANDOMISATION, Protocol
from proms.domain.schedule.after_the_end import after_the_end
from proms.domain.schedule.history import Cycle, CycleStatus, EntryKey, EntryKind, History
from proms.domain.schedule.history_checks import new_objections
from proms.domain.schedule.history_entry import (
    ComponentStopped,
    CycleRecorded,
    FactRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
    entry_key,
    history_with,
    overturns,
    says_nothing_new,
)
from proms.domain.schedule.history_errors import AfterDeath


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
    protocol = record.protocol
    with_regimen = _components_with_regimen(record, rows)
    faults: list[Fault] = []
    for row in rows:
        faults += unknown_words(row, record, with_regimen)
    # A line is left out for an unknown word, or for a cell whose fault the reader has told already.
    left_out = {fault.line for fault in faults} | {row.line for row in rows if row.wrong}
    readable: list[ImportRow] = []
    unread: set[EntryKey | None] = set()
    for row in rows:
        if row.line in left_out:
            unread.add(_fact_of(row, protocol))
        else:
            readable.append(row)
    first_rows = _first_rows(readable, protocol)
    faults += _contradictions(readable, first_rows, protocol)
    steps, after = _steps(record, first_rows.values())
    too_late = list(_after_the_end(record, steps, after))
    faults += too_late
    faults += _without_reason(steps, reason)
    told = {fault.line for fault in too_late}
    faults += (
        fault for fault in _unsound(record, steps, after, unread) if not _told_before(fault, told)
    )
    return CheckedRows(steps, after, tuple(faults))


def leave_out_faulty(
    record: PatientRecord, rows: Sequence[ImportRow], *, reason: str | None = None
) -> CheckedRows:
    """The rows of one patient without those in which there is a fault, nor those that fall with
    them, such as a cycle whose predecessor is left out. Every fault is kept, and none is left."""
    left = [row for row in rows if not row.wrong]
    faults: list[Fault] = []
    # Each round leaves out a row at least: the lines of its faults are lines of these rows.
    while True:
        checked = check_rows(record, left, reason=reason)
        if not checked.faults:
            return replace(checked, faults=tuple(faults))
        for fault in checked.faults:
            faults += _both_sides(fault)
        gone = {fault.line for fault in faults}
        left = [row for row in left if row.line not in gone]


def _both_sides(fault: Fault) -> Iterator[Fault]:
    """Of two lines that contradict each other nobody knows which one is right."""
    yield fault
    if fault.problem is FaultCode.CONTRADICTION:
        yield Fault(int(fault.slots["first"]), "", fault.problem, {"first": fault.line})


def entry_of(row: ImportRow, protocol: Protocol, history: History) -> HistoryEntry:
    """What a row says, on top of what is on record."""
    match row.what:
        case EntryKind.MILESTONE:
            return MilestoneRecorded(row.kind, row.on, row.number or 1, _arm(row, history))
        case EntryKind.REGIMEN:
            return RegimenChosen(protocol.regimens[row.kind].component, row.kind)
        case EntryKind.STOP:
            assert row.on is not None
            return ComponentStopped(row.kind, row.on)
        case _:
            number = row.number or 1
            recorded = history.cycle(row.kind, number) or Cycle(row.kind, number)
            return CycleRecorded(_cycle(row, recorded))


def _arm(row: ImportRow, history: History) -> str | None:
    if row.kind != RANDOMISATION:
        return None
    return row.arm or history.arm


def _cycle(row: ImportRow, recorded: Cycle) -> Cycle:
    """An empty cell leaves what is on record; only a cycle that was given keeps its day 1, drugs
    and dose."""
    status = _status(row, recorded)
    kept = recorded
    if status is not CycleStatus.GIVEN:
        kept = Cycle(recorded.component, recorded.number)
    return Cycle(
        component=recorded.component,
        number=recorded.number,
        planned=row.planned or recorded.planned,
        day_1=row.day_1 or kept.day_1,
        status=status,
        drugs=row.drugs or kept.drugs,
        # A dose of 0 percent is said, not empty.
        dose_percent=kept.dose_percent if row.dose_percent is None else row.dose_percent,
        reason=row.reason,
        # Where neither says it the history does, from what the component consists of.
        regimen=row.regimen or recorded.regimen,
    )


def _status(row: ImportRow, recorded: Cycle) -> CycleStatus:
    """The status a row gives, or implies by a day 1, else the one on record."""
    if row.status:
        return row.status
    if row.day_1:
        return CycleStatus.GIVEN
    return recorded.status


def _steps(
    record: PatientRecord, rows: Iterable[ImportRow]
) -> tuple[tuple[ImportStep, ...], History]:
    """The rows that say something new, the arm first, then regimens, then all else by date."""
    entries = [(row, entry_of(row, record.protocol, record.history)) for row in rows]
    entries.sort(key=lambda row_and_entry: _recording_order(row_and_entry[1]))
    history = record.history
    steps = []
    # A row is new against the history as the rows before it leave it: the second of two that say
    # the same is no step. It corrects only what was on record before the table.
    for row, entry in entries:
        if _says_new(history, entry):
            corrects = _corrects(record, entry)
            steps.append(ImportStep(row, entry, corrects))
            history = history_with(history, entry, record.today)
    return tuple(steps), history


def _corrects(record: PatientRecord, entry: HistoryEntry) -> bool:
    """Whether it overturns what is on record. In a table another regimen does so too: an old table
    would undo a switch that was recorded by hand since, and nobody need be looking."""
    if isinstance(entry, RegimenChosen):
        on_record = record.history.components.get(entry.component)
        if on_record not in (None, entry.regimen):
            return True
    return overturns(record.history, entry, record.today, record.taken_back)


def _recording_order(entry: HistoryEntry) -> tuple[int, date, EntryKey]:
    fact = entry_key(entry)
    match entry:
        case MilestoneRecorded(kind, on) if kind == RANDOMISATION:
            return 0, on or date.max, fact
        case RegimenChosen():
            return 1, date.min, fact
        case MilestoneRecorded(_, on):
            return 2, on or date.max, fact
        case ComponentStopped(_, last_dose):
            return 2, last_dose or date.max, fact
        case CycleRecorded(cycle):
            return 2, cycle.starts or date.max, fact
        case FactRecorded(_, since):
            return 2, since or date.max, fact


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
            recorded = history.cycle(cycle.component, cycle.number)
            if recorded is None:
                return True
            said = replace(cycle, reason=None)
            if cycle.status is CycleStatus.PLANNED:
                said = replace(said, regimen=None)
            return replace(recorded, reason=None) != said
        case FactRecorded():
            return not says_nothing_new(history, entry)


def _first_rows(rows: Iterable[ImportRow], protocol: Protocol) -> dict[EntryKey | None, ImportRow]:
    """The first row about each fact."""
    first_rows: dict[EntryKey | None, ImportRow] = {}
    for row in rows:
        first_rows.setdefault(_fact_of(row, protocol), row)
    return first_rows


def _contradictions(
    rows: Iterable[ImportRow], first_rows: Mapping[EntryKey | None, ImportRow], protocol: Protocol
) -> Iterator[Fault]:
    """A second row about a fact may only repeat the first."""
    for row in rows:
        first = first_rows[_fact_of(row, protocol)]
        if replace(first, line=row.line, patient=row.patient) != row:
            yield Fault(row.line, "", FaultCode.CONTRADICTION, {"first": first.line})


def _fact_of(row: ImportRow, protocol: Protocol) -> EntryKey | None:
    """The fact a row is about, as far as it can be read; a regimen is a fact of its component."""
    if row.what is None:
        return None
    name = row.kind
    if row.what is EntryKind.REGIMEN and name in protocol.regimens:
        name = protocol.regimens[name].component
    return EntryKey(row.what, name, row.number or 1)


def _after_the_end(
    record: PatientRecord, steps: Iterable[ImportStep], after: History
) -> Iterator[Fault]:
    for step in steps:
        objection = after_the_end(record.protocol, record.history, after, step.entry)
        if objection:
            yield Fault(step.row.line, "", objection)


def _told_before(fault: Fault, lines: Set[int]) -> bool:
    """Whether it only says once more of a line that it is after the patient's death."""
    return isinstance(fault.problem, AfterDeath) and fault.line in lines


def _without_reason(steps: Iterable[ImportStep], reason: str | None) -> Iterator[Fault]:
    """What is overturned or skipped without a reason."""
    for step in steps:
        line, entry = step.row.line, step.entry
        if step.row.reason or reason:
            continue
        if step.corrects:
            yield Fault(line, "reason", FaultCode.CHANGE_UNEXPLAINED)
        elif isinstance(entry, CycleRecorded) and entry.cycle.status is CycleStatus.SKIPPED:
            yield Fault(line, "reason", FaultCode.SKIP_UNEXPLAINED)


def _unsound(
    record: PatientRecord,
    steps: Sequence[ImportStep],
    after: History,
    unread: Set[EntryKey | None],
) -> Iterator[Fault]:
    """What the protocol has against the history the rows lead to, each at the row that brings it
    about.

    What is odd needs the reason of a row that is about it: one for a whole table would confirm what
    nobody looked at.
    """
    rows = {entry_key(step.entry): step.row for step in steps}
    for objection in new_objections(record.protocol, after, record.today, before=record.history):
        if not unread.isdisjoint(objection.about):
            continue
        concerned = [rows[fact] for fact in objection.about if fact in rows]
        if not concerned:
            # Nothing it names stands in the table: some row brought it about from afar.
            concerned = list(rows.values())
        explained = any(row.reason for row in concerned)
        if not (objection.may_confirm and explained):
            yield Fault(concerned[0].line, "", objection)


def _components_with_regimen(record: PatientRecord, rows: Iterable[ImportRow]) -> set[str]:
    """The components that have a regimen on record, or get one in the table."""
    regimens = record.protocol.regimens
    components = set(record.history.components)
    for row in rows:
        if row.what is EntryKind.REGIMEN and row.kind in regimens:
            components.add(regimens[row.kind].component)
    return components
