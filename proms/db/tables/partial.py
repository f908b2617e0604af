"""Indexes over the few rows that are still of interest, so that what is due costs the same however much exists."""

from sqlalchemy import Index, text


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows that meet `where`, on SQLite and on PostgreSQL."""
    only = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=only, postgresql_where=only)
