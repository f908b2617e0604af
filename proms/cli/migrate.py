"""`proms migrate`: bring the database to the schema of this version."""

import os

import click

from proms.cli.edge import guarded
from proms.db.keyring import Keyring
from proms.db.migrate import upgrade
from proms.settings import Unsafe, identity_keys


@click.command()
@guarded
def command() -> None:
    """Run the migrations the database at DATABASE_URL has not had yet."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        raise Unsafe("DATABASE_URL is not set.")
    keys = identity_keys(os.environ)
    # A migration hashes no token: it does without the installation's secret.
    upgrade(url, keyring=Keyring(keys, secret="") if keys else None)
    click.echo("The database is up to date.")
