"""Rows of a table that tell what happened to patients, and the words of the protocol they may
use."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from proms.domain.protocol import Protocol
from proms.domain.schedule.history import CycleStatus, EntryKey, EntryKind, History
from proms.domain.schedule.history_entry import RANDOMISATION
from proms.domain.schedule.history_errors import UnsoundHistory

_l = str  # marks a sentence for the catalogue; a page says it in the reader's language


@dataclass(frozen=True)
class Fault:
    """What is wrong in a table and where: an English sentence with slots, or what the protocol has
    against it.

    A sentence never repeats a cell: where columns have shifted it may hold a name.
    """

    line: int
    column: str
    sentence: str = ""
    slots: Mapping[str, str | int] = field(default_factory=dict)
    objection: UnsoundHistory | None = None

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        if self.objection is None:
            return f"{where}: {self.sentence % self.slots}"
        asked = "; if it is so, give the reason in this row" if self.objection.may_confirm else ""
        return f"{where}: {self.objection}{asked}"


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
    wrong: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PatientRecord:
    """What is known of a patient before the table is read; `taken_back` are milestones that turned
    out not to be."""

    protocol: Protocol
    history: History
    taken_back: frozenset[EntryKey]
    takes_part: bool
    today: date


def unknown_words(row: ImportRow, record: PatientRecord, regimens: set[str]) -> Iterator[Fault]:
    """What a row says that the protocol does not know, or leaves out; `regimens` are the components
    that have one."""
    if row.what:
        yield from _WORDS[row.what](row, record, regimens)


def _milestone_words(row: ImportRow, record: PatientRecord, _regimens: set[str]) -> Iterator[Fault]:
    kind = record.protocol.milestones.get(row.kind)
    if kind is None:
        known = ", ".join(record.protocol.milestones)
        yield Fault(
            row.line,
            "kind",
            _l("This is not a milestone of the protocol: %(known)s."),
            {"known": known},
        )
    elif kind.repeats:
        yield from _needed(row, "number", row.number)
    elif row.number not in (None, 1):
        yield Fault(row.line, "number", _l("This happens only once: leave the number empty."))
    yield from _needed(row, "date", row.on)
    yield from _arm_words(row, record)


def _arm_words(row: ImportRow, record: PatientRecord) -> Iterator[Fault]:
    arms = record.protocol.arms
    if row.kind != RANDOMISATION:
        if row.arm:
            yield Fault(row.line, "arm", _l("Only a randomisation has an arm: leave this empty."))
    elif (row.arm or record.history.arm) not in arms and "arm" not in row.wrong:
        yield Fault(
            row.line,
            "arm",
            _l("Write the arm of the protocol: %(known)s."),
            {"known": ", ".join(arms)},
        )


def _cycle_words(row: ImportRow, record: PatientRecord, regimens: set[str]) -> Iterator[Fault]:
    yield from _component_words(row, record, regimens)
    yield from _needed(row, "number", row.number)
    every = {
        drug
        for regimen in record.protocol.regimens.values()
        for drug in (*regimen.drugs, *regimen.optional)
    }
    if not every.issuperset(row.drugs):
        known = ", ".join(sorted(every))
        yield Fault(
            row.line,
            "drugs",
            _l("Not every word is a drug of the protocol: %(known)s."),
            {"known": known},
        )


def _regimen_words(row: ImportRow, record: PatientRecord, _regimens: set[str]) -> Iterator[Fault]:
    if row.kind not in record.protocol.regimens:
        known = ", ".join(record.protocol.regimens)
        yield Fault(
            row.line,
            "kind",
            _l("This is not a regimen of the protocol: %(known)s."),
            {"known": known},
        )


def _stop_words(row: ImportRow, record: PatientRecord, regimens: set[str]) -> Iterator[Fault]:
    yield from _component_words(row, record, regimens)
    yield from _needed(row, "date", row.on)


def _component_words(row: ImportRow, record: PatientRecord, regimens: set[str]) -> Iterator[Fault]:
    known = record.protocol.components
    if row.kind not in known:
        slots = {"known": ", ".join(known)}
        yield Fault(
            row.line, "kind", _l("This is not a component of the treatment: %(known)s."), slots
        )
    elif row.kind not in regimens:
        yield Fault(row.line, "kind", _l("This component has no regimen yet: add a row for it."))


def _needed(row: ImportRow, column: str, value: object) -> Iterator[Fault]:
    if value is None and column not in row.wrong:
        yield Fault(row.line, column, _l("This is needed here."))


_WORDS: Mapping[EntryKind, Callable[[ImportRow, PatientRecord, set[str]], Iterator[Fault]]] = {
    EntryKind.MILESTONE: _milestone_words,
    EntryKind.CYCLE: _cycle_words,
    EntryKind.REGIMEN: _regimen_words,
    EntryKind.STOP: _stop_words,
}
