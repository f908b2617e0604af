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
    with opened() as made, made.database.reading() as session:
        table = csv.writer(sys.stdout, lineterminator="\n")
        table.writerow(COLUMNS)
        for each in open_warnings(session):
            named = " ".join(map(str, each.responses))
            table.writerow((each.id, each.what, each.raised_at.isoformat(), each.count, named))


@command.command("close")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="What was found, and what was done about it.")
@guarded
def close(number: int, reason: str) -> None:
    """Close warning NUMBER and every one before it."""
    with opened() as made, made.database.writing() as session:
        closed = close_warnings(session, last=number, reason=reason, by=OPERATOR, now=clock.now())
    click.echo("Closed " + ", ".join(f"warning {each.id}" for each in closed) + ".")
