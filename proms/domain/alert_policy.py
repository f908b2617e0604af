"""When alerts come of answers, and how long what is done about them holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class AlertPolicy:
    """Whether answers raise alerts, and how long after they came."""

    on: bool = True
    after: timedelta = timedelta()

    def __str__(self) -> str:
        if not self.on:
            return "off"
        return "delayed" if self.after else "on"


ALERTS_ON = AlertPolicy()


@dataclass(frozen=True)
class Handling:
    """How long an answer that cannot wait may stand unsent before it is an alert all the same, and
    how long an alert that was taken stays so, by urgency."""

    unsent_after: timedelta
    taken_for: Mapping[str, timedelta]
