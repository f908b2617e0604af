"""The dates worked out for one assignment."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple


class WindowState(StrEnum):
    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"


class Window(NamedTuple):
    """Site dates: opens at 06:00 on the first, closes at 24:00 on the last; opens <= due <=
    closes."""

    opens: date
    due: date
    closes: date

    def state(self, today: date) -> WindowState:
        """Where the site day stands; first and last day count as open."""
        if today < self.opens:
            return WindowState.UPCOMING
        return WindowState.OPEN if today <= self.closes else WindowState.CLOSED
