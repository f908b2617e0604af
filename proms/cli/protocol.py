"""`proms protocol`: a new version of the protocol while the trial runs."""

import csv
import sys
from datetime import datetime

import click

from proms.actions.audit import OPERATOR
from proms.actions.protocol_versions import Adoption, adopt, preview_version
from proms.cli.edge import guarded
from proms.cli.opened import opened
from proms.domain.schedule import Changes
from proms.factory import work

DAY = click.DateTime(formats=["%Y-%m-%d"])
COLUMNS = ("patient", *Changes._fields, "objection")


@click.group()
def command() -> None:
    """A new version of the protocol: look what it would do, then adopt it."""


@command.command("preview")
@click.argument("code")
@click.argument("version", type=int)
@guarded
def preview(code: str, version: int) -> None:
    """What VERSION would do to the plan of every patient if it took effect now, as CSV; nothing is
    changed."""
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(COLUMNS)
    with opened() as installation, installation.database.reading() as session:
        effects = preview_version(
            session,
            installation.library,
            protocol=code,
            version=version,
            now=work(installation).now(),
        )
        for effect in effects:
            counts = effect.changes.counts()
            table.writerow(
                [
                    effect.patient,
                    *(counts.get(kind, 0) for kind in Changes._fields),
                    effect.objection or "",
                ]
            )


@command.command("adopt")
@click.argument("code")
@click.argument("version", type=int)
@click.option(
    "--from",
    "day",
    type=DAY,
    required=True,
    help="The site date it takes effect on, as 2027-01-04.",
)
@click.option("--for", "whom", type=click.Choice(["everybody", "new-patients"]), required=True)
@click.option("--reason", required=True, help="Why, for the record.")
@guarded
def put_into_effect(code: str, version: int, day: datetime, whom: str, reason: str) -> None:
    """Put VERSION into effect. The worker moves patients on the day; what was started, answered or
    missed stays."""
    adoption = Adoption(code, version, day.date(), everybody=whom == "everybody", reason=reason)
    with opened() as installation, installation.database.writing() as session:
        adopt(session, installation.library, adoption, by=OPERATOR, now=work(installation).now())
    click.echo(f"{code} {version} takes effect on {day:%Y-%m-%d} for {whom.replace('-', ' ')}.")
