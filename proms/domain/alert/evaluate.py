"""Hold a rule set against one response."""

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

from proms.domain.alert.expectation import Levels, as_expected
from proms.domain.alert.rule import Addition, Breach, Rule, RuleSet, Urgency
from proms.domain.instrument import Answers, ConditionContext, Facts, Instrument, as_content, holds

NOT_ASKED = "not_asked"  # the tag of a breach that only an answer to what was not asked makes


class EarlierReports(NamedTuple):
    """The answers a report is compared with: none where there is no such report."""

    previous: Answers = MappingProxyType({})
    baseline: Answers = MappingProxyType({})


NO_EARLIER = EarlierReports()


class Judged(NamedTuple):
    """The breaches of one response; of the answers to what was asked, how urgent they are (which
    decides what more is asked), and which they are."""

    breaches: tuple[Breach, ...]
    level: Urgency | None
    given: Answers


def judge(
    rule_set: RuleSet,
    instrument: Instrument,
    answers: Answers,
    facts: Facts,
    *,
    earlier: EarlierReports = NO_EARLIER,
    expected: Levels = MappingProxyType({}),
) -> Judged:
    """The rules that the answers to what was asked meet; then, as information for the nurse, those
    that only an answer to what was not asked meets. What was `expected` of the patient is
    information too."""
    given = _answers_to_asked(instrument, answers, facts)
    level = _level(evaluate(rule_set, given, facts=facts, earlier=earlier))
    if level:
        # Now the questions count that are asked only at this level.
        given = _answers_to_asked(instrument, answers, {**facts, "level": level.value})
    breaches = _most_urgent_first(
        _as_expected(rule_set, instrument, breach, given, expected)
        for breach in evaluate(rule_set, given, facts=facts, earlier=earlier)
    )
    if len(given) == len(answers):
        return Judged(breaches, level, given)
    met = {breach.rule for breach in breaches}
    more = [
        replace(breach, urgency=Urgency.INFO, tags=(*breach.tags, NOT_ASKED))
        for breach in evaluate(rule_set, answers, facts=facts, earlier=earlier)
        if breach.rule not in met
    ]
    return Judged((*breaches, *more), level, given)


def evaluate(
    rule_set: RuleSet,
    answers: Answers,
    *,
    facts: Facts,
    earlier: EarlierReports = NO_EARLIER,
) -> tuple[Breach, ...]:
    """The rules this response breaks, most urgent first, in the order of the rule set within an
    urgency."""
    context = ConditionContext(answers, facts, earlier.previous, earlier.baseline)
    breaches: list[Breach] = []
    for rule in rule_set.rules:
        if holds(rule.when, context):
            breaches.append(_breach(rule, context))
            # A later rule may ask whether this one fired.
            context = replace(context, fired={*context.fired, rule.id})
    return _most_urgent_first(breaches)


def _most_urgent_first(breaches: Iterable[Breach]) -> tuple[Breach, ...]:
    return tuple(sorted(breaches, key=lambda breach: breach.urgency.rank))


def _as_expected(
    rule_set: RuleSet, instrument: Instrument, breach: Breach, answers: Answers, levels: Levels
) -> Breach:
    rule = rule_set.rule(breach.rule)
    return as_expected(breach, rule, instrument, answers, levels) if rule else breach


def rules_for_device(rule_set: RuleSet) -> list[dict[str, Any]]:
    """The rules as data, for a device that looks at the answers by itself (`rules.js`)."""
    return [_for_device(rule) for rule in rule_set.rules]


def _for_device(rule: Rule) -> dict[str, Any]:
    data = {
        "id": rule.id,
        "urgency": rule.urgency.value,
        "group": rule.group,
        "when": as_content(rule.when),
    }
    if rule.raised:
        data["raised"] = {
            "urgency": rule.raised.urgency.value,
            "when": as_content(rule.raised.when),
        }
    return data


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


def _answers_to_asked(instrument: Instrument, answers: Answers, facts: Facts) -> Answers:
    asked = [item.code for item in instrument.asked(facts, answers)]
    return {code: answers[code] for code in asked if code in answers}


def _level(breaches: tuple[Breach, ...]) -> Urgency | None:
    return breaches[0].urgency if breaches else None


def _breach(rule: Rule, context: ConditionContext) -> Breach:
    raised = rule.raised
    return Breach(
        rule.id,
        raised.urgency if raised and holds(raised.when, context) else rule.urgency,
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
