"""The red rules as a phone may hold them: all that is known of the patient is settled, so that they
look only at the answers she gives now, and her record and earlier reports stay where they are."""

from collections.abc import Iterable, Set
from dataclasses import replace
from typing import Any

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
    Instrument,
    Item,
    Not,
    RisesBy,
    Some,
    Was,
    as_content,
    facts_in,
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


def items_for_device(
    instrument: Instrument, facts: Facts, open_facts: Set[str]
) -> list[dict[str, Any]]:
    """The items that this patient may be asked, as data for a device that decides by itself
    (`conditions.js`); the open facts are those that her answers decide."""
    context = ConditionContext(facts=facts)
    possible = []
    for item in instrument.items:
        asked_if = settled(item.asked_if or ALWAYS, context, open_facts)
        if asked_if != NEVER:
            possible.append(_item_for_device(item, asked_if, context, open_facts))
    return possible


def decided_by_red(instrument: Instrument, level: str) -> bool:
    """Whether what is asked hangs on the level of the answers in no other way than whether they are
    red: of all levels a device knows that one alone."""
    return all(
        isinstance(condition, FactIs) and condition.value == Urgency.RED
        for condition in _parts(_conditions_of(instrument))
        if level in facts_in(condition)
    )


def settled(
    condition: Condition, context: ConditionContext, open_facts: Set[str] = frozenset()
) -> Condition:
    """The condition with everything decided in it that does not hang on the answers of now."""
    match condition:
        case All(parts):
            return _all(tuple(settled(part, context, open_facts) for part in parts))
        case Some(parts):
            return _some(tuple(settled(part, context, open_facts) for part in parts))
        case Not(part):
            return _not(settled(part, context, open_facts))
        case FactIs(fact) | FactAtLeast(fact) | FactAtMost(fact) if fact in open_facts:
            return condition
        case FactIs() | FactAtLeast() | FactAtMost() | Was():
            return ALWAYS if holds(condition, context) else NEVER
        case RisesBy(item, by, since):
            before = context.earlier(since).get(item)
            return AtLeast(item, before + by) if isinstance(before, int) else NEVER
        case _:
            return condition


def _item_for_device(
    item: Item, asked_if: Condition, context: ConditionContext, open_facts: Set[str]
) -> dict[str, Any]:
    data: dict[str, Any] = {"code": item.code, "kind": item.kind.value}
    if asked_if != ALWAYS:
        data["asked_if"] = as_content(asked_if)
    variants = []
    for variant in item.variants:
        when = settled(variant.when or ALWAYS, context, open_facts)
        if when != NEVER:
            variants.append({"code": variant.code, "when": as_content(when)})
    if variants:
        data["variants"] = variants
    return data


def _conditions_of(instrument: Instrument) -> Iterable[Condition]:
    for item in instrument.items:
        for condition in (item.asked_if, *(variant.when for variant in item.variants)):
            if condition:
                yield condition


def _parts(conditions: Iterable[Condition]) -> Iterable[Condition]:
    """The comparisons that conditions are made of."""
    for condition in conditions:
        match condition:
            case All(parts) | Some(parts):
                yield from _parts(parts)
            case Not(part) | Was(_, part):
                yield from _parts((part,))
            case _:
                yield condition


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
