"""Indexes over the few rows that are still of interest, so that what is due costs the same however
much exists."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Index, bindparam, text


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows that meet `where`, on SQLite and on PostgreSQL."""
    only = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=only, postgresql_where=only)


def among(column: Any, words: Iterable[str]) -> ColumnElement[bool]:
    """`column IN (words)`, in the order and spelling of the index; the words are our own, never
    input.

    They are written out, because a database uses a partial index only where it can read that the
    index's condition holds: with bound words every tick would read the whole table.
    """
    written: Any = bindparam(
        column.key, [str(word) for word in words], expanding=True, literal_execute=True
    )
    found: ColumnElement[bool] = column.in_(written)
    return found
