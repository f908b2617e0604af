"""`proms import labs FILE.csv`: laboratory values from a hospital's own system."""

from collections.abc import Iterator
from typing import BinaryIO

import click

from proms.actions.audit import OPERATOR
from proms.actions.lab_import import (
    LabFile,
    LabImport,
    preview_lab_import,
    save_lab_import,
)
from proms.actions.rows_by_patient import UnsoundTable
from proms.actions.site_facts import site_at
from proms.cli.edge import guarded
from proms.cli.hospital_file import table_in, takes_file
from proms.cli.opened import opened
from proms.content import Library
from proms.content.lab_table import LabTable, read_lab_table
from proms.domain.laboratory.rows import example_file
from proms.domain.protocol import Protocol
from proms.factory import work
from proms.parts import Parts


def _example(library: Library, protocol: Protocol) -> str:
    panel = library.panel_of(protocol)
    if panel is None:
        raise click.ClickException("This trial keeps no laboratory values.")
    return example_file(panel)


@click.command("import labs")
@takes_file(_example)
@guarded
def command(file: BinaryIO, *, code: str, dry_run: bool, reason: str, day_first: bool) -> None:
    """Save the laboratory values in FILE (- reads standard input), as a whole or not at all; twice
    is once."""
    table = table_in(file, read_lab_table, day_first=day_first)
    with opened() as made:
        found = _found(made, table, code, reason.strip() or None, dry_run=dry_run)
    if found.faults:
        raise UnsoundTable(found.faults)
    for line in _lines(found, dry_run=dry_run):
        click.echo(line)


def _found(
    made: Parts, table: LabTable, site: str, reason: str | None, *, dry_run: bool
) -> LabImport:
    now = work(made).now()
    if dry_run:
        with made.database.reading() as session:
            sheet = LabFile(table, site_at(session, site).id, reason)
            return preview_lab_import(session, made.library, made.keyring, sheet, now=now)
    with made.database.writing() as session:
        sheet = LabFile(table, site_at(session, site).id, reason)
        return save_lab_import(session, made.library, made.keyring, sheet, by=OPERATOR, now=now)


def _lines(found: LabImport, *, dry_run: bool) -> Iterator[str]:
    """Each patient with the values that are new; then the whole in one line."""
    for effect in found.news:
        yield effect.patient.code
        for step in effect.steps:
            entry = step.news.entry
            unit = effect.basis.panel.tests[entry.test].unit
            kind = "correction" if step.news.corrects else "new"
            limit = f"upper limit {entry.upper_limit}"
            yield (
                f"  line {step.row.line}, {kind}: "
                f"{entry.test} {entry.value} {unit} on {entry.taken_on}, {limit}"
            )
    counts = found.counts()
    done = "would be saved; nothing was changed" if dry_run else "saved"
    yield (
        f"{counts['rows']} rows, {counts['patients']} patients: "
        f"{counts['new']} new, {counts['corrected']} corrected, {done}."
    )
