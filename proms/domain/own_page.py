"""What a protocol lets a patient's own page offer her beside her questions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum


@dataclass(frozen=True)
class OwnPause:
    """For how many days she may ask for no messages, the first and the last included, and how many
    days ahead that may begin."""

    days: int
    ahead: int

    def last_day(self, first: date) -> date:
        """The last day of the longest pause from this one."""
        return first + timedelta(days=self.days - 1)


@dataclass(frozen=True)
class OwnPage:
    """What she may ask for by herself, and of which instruments she may read her own earlier
    answers, of so many weeks."""

    pause: OwnPause | None = None
    earlier_answers: Mapping[str, int] = field(default_factory=dict)


class PauseFault(StrEnum):
    """Why she cannot have a pause of these days."""

    NONE_ALLOWED = "none_allowed"
    GONE_BY = "gone_by"
    BACKWARDS = "backwards"
    TOO_LONG = "too_long"
    TOO_FAR = "too_far"


def own_pause_fault(
    limits: OwnPause | None, first: date, last: date, today: date, *, running: bool = False
) -> PauseFault | None:
    """What stands against a pause of these days; that of a `running` one, which may have begun
    before today, counts from its first day."""
    if limits is None:
        return PauseFault.NONE_ALLOWED
    if last < today or (first < today and not running):
        return PauseFault.GONE_BY
    if last < first:
        return PauseFault.BACKWARDS
    if first > today + timedelta(days=limits.ahead):
        return PauseFault.TOO_FAR
    if last > limits.last_day(first):
        return PauseFault.TOO_LONG
    return None
