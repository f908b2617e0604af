"""Statements as SQLAlchemy compiled them, for every engine of this process: each test has an engine
of its own, and compiling the same statements anew took a fifth of the stories' time."""

from typing import Any

from sqlalchemy import Engine

from proms.db import session as sessions

ROOM = 5000  # statements, more than the product has

_make = sessions.create_engine
_kept: dict[str, Engine] = {}


def _sharing(url: str, **options: Any) -> Engine:
    """An engine that compiles in the manner, and keeps in the memory, of the first of its kind.

    What a dialect knows it learns from the first connection, so an engine that has not connected
    yet is no pattern for another.
    """
    engine = _make(url, query_cache_size=ROOM, **options)
    first = _kept.get(engine.dialect.name)
    if first is None or first.dialect.server_version_info is None:
        _kept[engine.dialect.name] = engine
    else:
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    return engine


def keep() -> None:
    """In this process from here on."""
    sessions.create_engine = _sharing
