"""`proms alerts evaluate FILE.csv`: what the rules make of each report in a table."""

import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import TextIOWrapper
from typing import NamedTuple, TextIO

import click

from proms.cli.edge import guarded
from proms.content import load
from proms.domain.alert import EarlierReports, RuleSet
from proms.domain.alert import evaluate as breaches_of
from proms.domain.instrument import Answers, Fact, Instrument, Item, ItemKind, NotOffered, Value
from proms.refusal import Refusal
from proms.settings import HOME

INSTRUMENT = "hsc"
CASE = "case"
NONE = "NONE"
WHOLE = re.compile(r"-?[0-9]{1,9}(\.0+)?")  # a program that knows empty cells may write 2 as 2.0
LARGEST = 36_524  # days of a lifetime


class FactKind(StrEnum):
    """How a cell says a fact."""

    YES_OR_NO = "1 or 0"
    DAYS = "a number of days"
    ARM = "an arm"


# The column of each fact, in the words of the trial's own table of rules.
FACTS = {
    "arm": ("arm", FactKind.ARM),
    "pump": ("pump", FactKind.YES_OR_NO),
    "days_since_surgery": ("days_since_pump_surgery", FactKind.DAYS),
    "chemo28": ("dose_in_28_days", FactKind.YES_OR_NO),
    "infusion": ("infusion", FactKind.YES_OR_NO),
    "folfiri14": ("folfiri_in_14_days", FactKind.YES_OR_NO),
    "bev": ("bevacizumab", FactKind.YES_OR_NO),
    "anticoag": ("anticoagulant", FactKind.YES_OR_NO),
}
YES_OR_NO = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}
REPORTS = {"": "", "prev_": "previous", "base_": "baseline"}  # how the names of items begin


class BadReports(Refusal):
    """The table of reports cannot be read; the text says where and why."""

    code = "bad_reports"


class ItemColumn(NamedTuple):
    """An item, and whether the answer is this report's or an earlier one's."""

    report: str
    item: Item


class FactColumn(NamedTuple):
    fact: str
    kind: FactKind


Column = ItemColumn | FactColumn | None  # None: the case


class Trial(NamedTuple):
    """What the reports are held against."""

    rule_set: RuleSet
    instrument: Instrument
    arms: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """One row: whose it is, what is known, what is answered now and was before."""

    case: str
    facts: dict[str, Fact]
    answers: Answers
    earlier: EarlierReports


