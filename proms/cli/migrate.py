"""`proms migrate`: bring the database to the schema of this version."""

import os

import click

from proms.cli.edge import guarded
from proms.db.migrate import upgrade
from proms.settings import Unsafe


@click.command()
@guarded
def command() -> None:
    """Run the migrations the database at DATABASE_URL has not had yet."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        raise Unsafe("DATABASE_URL is not set.")
    upgrade(url)
    click.echo("The database is up to date.")
