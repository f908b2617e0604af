"""`proms import FILE.csv`: cycles and milestones from a hospital's own system."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import click
from sqlmodel import Session

from proms.actions.audit import OPERATOR
from proms.actions.history_import import (
    Import,
    ImportEffect,
    ImportFile,
    preview_import,
    save_import,
)
from proms.actions.rows_by_patient import UnsoundTable
from proms.actions.site_facts import site_at
from proms.cli.edge import guarded
from proms.cli.hospital_file import table_in, takes_file
from proms.cli.opened import opened
from proms.content import Library
from proms.content.catalogues import catalogue
from proms.content.history_table import HistoryTable, read_table
from proms.domain.history_import.example import example_file
from proms.domain.person import Language
from proms.domain.protocol import Protocol
from proms.domain.schedule import Cycle, summarise
from proms.domain.schedule.change_summary import summary_sentence
from proms.domain.schedule.history_entry import (
    ComponentStopped,
    CycleRecorded,
    FactRecorded,
    HistoryEntry,
    MilestoneRecorded,
    RegimenChosen,
)
from proms.factory import work
from proms.parts import Parts

LEFT_OUT = 3  # the exit code of a file that was taken without the lines that were refused


def _example(_library: Library, protocol: Protocol) -> str:
    return example_file(protocol)


@click.command("import")
@takes_file(_example)
@click.option(
    "--without-refused",
    is_flag=True,
    help="Save the lines that nothing is wrong with; name the others, and end with exit code 3.",
)
@guarded
def command(
    file: BinaryIO, *, code: str, dry_run: bool, reason: str, without_refused: bool, day_first: bool
) -> None:
    """Save what FILE (- reads standard input) says of patients, as a whole or not at all; twice is
    once."""
    table = table_in(file, read_table, day_first=day_first)
    wanted = Wanted(table, code, reason.strip() or None, without_refused)
    with opened() as made:
        found = _found(made, wanted, dry_run=dry_run)
    if found.stopped:
        raise UnsoundTable(found.faults)
    for line in _lines(found, dry_run=dry_run):
        click.echo(line)
    for fault in found.faults:
        click.echo(f"left out: {fault}", err=True)
    if found.faults:
        raise SystemExit(LEFT_OUT)


class Wanted(NamedTuple):
    """What the command was asked for: a file, the code of its site, a reason, and whether lines may
    be left out."""

    table: HistoryTable
    site: str
    reason: str | None
    without_refused: bool

    def sheet(self, session: Session) -> ImportFile:
        site = site_at(session, self.site)
        return ImportFile(self.table, site.id, self.reason, self.without_refused)


def _found(made: Parts, wanted: Wanted, *, dry_run: bool) -> Import:
    now = work(made).now()
    if dry_run:
        with made.database.reading() as session:
            sheet = wanted.sheet(session)
            return preview_import(session, made.library, made.keyring, sheet, now=now)
    with made.database.writing() as session:
        sheet = wanted.sheet(session)
        return save_import(session, made.library, made.keyring, sheet, by=OPERATOR, now=now)


def _lines(found: Import, *, dry_run: bool) -> Iterator[str]:
    """Each patient with the rows that say something new, and what they do to her plan; then the
    whole in one line."""
    for effect in found.news:
        yield f"{effect.patient.code} (revision {effect.patient.revision})"
        for step in effect.steps:
            kind = "correction" if step.corrects else "new"
            yield f"  line {step.row.line}, {kind}: {_entry_text(step.entry)}"
        yield f"  {_effect_text(effect)}"
    counts = found.counts()
    done = "would be saved; nothing was changed" if dry_run else "saved"
    left_out = f", {len(found.left_out)} lines left out" if found.left_out else ""
    yield (
        f"{counts['rows']} rows, {counts['patients']} patients change: "
        f"{counts['new']} new, {counts['corrected']} corrected{left_out}, {done}."
    )


def _effect_text(effect: ImportEffect) -> str:
    return summary_sentence(catalogue(Language.EN), summarise(effect.changes), effect.unsent)


def _entry_text(entry: HistoryEntry) -> str:
    match entry:
        case MilestoneRecorded(kind, on, number, arm):
            text = f"{kind} {number} on {on}"
            return f"{text}, arm {arm}" if arm else text
        case RegimenChosen(component, regimen):
            return f"{component} is {regimen}"
        case ComponentStopped(component, None):
            return f"{component} does not stop"
        case ComponentStopped(component, last_dose):
            return f"{component} stops, last dose on {last_dose}"
        case CycleRecorded(cycle):
            return _cycle_text(cycle)
        case FactRecorded(fact, since, value, number):
            return f"{fact} {number} is {value} from {since}"


def _cycle_text(cycle: Cycle) -> str:
    text = f"{cycle.component} cycle {cycle.number} {cycle.status}"
    if cycle.day_1:
        text += f", day 1 {cycle.day_1}"
    if cycle.planned:
        text += f", planned {cycle.planned}"
    return text
