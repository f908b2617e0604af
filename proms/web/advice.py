"""What a patient is told about her answers, in the words of the rule set."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.numbers import get_decimal_symbol

from proms.actions.evaluations import Evaluated
from proms.db.queries.sites import site_values_on
from proms.db.tables import Patient, Site
from proms.domain.alert import RuleSet, Urgency
from proms.domain.calls import first_call_day
from proms.domain.instrument import Facts
from proms.domain.protocol import Protocol
from proms.web import request_context
from proms.web.locale import day, language
from proms.web.working_days import working_hours

DECIMAL = re.compile(r"\d+\.\d+")
LATER = "amber_weekend"  # the rule sets' name for the text that says when the nurse calls


@dataclass(frozen=True)
class AdviceText:
    """The text of the highest level and what joins it; `{phone}` in them is still to be filled
    in."""

    urgent: bool
    first: str
    more: tuple[str, ...]
    called: str  # read in place of the first by who says that she has called about this, or empty


def advice_text(evaluated: Evaluated, hospital: Site, at: datetime) -> AdviceText | None:
    """The texts for an evaluation of answers given at `at`; None where no rules look, or where they
    crashed."""
    if not evaluated.advice:
        return None
    rules = request_context.library().rule_set_named(evaluated.rule_set)
    texts = with_facts(rules.texts[language()], evaluated.facts)
    called = ""
    first, *more = (texts[key] for key in evaluated.advice if key != rules.advice.called)
    if rules.advice.called in evaluated.advice:
        called = texts[rules.advice.called]
    # Breaches stand with the most urgent first.
    amber = bool(evaluated.breaches) and evaluated.breaches[0].urgency is Urgency.AMBER
    if amber and LATER in texts:
        call_day = first_call_day(
            at.astimezone(ZoneInfo(hospital.timezone)), working_hours(hospital)
        )
        if call_day:
            more.append(texts[LATER].replace("{date}", day(call_day)))
    return AdviceText(evaluated.red, first, tuple(more), called)


def with_facts(texts: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """The texts with what the site decided in its place, such as {fever_limit}."""
    filled = dict(texts)
    for fact, value in facts.items():
        if isinstance(value, str):
            spoken = _spoken(value)
            filled = {key: text.replace(f"{{{fact}}}", spoken) for key, text in filled.items()}
    return filled


def with_limits_of_site(rule_set: RuleSet, protocol: Protocol) -> RuleSet:
    """The rule set with what the reader's hospital decided in its texts, as her patients read
    them."""
    site_id = request_context.current_staff().site_id
    with request_context.reading() as session:
        zone = ZoneInfo(session.get_one(Site, site_id).timezone)
        day_there = request_context.now().astimezone(zone).date()
        limits = site_values_on(session, protocol, site_id, day_there)
    texts = {code: with_facts(texts, limits) for code, texts in rule_set.texts.items()}
    return replace(rule_set, texts=texts)


def _spoken(value: str) -> str:
    """A number with the reader's decimal mark; other words as they are."""
    if DECIMAL.fullmatch(value):
        return value.replace(".", get_decimal_symbol(language()))
    return value


def facts_to_tell(patient: Patient, facts: Facts) -> list[str]:
    """What the hospital should hear first of a patient who calls, such as a pump in place: one
    sentence a fact that her protocol has words for."""
    protocol = request_context.library().protocol(patient.protocol, patient.protocol_version)
    return [
        words.when_calling.said_in(language())
        for fact, words in protocol.fact_words.items()
        if words.when_calling and facts.get(fact)
    ]
