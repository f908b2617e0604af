"""Appending to a table whose rows another process may be appending too."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

INSERT = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def take_turns(session: Session, table: type[SQLModel]) -> None:
    """Wait until whoever takes turns on this table has committed: what is read from now on is all
    there is. On SQLite whoever writes has the turn already."""
    if session.get_bind().dialect.name == "postgresql":
        name = str(table.__tablename__)
        session.connection().execute(text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))


def append_missing(
    session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]
) -> int:
    """Insert the rows whose key is not taken, now or by whoever commits first; returns how many
    those are."""
    if not rows:
        return 0
    insert: Any = INSERT[session.get_bind().dialect.name]
    statement = insert(SQLModel.metadata.tables[str(table.__tablename__)]).on_conflict_do_nothing()
    # What many rows at once count to is kept on request only.
    options = {"preserve_rowcount": True}
    return session.connection().execute(statement, list(rows), execution_options=options).rowcount
