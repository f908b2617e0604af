"""`proms import labs FILE.csv`: laboratory values from a hospital's own system."""

import os
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
from proms.actions.refusals import FieldFault, Incomplete
from proms.actions.rows_by_patient import UnsoundTable
from proms.cli.edge import guarded
from proms.cli.history_import import site_id_of
from proms.content import load
from proms.content.lab_table import LabTable, read_lab_table
from proms.domain.laboratory.rows import example_file
from proms.factory import work
from proms.parts import Parts, parts
from proms.settings import content_folder, protocol_code


def _show_template(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        library = load(content_folder(os.environ))
        panel = library.panel_of(library.protocol(protocol_code(os.environ)))
        if panel is None:
            raise click.ClickException("This trial keeps no laboratory values.")
        click.echo(example_file(panel), nl=False)
        context.exit()


@click.command("import labs")
@click.argument("file", type=click.File("rb"))
@click.option("--site", "code", required=True, help="The site whose patients the file is about.")
@click.option(
    "--dry-run", is_flag=True, help="Say what it would add for each patient, and change nothing."
)
@click.option(
    "--reason", default="", help="Kept beside every value that gives none; corrections need one."
)
@click.option("--day-first", is_flag=True, help="Dates such as 3-4-2026 begin with the day.")
@click.option(
    "--template",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_template,
    help="Print one.",
)
@guarded
def command(file: BinaryIO, *, code: str, dry_run: bool, reason: str, day_first: bool) -> None:
    """Save the laboratory values in FILE (- reads standard input), as a whole or not at all; twice
    is once."""
    try:
        table = read_lab_table(file.read(), day_first=day_first)
    except OSError as error:
        raise Incomplete(
            "file", FieldFault.UNREADABLE_FILE, name=file.name, error=error.strerror
        ) from None
    made = parts()
    try:
        found = _found(made, table, code, reason.strip() or None, dry_run=dry_run)
    finally:
        made.database.engine.dispose()
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
            sheet = LabFile(table, site_id_of(session, site), reason)
            return preview_lab_import(session, made.library, made.keyring, sheet, now=now)
    with made.database.writing() as session:
        sheet = LabFile(table, site_id_of(session, site), reason)
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
