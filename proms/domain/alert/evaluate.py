"""Hold a rule set against one response."""

from proms.domain.alert.rule import Addition, Breach, Rule, RuleSet, Urgency
from proms.domain.instrument import Answers, ConditionContext, Facts, holds


def evaluate(
    rule_set: RuleSet,
    answers: Answers,
    *,
    facts: Facts,
    previous: Answers | None = None,
    baseline: Answers | None = None,
) -> tuple[Breach, ...]:
    """The rules this response breaks, most urgent first, in the order of the rule set within an
    urgency."""
    context = ConditionContext(answers, facts, previous or {}, baseline or {})
    breaches = [_breach(rule, context) for rule in rule_set.rules if holds(rule.when, context)]
    return tuple(sorted(breaches, key=lambda breach: breach.urgency.rank))


def advice(rule_set: RuleSet, breaches: tuple[Breach, ...], answers: Answers) -> tuple[str, ...]:
    """The keys of the texts the patient reads at once: the highest level first, then what joins
    it."""
    keys = rule_set.advice
    if not breaches:
        return (keys.nothing,)
    level = breaches[0].urgency
    texts = [keys.levels[level]]
    for addition in keys.additions:
        if addition.urgency is level and _concerns(addition, rule_set, breaches):
            texts.append(addition.text)
    if level is Urgency.RED and answers.get(keys.called_item) == keys.called_value:
        texts.append(keys.called)
    return tuple(texts)


def _breach(rule: Rule, context: ConditionContext) -> Breach:
    return Breach(
        rule.id,
        rule.urgency,
        evidence=tuple(
            (item, context.answers[item]) for item in rule.shows if item in context.answers
        ),
        tags=tuple(tag.code for tag in rule.tags if holds(tag.when, context)),
    )


def _concerns(addition: Addition, rule_set: RuleSet, breaches: tuple[Breach, ...]) -> bool:
    """Whether a rule of the addition's groups was broken at its urgency."""
    for breach in breaches:
        rule = rule_set.rule(breach.rule)
        if rule and rule.group in addition.groups and breach.urgency is addition.urgency:
            return True
    return False
