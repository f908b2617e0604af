"""Rules, what they make of a response, and the alerts that follow."""

from proms.domain.alert.evaluate import (
    NOT_ASKED,
    EarlierReports,
    Judged,
    advice,
    evaluate,
    judge,
    rules_for_device,
)
from proms.domain.alert.on_device import decided_by_red, items_for_device, red_rules
from proms.domain.alert.rule import Addition, Advice, Breach, Raised, Rule, RuleSet, Tag, Urgency

__all__ = [
    "NOT_ASKED",
    "Addition",
    "Advice",
    "Breach",
    "EarlierReports",
    "Judged",
    "Raised",
    "Rule",
    "RuleSet",
    "Tag",
    "Urgency",
    "advice",
    "decided_by_red",
    "evaluate",
    "items_for_device",
    "judge",
    "red_rules",
    "rules_for_device",
]
