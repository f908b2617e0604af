"""Hold a rule set against one response."""

from proms.domain.alert.rule import Addition, Breach, Rule, RuleSet, Urgency
from proms.domain.instrument import Answers, Facts, Known, holds


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
    known = Known(answers, facts, previous or {}, baseline or {})
    broken = [_breach(rule, known) for rule in rule_set.rules if holds(rule.when, known)]
    return tuple(sorted(broken, key=lambda breach: breach.urgency.rank))


def advice(rule_set: RuleSet, breaches: tuple[Breach, ...], answers: Answers) -> tuple[str, ...]:
    """The keys of the texts the patient reads at once: the highest level first, then what joins
    it."""
    told = rule_set.advice
    if not breaches:
        return (told.nothing,)
    level = breaches[0].urgency
    called = level is Urgency.RED and answers.get(told.called_item) == told.called_value
    additions = [each.text for each in told.additions if _joins(each, rule_set, breaches, level)]
    return (told.levels[level], *additions, *((told.called,) if called else ()))


def _breach(rule: Rule, known: Known) -> Breach:
    evidence = tuple((item, known.answers[item]) for item in rule.shows if item in known.answers)
    return Breach(
        rule.id,
        rule.urgency,
        evidence,
        tuple(tag.code for tag in rule.tags if holds(tag.when, known)),
    )


def _joins(
    addition: Addition, rule_set: RuleSet, breaches: tuple[Breach, ...], level: Urgency
) -> bool:
    fired = {
        rule.group
        for rule in rule_set.rules
        for breach in breaches
        if _is(rule, breach, addition.urgency)
    }
    return addition.urgency is level and bool(fired & addition.groups)


def _is(rule: Rule, breach: Breach, urgency: Urgency) -> bool:
    return rule.id == breach.rule and breach.urgency is urgency
