"""How breaches become alerts: one for a patient and a rule; a repeat joins it, a red repeat starts
its clock again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from proms.domain.alert.rule import Breach, Urgency

NOTICE_EVERY = timedelta(minutes=30)
NOT_EVALUATED = "not_evaluated"  # the rule id of a response that could not be evaluated


class AlertState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Resolution(StrEnum):
    """What a nurse did about an alert."""

    ADVICE = "advice"
    VISIT = "visit"
    LABS = "labs"
    IMAGING = "imaging"
    ADMISSION = "admission"
    DOSE_HOLD = "dose_hold"  # decided by a physician
    NONE_NEEDED = "none_needed"


@dataclass(frozen=True)
class Raise:
    """A new alert."""

    breach: Breach


@dataclass(frozen=True)
class Join:
    """One more occurrence of an alert that is not resolved; `restart` starts its clock and its
    notice again."""

    alert_id: int
    breach: Breach
    urgency: Urgency
    restart: bool


@dataclass(frozen=True)
class UnresolvedAlert:
    """An alert that is not resolved yet."""

    alert_id: int
    urgency: Urgency


def fold(breaches: Iterable[Breach], standing: Mapping[str, UnresolvedAlert]) -> list[Raise | Join]:
    """What each breach does to the alerts that stand; none disappears, and urgency never falls."""
    return [
        _join(breach, standing[breach.rule]) if breach.rule in standing else Raise(breach)
        for breach in breaches
    ]


def _join(breach: Breach, held: UnresolvedAlert) -> Join:
    urgency = min(breach.urgency, held.urgency, key=lambda each: each.rank)
    restart = breach.urgency is Urgency.RED or urgency is not held.urgency
    return Join(held.alert_id, breach, urgency, restart)
