"""Rules, what they make of a response, and the alerts that follow."""

from proms.domain.alert.evaluate import NOT_ASKED, Judged, advice, evaluate, judge
from proms.domain.alert.rule import Addition, Advice, Breach, Rule, RuleSet, Tag, Urgency

__all__ = [
    "NOT_ASKED",
    "Addition",
    "Advice",
    "Breach",
    "Judged",
    "Rule",
    "RuleSet",
    "Tag",
    "Urgency",
    "advice",
    "evaluate",
    "judge",
]
