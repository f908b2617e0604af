"""A check that was begun in its own week gives way to the next one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol as Shape

from proms.domain.protocol import Protocol
from proms.domain.schedule.assignment import AssignmentState
from proms.domain.series import Late


class Asked(Shape):
    """What is asked of a patient at one event."""

    event: str
    instrument: str
    state: str
    opens_at: datetime
    closes_at: datetime


def gives_way(protocol: Protocol, begun: Asked, asked: Iterable[Asked], now: datetime) -> bool:
    """Whether what was begun and not sent is no longer asked: its window has closed, and a later
    one of a series whose late questionnaires give way has opened. What she began by herself gives
    way too, and makes nothing give way."""
    series = protocol.series_of(begun.event)
    if series is None or series.late is Late.STAYS:
        return False
    if begun.state != AssignmentState.STARTED or now < begun.closes_at:
        return False
    return any(
        begun.opens_at < other.opens_at <= now
        and other.instrument == begun.instrument
        and other.state != AssignmentState.CANCELLED
        and protocol.event_named(other.event) is not None
        and protocol.series_of(other.event) == series
        for other in asked
    )
