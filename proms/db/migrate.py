"""Brings a database to the schema of this version."""

from pathlib import Path
from typing import ClassVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from proms.db.keyring import Keyring
from proms.db.session import Database, connect
from proms.refusal import Refusal

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


class KeysNeeded(Refusal):
    """A migration has something to seal or to open, and was given no keys."""

    code: ClassVar[str] = "keys_needed"


def upgrade(url: str, revision: str = "head", *, keyring: Keyring | None = None) -> None:
    """Run every migration the database at `url` has not had yet, all or nothing.

    Where one has to seal what stood in the clear it needs the keys, else it raises KeysNeeded.
    """
    database = connect(url)
    try:
        with database.engine.execution_options(write=True).begin() as connection:
            config = configuration(connection, keyring)
            command.upgrade(config, revision)
        for table in config.attributes["emptied"]:
            _forget(database.engine, table)
    finally:
        database.engine.dispose()


def is_behind(database: Database) -> bool:
    """Whether a migration of this version has not been run; a database of a later version is not
    behind."""
    with database.engine.connect() as connection:
        at = MigrationContext.configure(connection).get_current_heads()
    script = ScriptDirectory(str(MIGRATIONS))
    known = {revision.revision for revision in script.walk_revisions()}
    return set(at) <= known and set(at) != set(script.get_heads())


def configuration(connection: Connection, keyring: Keyring | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    config.attributes["keyring"] = keyring
    config.attributes["emptied"] = []  # the tables a migration has taken clear text out of
    return config


def _forget(engine: Engine, table: str) -> None:
    """Write a table anew: what was taken out of it may not be left between its rows."""
    sqlite = engine.dialect.name == "sqlite"
    # Neither database does it inside a transaction.
    connection = engine.raw_connection()
    if not sqlite:
        connection.driver_connection.autocommit = True  # type: ignore[union-attr]
    connection.cursor().execute("VACUUM" if sqlite else f"VACUUM FULL {table}")
    connection.close()
