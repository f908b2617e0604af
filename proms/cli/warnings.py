"""`proms warnings`: what the computer found wrong with itself, until an operator says what was done
about it."""

import csv
import sys

import click

from proms import clock
from proms.actions.audit import OPERATOR
from proms.actions.operator_warnings import close_warnings
from proms.cli.edge import guarded
from proms.cli.opened import opened
from proms.db.queries.warnings import open_warnings

COLUMNS = ("number", "what", "since", "count", "responses")


@click.group()
def command() -> None:
    """What the computer found wrong, and every staff page shows until it is closed here."""


@command.command("list")
@guarded
def show() -> None:
    """Every open warning as CSV; of the responses their ids."""
    with opened() as installation, installation.database.reading() as session:
        table = csv.writer(sys.stdout, lineterminator="\n")
        table.writerow(COLUMNS)
        for warning in open_warnings(session):
            responses = " ".join(map(str, warning.responses))
            since = warning.raised_at.isoformat()
            table.writerow((warning.id, warning.what, since, warning.count, responses))


@command.command("close")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="What was found, and what was done about it.")
@guarded
def close(number: int, reason: str) -> None:
    """Close warning NUMBER and every one before it."""
    with opened() as installation, installation.database.writing() as session:
        closed = close_warnings(session, last=number, reason=reason, by=OPERATOR, now=clock.now())
    numbers = ", ".join(f"warning {warning.id}" for warning in closed)
    click.echo(f"Closed {numbers}.")
