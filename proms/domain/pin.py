"""A patient's PIN: what may be one, and how often it may be tried."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SHORTEST, LONGEST = 4, 8


class PinUse(StrEnum):
    """What a site decided about PINs."""

    OFF = "off"  # nobody gets one; whoever has one keeps it
    OFFERED = "offered"  # with a nurse or coordinator, or chosen on her own page
    REQUIRED = "required"  # and who has none is asked to choose one


class PinFault(StrEnum):
    """Why digits are no PIN."""

    NOT_DIGITS = "not_digits"
    LENGTH = "length"
    EASY = "easy"  # the same digit throughout, or digits in a row


@dataclass(frozen=True)
class Tries:
    """So many wrong PINs, then a wait; so many in all, then only the site lets her in."""

    before_wait: int
    wait: timedelta
    most: int


TRIES = Tries(before_wait=5, wait=timedelta(minutes=15), most=10)
IDLE = timedelta(minutes=15)  # then the PIN is asked for again before anything is shown


def pin_fault(digits: str) -> PinFault | None:
    """What is wrong with these digits as a PIN, if anything."""
    if not (digits.isascii() and digits.isdigit()):
        return PinFault.NOT_DIGITS
    if not SHORTEST <= len(digits) <= LONGEST:
        return PinFault.LENGTH
    steps = {int(second) - int(first) for first, second in zip(digits, digits[1:], strict=False)}
    return PinFault.EASY if steps in ({0}, {1}, {-1}) else None


def waits_until(failures: int, last_at: datetime | None) -> datetime | None:
    """Until when nobody may try after so many wrong ones; None where one may now."""
    if failures == TRIES.before_wait and last_at is not None:
        return last_at + TRIES.wait
    return None
