"""How the rules did: how often each fired, what came of it, and how long that took."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from proms.domain.alert.record import Resolution


@dataclass(frozen=True)
class Handled:
    """An alert of a rule: how often it was met, when it was raised, and how it was closed, if it
    was."""

    rule: str
    times: int
    raised_at: datetime
    closed_at: datetime | None = None
    resolution: Resolution | None = None


@dataclass(frozen=True)
class RuleFigures:
    """One rule in one month: times it fired, alerts of it, those closed, those of them in which
    something was done, and the median time until they were closed."""

    rule: str
    fired: int
    alerts: int
    closed: int
    acted_on: int
    median: timedelta | None

    @property
    def without_action(self) -> float | None:
        """The share of the closed in which nothing was needed, in percent."""
        if not self.closed:
            return None
        return 100 * (self.closed - self.acted_on) / self.closed


def rule_report(alerts: Iterable[Handled]) -> list[RuleFigures]:
    """The figures of each rule that fired, in order of rule."""
    by_rule: dict[str, list[Handled]] = defaultdict(list)
    for alert in alerts:
        by_rule[alert.rule].append(alert)
    return [_figures(rule, by_rule[rule]) for rule in sorted(by_rule)]


def _figures(rule: str, alerts: list[Handled]) -> RuleFigures:
    took = [
        (alert.closed_at - alert.raised_at).total_seconds() for alert in alerts if alert.closed_at
    ]
    resolutions = [alert.resolution for alert in alerts if alert.closed_at]
    return RuleFigures(
        rule=rule,
        fired=sum(alert.times for alert in alerts),
        alerts=len(alerts),
        closed=len(took),
        acted_on=sum(each is not Resolution.NONE_NEEDED for each in resolutions),
        median=timedelta(seconds=median(took)) if took else None,
    )
