"""Rows of a table that tell what happened to patients, and the words of the protocol they may
use."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date

from proms.domain.history_import.fault import Fault, FaultCode
from proms.domain.protocol import RANDOMISATION, Protocol
from proms.domain.schedule.history import CycleStatus, EntryKey, EntryKind, History


@dataclass(frozen=True)
class ImportRow:
    """One line of a table; an empty cell says nothing, `wrong` are the columns that do not read."""

    line: int
    patient: str = field(repr=False)
    what: EntryKind | None
    kind: str
    number: int | None = None
    planned: date | None = None
    day_1: date | None = None
    status: CycleStatus | None = None
    drugs: tuple[str, ...] = ()
    dose_percent: int | None = None
    arm: str | None = None
    on: date | None = None
    reason: str | None = None
    regimen: str | None = None
    wrong: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PatientRecord:
    """What is known of a patient before the table is read; `taken_back` are milestones that turned
    out not to be."""

    protocol: Protocol
    history: History
    taken_back: frozenset[EntryKey]
    today: date


def unknown_words(
    row: ImportRow, record: PatientRecord, with_regimen: Collection[str]
) -> Iterator[Fault]:
    """What a row says that the protocol does not know, or leaves out; `with_regimen` are the
    components that have one."""
    match row.what:
        case EntryKind.MILESTONE:
            yield from _milestone_faults(row, record)
        case EntryKind.CYCLE:
            yield from _component_faults(row, record.protocol, with_regimen)
            yield from _missing(row, "number", row.number)
            yield from _drug_faults(row, record.protocol)
            yield from _regimen_faults(row, record.protocol)
        case EntryKind.REGIMEN:
            if row.kind not in record.protocol.regimens:
                yield _unknown(row, "kind", FaultCode.UNKNOWN_REGIMEN, record.protocol.regimens)
        case EntryKind.STOP:
            yield from _component_faults(row, record.protocol, with_regimen)
            yield from _missing(row, "date", row.on)


def _milestone_faults(row: ImportRow, record: PatientRecord) -> Iterator[Fault]:
    milestones = record.protocol.milestones
    milestone = milestones.get(row.kind)
    if milestone is None:
        yield _unknown(row, "kind", FaultCode.UNKNOWN_MILESTONE, milestones)
    elif milestone.repeats:
        yield from _missing(row, "number", row.number)
    elif row.number not in (None, 1):
        yield Fault(row.line, "number", FaultCode.HAPPENS_ONCE)
    yield from _missing(row, "date", row.on)
    yield from _arm_faults(row, record)


def _arm_faults(row: ImportRow, record: PatientRecord) -> Iterator[Fault]:
    """A randomisation without an arm keeps the one that is on record, if there is one."""
    arms = record.protocol.arms
    if row.kind != RANDOMISATION:
        if row.arm:
            yield Fault(row.line, "arm", FaultCode.NO_RANDOMISATION)
    elif (row.arm or record.history.arm) not in arms and "arm" not in row.wrong:
        yield _unknown(row, "arm", FaultCode.UNKNOWN_ARM, arms)


def _component_faults(
    row: ImportRow, protocol: Protocol, with_regimen: Collection[str]
) -> Iterator[Fault]:
    if row.kind not in protocol.components:
        yield _unknown(row, "kind", FaultCode.UNKNOWN_COMPONENT, protocol.components)
    elif row.kind not in with_regimen:
        yield Fault(row.line, "kind", FaultCode.NO_REGIMEN)


def _drug_faults(row: ImportRow, protocol: Protocol) -> Iterator[Fault]:
    if not set(row.drugs) <= set(protocol.drug_codes):
        yield _unknown(row, "drugs", FaultCode.UNKNOWN_DRUG, protocol.drug_codes)


def _regimen_faults(row: ImportRow, protocol: Protocol) -> Iterator[Fault]:
    """A planned cycle has no regimen of its own; one that was given may have had any that there
    is."""
    if row.regimen is None:
        return
    if row.regimen not in protocol.regimens:
        yield _unknown(row, "regimen", FaultCode.UNKNOWN_REGIMEN, protocol.regimens)
    elif row.status is CycleStatus.PLANNED or not (row.status or row.day_1):
        yield Fault(row.line, "regimen", FaultCode.REGIMEN_OF_PLANNED)


def _missing(row: ImportRow, column: str, value: object) -> Iterator[Fault]:
    """An empty cell that is needed; one that does not read has its fault already."""
    if value is None and column not in row.wrong:
        yield Fault(row.line, column, FaultCode.NEEDED)


def _unknown(row: ImportRow, column: str, code: FaultCode, words: Collection[str]) -> Fault:
    return Fault(row.line, column, code, {"known": ", ".join(words)})
