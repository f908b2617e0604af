"""Rows of a laboratory's file about one patient, checked against what is on record before anything
is saved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from proms.domain.history_import import fault as table
from proms.domain.history_import.fault import Fault, FaultCode
from proms.domain.laboratory.entry import LabEntry, Limits, UnfitField, unfit_fields
from proms.domain.laboratory.fault import SENTENCES, ValueFault
from proms.domain.laboratory.news import LabNews, OnRecord, news_of
from proms.domain.laboratory.panel import Panel

COLUMNS = ("patient", "date", "test", "value", "unit", "uln", "reason")
SOME = Decimal(1)
COLUMN_OF = {"taken_on": "date", "upper_limit": "uln"}  # by the field of an entry


@dataclass(frozen=True)
class LabRow:
    """One line of a file; `wrong` are the columns that do not read, and their fields are none."""

    line: int
    patient: str = field(repr=False)
    test: str
    taken_on: date | None
    value: Decimal | None
    unit: str
    upper_limit: Decimal | None
    reason: str | None = None
    wrong: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LabFault:
    """What is wrong in a laboratory's file and where; as text it is English, for the command
    line."""

    line: int
    column: str
    problem: FaultCode | ValueFault
    slots: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The English sentence, with places for what it speaks of."""
        if isinstance(self.problem, ValueFault):
            return SENTENCES[self.problem]
        return table.SENTENCES[self.problem]

    def __str__(self) -> str:
        place = f"line {self.line}"
        if self.column:
            place += f", column {self.column}"
        return f"{place}: {self.sentence % self.slots}"


@dataclass(frozen=True)
class LabStep:
    """A row that says something new."""

    row: LabRow
    news: LabNews


@dataclass(frozen=True)
class CheckedLabs:
    """What a patient's rows come to: what they say that is new, and what is wrong with them."""

    steps: tuple[LabStep, ...]
    faults: tuple[LabFault, ...]


def of_table(fault: Fault) -> LabFault:
    """A fault that any table can have."""
    assert isinstance(fault.problem, FaultCode), "a table of values has no history"
    return LabFault(fault.line, fault.column, fault.problem, fault.slots)


def check_lab_rows(
    panel: Panel,
    limits: Limits,
    on_record: OnRecord,
    rows: Sequence[LabRow],
    reason: str | None,
) -> CheckedLabs:
    """The rows of one patient, in whatever order they stand; `reason` is that of the whole file."""
    faults: list[LabFault] = []
    first: dict[tuple[str, date], tuple[LabRow, LabEntry]] = {}
    for row in rows:
        entry = _entry(panel, row, limits.today)
        # A cell that does not read has its fault already.
        unfit = [_at(row, each) for each in unfit_fields(panel, entry, limits)]
        faults += (fault for fault in unfit if fault.column not in row.wrong)
        if unfit or row.wrong:
            continue
        before, said = first.setdefault((entry.test, entry.taken_on), (row, entry))
        if (said.value, said.upper_limit) != (entry.value, entry.upper_limit):
            slots = {"first": before.line}
            faults.append(LabFault(row.line, "", FaultCode.CONTRADICTION, slots))
    steps = tuple(_steps(on_record, first))
    faults += _unexplained(steps, reason)
    return CheckedLabs(steps, tuple(faults))


def _entry(panel: Panel, row: LabRow, today: date) -> LabEntry:
    """What a row says, with something in the place of a cell that does not read."""
    test = panel.named(row.test)
    return LabEntry(
        test.code if test else row.test,
        row.taken_on or today,
        row.value or SOME,
        row.upper_limit,
        row.unit,
    )


def _steps(
    on_record: OnRecord, rows: Mapping[tuple[str, date], tuple[LabRow, LabEntry]]
) -> Iterator[LabStep]:
    for row, entry in rows.values():
        for news in news_of(on_record, [entry]):
            yield LabStep(row, news)


def _unexplained(steps: Sequence[LabStep], reason: str | None) -> Iterator[LabFault]:
    for step in steps:
        if step.news.corrects and not (step.row.reason or reason):
            yield LabFault(step.row.line, "reason", FaultCode.CHANGE_UNEXPLAINED)


def _at(row: LabRow, unfit: UnfitField) -> LabFault:
    return LabFault(row.line, COLUMN_OF.get(unfit.name, unfit.name), unfit.fault, unfit.slots)


def example_file(panel: Panel) -> str:
    """The columns, with a line of each test about an invented patient."""
    lines = [",".join(COLUMNS)]
    for test in panel.tests.values():
        lowest, highest = test.upper_limit
        limit = (lowest * highest).sqrt()  # between the two, as a laboratory has it
        lines.append(f"K7N2R5X8,2026-03-09,{test.code},{limit / 2:.1f},{test.unit},{limit:.0f},")
    return "\n".join([*lines, ""])
