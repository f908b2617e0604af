"""The red rules as a phone may hold them: all that is known of the patient is settled, so that they
look only at the answers she gives now, and her record and earlier reports stay where they are."""

from dataclasses import replace

from proms.domain.alert.evaluate import EarlierReports
from proms.domain.alert.rule import Raised, Rule, RuleSet, Urgency
from proms.domain.instrument import (
    All,
    AtLeast,
    Condition,
    ConditionContext,
    FactAtLeast,
    FactAtMost,
    FactIs,
    Facts,
    Fired,
    Not,
    RisesBy,
    Some,
    Was,
    holds,
)

ALWAYS = All(())
NEVER = Some(())


def red_rules(rule_set: RuleSet, facts: Facts, earlier: EarlierReports) -> RuleSet:
    """The rules that can be red for this patient, and those they ask about."""
    context = ConditionContext({}, facts, earlier.previous, earlier.baseline)
    met = [_settled_rule(rule, context) for rule in rule_set.rules]
    possible = [rule for rule in met if rule.when != NEVER]
    wanted = {rule.id for rule in possible if Urgency.RED in rule.urgencies}
    for rule in reversed(possible):
        if rule.id in wanted:
            wanted.update(_asks_about(rule.when))
    return replace(rule_set, rules=tuple(rule for rule in possible if rule.id in wanted))


def settled(condition: Condition, context: ConditionContext) -> Condition:
    """The condition with everything decided in it that does not hang on the answers of now."""
    match condition:
        case All(parts):
            return _all(tuple(settled(part, context) for part in parts))
        case Some(parts):
            return _some(tuple(settled(part, context) for part in parts))
        case Not(part):
            return _not(settled(part, context))
        case FactIs() | FactAtLeast() | FactAtMost() | Was():
            return ALWAYS if holds(condition, context) else NEVER
        case RisesBy(item, by, since):
            before = context.earlier(since).get(item)
            return AtLeast(item, before + by) if isinstance(before, int) else NEVER
        case _:
            return condition


def _all(parts: tuple[Condition, ...]) -> Condition:
    if NEVER in parts:
        return NEVER
    return _one_or(All(tuple(part for part in parts if part != ALWAYS)))


def _some(parts: tuple[Condition, ...]) -> Condition:
    if ALWAYS in parts:
        return ALWAYS
    return _one_or(Some(tuple(part for part in parts if part != NEVER)))


def _not(part: Condition) -> Condition:
    if part == ALWAYS:
        return NEVER
    return ALWAYS if part == NEVER else Not(part)


def _one_or(combined: All | Some) -> Condition:
    return combined.parts[0] if len(combined.parts) == 1 else combined


def _settled_rule(rule: Rule, context: ConditionContext) -> Rule:
    when = settled(rule.when, context)
    if rule.raised is None:
        return replace(rule, when=when)
    raised_when = settled(rule.raised.when, context)
    if raised_when == ALWAYS:
        return replace(rule, when=when, urgency=rule.raised.urgency, raised=None)
    if raised_when == NEVER:
        return replace(rule, when=when, raised=None)
    return replace(rule, when=when, raised=Raised(rule.raised.urgency, raised_when))


def _asks_about(condition: Condition) -> set[str]:
    """The rules whose firing it asks about."""
    match condition:
        case Fired(rules):
            return set(rules)
        case All(parts) | Some(parts):
            return {rule for part in parts for rule in _asks_about(part)}
        case Not(part):
            return _asks_about(part)
        case _:
            return set()
