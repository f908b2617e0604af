"""The years of a trial, within which its dates lie."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class TrialYears:
    """The years in which anything of the trial can happen, both included: a date outside them is a
    slip of the year."""

    first: int
    last: int

    def hold(self, day: date) -> bool:
        return self.first <= day.year <= self.last
