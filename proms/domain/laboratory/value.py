"""One laboratory value as it is on record."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class LabValue:
    """A value with the upper limit of normal of the laboratory that measured it."""

    test: str
    taken_on: date
    value: Decimal
    upper_limit: Decimal
