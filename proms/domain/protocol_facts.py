"""The facts that a protocol makes of a patient's history, for rules and conditional items, and how
they are read aloud."""

from dataclasses import dataclass

from proms.domain.title import Title

DAYS_SLOT = "{days}"  # where the words of a count of days have the number


@dataclass(frozen=True)
class LastingFact:
    """A fact that holds from one milestone until another, such as a pump in place."""

    since: str
    until: str | None = None


@dataclass(frozen=True)
class RecentDose:
    """A fact that holds where a dose was given in the last `days` days; `regimens` limits it to
    those (None: any)."""

    days: int
    regimens: frozenset[str] | None = None


@dataclass(frozen=True)
class FactWords:
    """How a fact reads in a rule when it holds and when not, and what a patient says of it when she
    calls.

    Of a count of days `holds` is how "at most" reads and `holds_not` how "at least" does, with
    DAYS_SLOT for it.
    """

    holds: Title
    holds_not: Title
    when_calling: Title | None = None
