"""One time axis: cycles, delays and symptoms in the same columns, a column a week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from proms.content import Library
from proms.db.queries.patient_page import GivenResponse
from proms.db.tables import Assignment
from proms.domain.instrument import Instrument, Item, ItemKind, Value, Wording
from proms.domain.response import Document, MissingReason, answers_of, missing_of
from proms.web.locale import language
from proms.web.staff.calendar.week_axis import Week, monday
from proms.web.staff.labels.evidence import strength

LEFT_OUT = (MissingReason.SKIPPED, MissingReason.DECLINED)


@dataclass(frozen=True)
class Cell:
    """The strongest answer of a week: its number, its look, and the words it was given in."""

    # Tones are classes of the style sheet: "fut" nothing, "ms" missing, "v0" to "v3" the strength.
    text: str = ""
    tone: str = "fut"
    words: str = ""
    red: bool = False
    strength: int = -1


@dataclass(frozen=True)
class Symptom:
    """An item, or a laboratory test, with a cell a week."""

    label: str
    cells: tuple[Cell, ...]
    code: str = ""


@dataclass(frozen=True)
class Reports:
    """A patient's answers to the instruments that rules read, for the weeks shown."""

    given: Sequence[GivenResponse]
    missed: Sequence[Assignment]
    red: dict[int, set[str]]

    def of(self, instrument: str) -> list[GivenResponse]:
        return [report for report in self.given if report.response.instrument == instrument]

    def missed_weeks(self, instrument: str) -> set[date]:
        return {
            monday(assignment.due)
            for assignment in self.missed
            if assignment.instrument == instrument
        }

    def made_red(self, report: GivenResponse, item: Item) -> bool:
        """Whether a red rule was met by this answer."""
        return item.code in self.red.get(report.response.id or 0, set())


def symptoms(
    library: Library, reports: Reports, weeks: Sequence[Week]
) -> list[tuple[str, list[Symptom]]]:
    """For each instrument that rules read, its items with the strongest answer of each week."""
    return [(title, rows) for title, _code, rows in symptom_tables(library, reports, weeks)]


def symptom_tables(
    library: Library, reports: Reports, weeks: Sequence[Week]
) -> list[tuple[str, str, list[Symptom]]]:
    """The same, each with the instrument's code."""
    answered = {report.response.instrument for report in reports.given}
    missed = {assignment.instrument for assignment in reports.missed}
    tables = []
    for code in sorted(answered | missed):
        if library.has_rules(code):
            instrument = library.instrument(code)
            wording = library.wording(code, language())
            rows = _rows(library, instrument, wording, reports, weeks)
            tables.append((wording.short_title, code, rows))
    return tables


def answered_in_words(library: Library, report: GivenResponse, codes: Sequence[str]) -> list[str]:
    """What was answered to these items, as label and words; what was left out is not told."""
    code, version = report.response.instrument, report.response.instrument_version
    instrument = library.instrument(code, version)
    wording = library.wording(code, language(), version)
    answers = answers_of(report.response.document)
    return [
        f"{wording.label(item)}: {wording.option(item, answers[item])}"
        for item in codes
        if item in instrument.by_code and item in answers
    ]


def _rows(
    library: Library,
    instrument: Instrument,
    wording: Wording,
    reports: Reports,
    weeks: Sequence[Week],
) -> list[Symptom]:
    missed = reports.missed_weeks(instrument.code)
    rows = []
    for item in instrument.items:
        if item.kind is ItemKind.TEXT:
            continue
        by_week = _strongest_by_week(library, reports, instrument.code, item)
        shown = [by_week[week.starts] for week in weeks if week.starts in by_week]
        if _belongs_in_table(item, shown):
            cells = tuple(_cell_of_week(week, by_week, missed) for week in weeks)
            rows.append(Symptom(wording.label(item.code), cells, item.code))
    return rows


def _strongest_by_week(
    library: Library, reports: Reports, code: str, item: Item
) -> dict[date, Cell]:
    """By the Monday of the week in which the answers were asked for: a report may come in a few
    days before or after. Each is read in the version it was given in."""
    by_week: dict[date, Cell] = {}
    for report in reports.of(code):
        version = report.response.instrument_version
        instrument = library.instrument(code, version)
        if item.code not in instrument.by_code or not _was_asked(report, item):
            continue
        wording = library.wording(code, language(), version)
        week = monday(report.assignment.due)
        red = reports.made_red(report, item)
        cell = _cell(instrument, wording, item, report.response.document, red=red)
        # Reports come oldest first: of two answers as strong the later one stands.
        if week not in by_week or cell.strength >= by_week[week].strength:
            by_week[week] = cell
    return by_week


def _belongs_in_table(item: Item, cells: Sequence[Cell]) -> bool:
    """Whether an item came up in the weeks shown; one asked on a condition must also have been
    answered."""
    if item.asked_if:
        return any(cell.strength >= 0 for cell in cells)
    return bool(cells)


def _was_asked(report: GivenResponse, item: Item) -> bool:
    entry = report.response.document.get(item.code, {})
    return "value" in entry or entry.get("missing") in LEFT_OUT


def _cell(
    instrument: Instrument, wording: Wording, item: Item, document: Document, *, red: bool
) -> Cell:
    answers = answers_of(document)
    if item.code not in answers:
        if missing_of(document).get(item.code) in LEFT_OUT:
            return Cell("–", "ms", _("skipped"))
        return Cell()
    value = answers[item.code]
    thirds = strength(instrument, item.code, value)
    return Cell(
        text=_number_or_count(item, value),
        tone=f"v{thirds}",
        words=wording.option(item.code, value),
        # An answer of no strength may be a part of what met a red rule, and is not what was wrong.
        red=red and thirds > 0,
        strength=thirds,
    )


def _number_or_count(item: Item, value: Value) -> str:
    """The number that was answered, or how many options were ticked: "3×"."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple) and value and item.none not in value:
        return f"{len(value)}×"
    return "0"


def _cell_of_week(week: Week, by_week: dict[date, Cell], missed: set[date]) -> Cell:
    if week.starts in by_week:
        return by_week[week.starts]
    if week.starts in missed:
        return Cell("–", "ms", _("not filled in"))
    return Cell()
