"""One time axis: cycles, delays and symptoms in the same columns, a column a week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from proms.content import Library
from proms.db.queries.patient_page import GivenResponse
from proms.db.tables import Assignment
from proms.domain.instrument import Instrument, Item, ItemKind, Wording
from proms.domain.response import MissingReason, answers_of, missing_of
from proms.web.locale import language
from proms.web.staff.calendar.week_axis import Week, monday
from proms.web.staff.labels.evidence import strength

LEFT_OUT = (MissingReason.SKIPPED, MissingReason.DECLINED)


@dataclass(frozen=True)
class Cell:
    """The strongest answer of a week: its number, its look, and the words it was given in."""

    text: str = ""
    tone: str = "fut"
    words: str = ""
    red: bool = False
    strength: int = -1


@dataclass(frozen=True)
class Symptom:
    """An item with a cell a week."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Reports:
    """A patient's answers to the instruments that rules read, for the weeks shown."""

    given: Sequence[GivenResponse]
    missed: Sequence[Assignment]
    red: dict[int, set[str]]

    def of(self, instrument: str) -> list[GivenResponse]:
        return [each for each in self.given if each.response.instrument == instrument]

    def week(self, each: GivenResponse) -> date:
        """The week the answers were asked for: a report may come in a few days before or after."""
        return monday(each.assignment.due)

    def missed_weeks(self, instrument: str) -> set[date]:
        return {monday(each.due) for each in self.missed if each.instrument == instrument}


def symptoms(
    library: Library, reports: Reports, weeks: Sequence[Week]
) -> list[tuple[str, list[Symptom]]]:
    """For each instrument that rules read, its items with the strongest answer of each week."""
    codes = {each.response.instrument for each in reports.given} | {
        each.instrument for each in reports.missed
    }
    tables = []
    for code in sorted(each for each in codes if library.has_rules(each)):
        wording, instrument = library.wording(code, language()), library.instrument(code)
        tables.append((wording.short_title, _rows(instrument, wording, reports, weeks)))
    return tables


def _rows(
    instrument: Instrument, wording: Wording, reports: Reports, weeks: Sequence[Week]
) -> list[Symptom]:
    given = reports.of(instrument.code)
    missed = reports.missed_weeks(instrument.code)
    rows = []
    for item in instrument.items:
        if item.kind is ItemKind.TEXT:
            continue
        by_week: dict[date, Cell] = {}
        for each in (each for each in given if _asked(each, item)):
            week, cell = reports.week(each), _cell(instrument, item, wording, each, reports)
            if cell.strength >= by_week.get(week, Cell()).strength:
                by_week[week] = cell
        shown = [by_week[week.starts] for week in weeks if week.starts in by_week]
        if any(cell.strength >= 0 or not item.asked_if for cell in shown):
            rows.append(
                Symptom(
                    wording.label(item.code),
                    tuple(_of_week(by_week, week, missed) for week in weeks),
                )
            )
    return rows


def _asked(each: GivenResponse, item: Item) -> bool:
    entry = each.response.document.get(item.code, {})
    return "value" in entry or entry.get("missing") in LEFT_OUT


def _cell(
    instrument: Instrument, item: Item, wording: Wording, each: GivenResponse, reports: Reports
) -> Cell:
    answers, missing = answers_of(each.response.document), missing_of(each.response.document)
    if item.code not in answers:
        left_out = missing.get(item.code) in LEFT_OUT
        return Cell("–", "ms", _("left out"), strength=-1) if left_out else Cell()
    value = answers[item.code]
    strong = strength(instrument, item.code, value)
    ticked = len(value) if isinstance(value, tuple) and item.none not in value else 0
    text = str(value) if isinstance(value, int) else (f"{ticked}×" if ticked else "0")
    red = item.code in reports.red.get(each.response.id or 0, set()) and strong > 0
    return Cell(text, f"v{strong}", wording.option(item.code, value), red, strong)


def _of_week(by_week: dict[date, Cell], week: Week, missed: set[date]) -> Cell:
    if week.starts in by_week:
        return by_week[week.starts]
    return Cell("–", "ms", _("not filled in")) if week.starts in missed else Cell()
