"""Symptoms that are known of a patient and expected to go on for a while: an alert comes only above
their level."""

from collections.abc import Mapping
from dataclasses import replace

from proms.domain.alert.rule import Breach, Rule, Urgency
from proms.domain.instrument import Answers, Instrument, Item, ItemKind, Value

EXPECTED = "expected"  # the tag of a breach that no alert is raised for

Levels = Mapping[str, int]  # item -> the level that is expected of it


def may_be_expected(item: Item) -> bool:
    """Whether a level of this item can be expected: never of a question about safety, nor of one
    about the pump or about calling, which only some are asked."""
    of_everybody = item.asked_if is None or item.optional
    return item.kind is ItemKind.SINGLE and not item.safety and of_everybody


def as_expected(
    breach: Breach, rule: Rule, instrument: Instrument, answers: Answers, levels: Levels
) -> Breach:
    """The breach as information, tagged, where everything the rule looks at is at the level that is
    expected or below; a red one stays as it is."""
    if breach.urgency is Urgency.RED or not levels:
        return breach
    reported = {
        code: answers[code] for code in rule.shows if _reports(instrument, code, answers.get(code))
    }
    if not reported or not all(_within(levels, code, value) for code, value in reported.items()):
        return breach
    return replace(breach, urgency=Urgency.INFO, tags=(*breach.tags, EXPECTED))


def _reports(instrument: Instrument, code: str, value: Value | None) -> bool:
    """Whether the answer reports anything: the first option is "nothing"."""
    if value is None:
        return False
    item = instrument.item(code)
    nothing = (item.none,) if item.none else item.options[0]
    return value != nothing


def _within(levels: Levels, code: str, value: Value) -> bool:
    return isinstance(value, int) and code in levels and value <= levels[code]
