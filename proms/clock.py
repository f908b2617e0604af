"""The only place that asks the machine what time it is."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, in UTC and aware."""
    return datetime.now(UTC)
