"""The parts for as long as one command runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from proms.parts import Parts, parts


@contextmanager
def opened() -> Iterator[Parts]:
    """The parts that the environment names; its connections are closed at the end, whatever
    happens."""
    installation = parts()
    try:
        yield installation
    finally:
        installation.database.engine.dispose()
