"""Brings a database to the schema of this version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from proms.db.session import connect

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Run every migration the database at `url` has not had yet, all or nothing."""
    database = connect(url)
    try:
        with database.engine.execution_options(write=True).begin() as connection:
            command.upgrade(configuration(connection), revision)
    finally:
        database.engine.dispose()


def configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
