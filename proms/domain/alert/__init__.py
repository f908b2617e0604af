"""Rules, what they make of a response, and the alerts that follow."""

from proms.domain.alert.evaluate import advice, evaluate
from proms.domain.alert.rule import Addition, Advice, Breach, Rule, RuleSet, Tag, Urgency

__all__ = [
    "Addition",
    "Advice",
    "Breach",
    "Rule",
    "RuleSet",
    "Tag",
    "Urgency",
    "advice",
    "evaluate",
]
