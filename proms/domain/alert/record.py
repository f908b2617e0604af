"""How breaches become alerts: one for a patient and a rule; a repeat joins it, a red repeat starts
its clock again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from proms.domain.alert.rule import Breach, Evidence, Urgency

NOTICE_EVERY = timedelta(minutes=30)
NOT_EVALUATED = "not_evaluated"  # the rule id of a response that could not be evaluated


TEXTED = "texted"  # that of a text message she sent: a nurse has to read it


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


class NoActionReason(StrEnum):
    """Why nothing had to be done."""

    KNOWN = "known"
    TREATED = "already_treated"
    MISTAKE = "by_mistake"  # the patient did not mean to report it
    UNRELATED = "not_related"


class CallOutcome(StrEnum):
    """How a nurse's call ended."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    MESSAGE_LEFT = "message_left"


class Returned(StrEnum):
    """Why an alert that was taken is nobody's again."""

    DEADLINE = "deadline"
    OWNER_LEFT = "owner_left"


GRADES = range(1, 6)  # of CTCAE; 5 is death


@dataclass(frozen=True)
class Closing:
    """What a nurse says when she closes alerts; a reason goes with "nothing was needed" alone."""

    resolution: Resolution
    note: str
    reason: NoActionReason | None = None
    grade: int | None = None  # the clinician's, kept apart from the patient's own level


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


def fold(
    breaches: Iterable[Breach],
    unresolved: Mapping[str, UnresolvedAlert],
    told: Mapping[str, Evidence] = MappingProxyType({}),
) -> list[Raise | Join]:
    """What each breach does to the alerts that are not resolved, which stand by rule; none
    disappears, and urgency never falls. `told` is what the same form said, by rule, before it was
    sent: that is no news when it is."""
    changes: list[Raise | Join] = []
    for breach in breaches:
        alert = unresolved.get(breach.rule)
        news = bool(news_in([breach], told))
        changes.append(_join(breach, alert, news) if alert else Raise(breach))
    return changes


def news_in(breaches: Iterable[Breach], told: Mapping[str, Evidence]) -> tuple[Breach, ...]:
    """The breaches that `told` has not, or with other answers."""
    return tuple(breach for breach in breaches if told.get(breach.rule) != breach.evidence)


def _join(breach: Breach, alert: UnresolvedAlert, news: bool) -> Join:
    urgency = min(breach.urgency, alert.urgency, key=lambda urgency: urgency.rank)
    worse = urgency is not alert.urgency
    restart = worse or (news and breach.urgency is Urgency.RED)
    return Join(alert.alert_id, breach, urgency, restart)