@click.command()
@click.argument("file", type=click.Path(allow_dash=True))
@click.option(
    "--fever-limit",
    type=click.Choice(["38.0", "38.5"]),
    default="38.0",
    show_default=True,
    help="From how many degrees on the site calls it fever.",
)
@click.option("--rules", "version", metavar="VERSION", help="The rule set [default: the newest].")
@guarded
def evaluate(file: str, fever_limit: str, version: str | None) -> None:
    """Print level and rules fired for each report in FILE.csv (- reads standard input).

    Columns: case, arm, pump, days_since_surgery, chemo28, infusion, folfiri14, bev, anticoag; the
    items by code; prev_ and base_ before the code for the previous report and the baseline. Several
    ticks with semicolons between, none where nothing is ticked; an empty cell is no answer.
    """
    trial = _trial(version)
    try:
        with click.open_file(file, "rb") as source:
            lines = TextIOWrapper(source, "utf-8-sig", newline="")
            rows = list(_judged(lines, trial, fever_limit))
    except UnicodeDecodeError:
        raise BadReports(f"{file} is not UTF-8 text") from None
    except csv.Error as error:
        raise BadReports(f"{file} is not a CSV table: {error}") from None
    except OSError as error:
        raise BadReports(f"{file} cannot be read: {error.strerror}") from None
    with click.open_file("-", "w", "utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("case", "level", "fired"))
        writer.writerows(rows)


def _trial(version: str | None) -> Trial:
    library = load(HOME)
    versions = library.rule_sets[INSTRUMENT]
    if version is None:
        rule_set = library.rules(library.instrument(INSTRUMENT))
    elif version in versions:
        rule_set = versions[version]
    else:
        raise BadReports(f"there are no rules {version}; there are: {', '.join(sorted(versions))}")
    arms = {
        arm
        for protocols in library.protocols.values()
        for one in protocols.values()
        for arm in one.arms
    }
    instrument = library.instrument(INSTRUMENT, rule_set.instrument_version)
    return Trial(rule_set, instrument, tuple(sorted(arms)))


def _judged(lines: TextIO, trial: Trial, fever_limit: str) -> Iterator[tuple[str, str, str]]:
    for report in _reports(lines, trial):
        facts = {**report.facts, "fever_limit": fever_limit}
        breaches = breaches_of(trial.rule_set, report.answers, facts=facts, earlier=report.earlier)
        # The most urgent stands first.
        level = breaches[0].urgency.name if breaches else NONE
        yield report.case, level, ";".join(sorted(breach.rule for breach in breaches))


def _reports(lines: TextIO, trial: Trial) -> Iterator[Report]:
    reader = csv.reader(lines, strict=True)
    names = next(reader, None)
    if not names:
        raise BadReports("the table is empty: a header line is expected")
    columns = _columns(names, trial.instrument)
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue  # an empty line, as at the end
        if len(cells) != len(names):
            raise BadReports(
                f"row {reader.line_num} has {len(cells)} cells, the header {len(names)}"
            )
        yield _report(
            dict(zip(names, cells, strict=True)), columns, f"row {reader.line_num}", trial
        )


def _columns(names: list[str], instrument: Instrument) -> dict[str, Column]:
    """What each column is; raises BadReports for one that nobody knows, or that stands twice."""
    columns: dict[str, Column] = {}
    seen: set[Column] = set()
    for name in names:
        column = _column(name, instrument)
        if column in seen:
            raise BadReports(f"the column {name.strip()} stands there twice")
        seen.add(column)
        columns[name] = column
    if None not in seen:
        raise BadReports(f"the column {CASE} is missing")
    return columns


def _column(name: str, instrument: Instrument) -> Column:
    plain = name.strip()
    if plain.casefold() == CASE:
        return None
    if plain.casefold() in FACTS:
        return FactColumn(*FACTS[plain.casefold()])
    for prefix in sorted(REPORTS, key=len, reverse=True):
        code = plain[len(prefix) :].upper()
        if plain.casefold().startswith(prefix) and code in instrument.by_code:
            return ItemColumn(REPORTS[prefix], instrument.item(code))
    known = ", ".join((CASE, *FACTS, *instrument.by_code))
    raise BadReports(
        f"there is no column {plain!r}; known are: {known}, and each item with prev_ or base_"
    )


def _report(cells: dict[str, str], columns: dict[str, Column], row: str, trial: Trial) -> Report:
    case = ""
    facts: dict[str, Fact] = {}
    answers: dict[str, dict[str, Value]] = {report: {} for report in REPORTS.values()}
    for name, column in columns.items():
        cell = cells[name].strip()
        if column is None:
            case = cell
        elif not cell:
            continue
        elif isinstance(column, FactColumn):
            facts[column.fact] = _fact(column.kind, cell, f"{row}, {name.strip()}", trial.arms)
        else:
            answers[column.report][column.item.code] = _answer(
                column.item, cell, f"{row}, {name.strip()}"
            )
    earlier = EarlierReports(answers["previous"], answers["baseline"])
    return Report(case, facts, answers[""], earlier)


def _fact(kind: FactKind, cell: str, place: str, arms: Collection[str]) -> Fact:
    match kind:
        case FactKind.ARM:
            if cell.upper() not in arms:
                raise BadReports(f"{place}: {cell!r} is no arm; there are: {', '.join(arms)}")
            return cell.upper()
        case FactKind.YES_OR_NO:
            word = cell.casefold().removesuffix(".0")
            if word not in YES_OR_NO:
                raise BadReports(f"{place}: {cell!r} is neither 1 nor 0")
            return YES_OR_NO[word]
        case FactKind.DAYS:
            if not WHOLE.fullmatch(cell) or not 0 <= int(float(cell)) <= LARGEST:
                raise BadReports(f"{place}: {cell!r} is no number of days")
            return int(float(cell))


def _answer(item: Item, cell: str, place: str) -> Value:
    given: Value | list[str] = cell
    if item.kind is ItemKind.MULTIPLE:
        given = [ticked.strip() for ticked in cell.split(";") if ticked.strip()]
    elif WHOLE.fullmatch(cell) and item.kind is not ItemKind.TEXT:
        given = int(float(cell))
    try:
        return item.checked(given)
    except NotOffered:
        options = ", ".join(map(str, item.options))
        raise BadReports(f"{place}: {cell!r} is not offered; there are: {options}") from None
