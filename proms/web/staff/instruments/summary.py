"""The instruments as staff read them: what stands in the library, put into words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from flask_babel import gettext as _

from proms.content import Library
from proms.content.catalogues import catalogue
from proms.content.library import current
from proms.domain.alert import Breach, Rule, RuleSet, Urgency, advice
from proms.domain.instrument import (
    Condition,
    ConditionText,
    Instrument,
    Item,
    Wording,
    Words,
    condition_text,
    number_of,
)
from proms.domain.person import Language
from proms.domain.protocol import Protocol
from proms.web.advice import LATER
from proms.web.locale import language
from proms.web.staff.instruments.licences import LanguageLicence, language_licences
from proms.web.staff.instruments.timing import in_short
from proms.web.staff.labels.facts import counted_in_words, fact_in_words


@dataclass(frozen=True)
class InstrumentSummary:
    """One version of an instrument on the list."""

    instrument: Instrument
    wording: Wording
    licences: list[LanguageLicence]
    current: bool
    moments: list[str]
    only_if: str

    @property
    def licensed_alike(self) -> bool:
        """Whether every language stands the same, so that one line tells it."""
        return len({licence.state for licence in self.licences}) == 1


@dataclass(frozen=True)
class QuestionSummary:
    """One item, in every language and variant, and when it is asked in words."""

    item: Item
    number: int
    asked_if: str
    variants: "tuple[QuestionVariant, ...]"


@dataclass(frozen=True)
class QuestionVariant:
    """An item in one of its variants, and who gets to see it."""

    item: Item
    worded_so_if: str


@dataclass(frozen=True)
class RuleSummary:
    """A rule in words: the condition, its tags with theirs, and what the patient reads beside her
    level's text."""

    rule: Rule
    reason: str
    when: ConditionText
    tags: tuple[tuple[str, str], ...]
    more: tuple[str, ...]
    raised: tuple[Urgency, str] | None = None


@dataclass(frozen=True)
class UrgencySummary:
    """The rules of one urgency, and what every patient reads whose answers meet one of them."""

    urgency: Urgency
    text: str
    rules: tuple[RuleSummary, ...]


def instrument_packs(
    library: Library, protocol: Protocol
) -> list[tuple[list[str], list[InstrumentSummary]]]:
    """The instruments, those that are asked at the same moments together."""
    summaries = _instrument_summaries(library, protocol)
    by_moments = groupby(summaries, lambda summary: summary.moments)
    return [(moments, list(alike)) for moments, alike in by_moments]


def _instrument_summaries(library: Library, protocol: Protocol) -> Iterator[InstrumentSummary]:
    """Every version of every instrument: those that the protocol asks first, the newest version of
    each first."""
    asked = _asked_in_order(protocol)
    others = sorted(set(library.instruments) - set(asked))
    for code in [*asked, *others]:
        for version in _newest_first(library.instruments.get(code, {})):
            instrument = library.instruments[code][version]
            yield InstrumentSummary(
                instrument=instrument,
                wording=labels_of(library, instrument),
                licences=language_licences(library, instrument),
                current=instrument.version == current(library.instruments[code]),
                moments=in_short(protocol, code),
                only_if=only_if(library, protocol, instrument),
            )


def wordings(library: Library, instrument: Instrument) -> dict[Language, Wording]:
    """What patients read in each language, as far as there is anything."""
    return {
        licence.language: licence.wording
        for licence in language_licences(library, instrument)
        if licence.wording
    }


def labels_of(library: Library, instrument: Instrument) -> Wording:
    """The words that an instrument is spoken of with, in the reader's language where there are
    any."""
    by_language = wordings(library, instrument)
    return by_language.get(Language(language())) or next(iter(by_language.values()))


def words_for(library: Library, protocol: Protocol, instrument: Instrument) -> Words:
    """What the conditions of an instrument are read aloud with, in the reader's language."""
    labels = labels_of(library, instrument)
    return Words(
        catalogue(language()),
        instrument,
        labels,
        fact_in_words(protocol),
        counted_in_words(protocol),
    )


def only_if(library: Library, protocol: Protocol, instrument: Instrument) -> str:
    """Of whom the protocol asks the instrument; empty where of everybody."""
    condition = protocol.only_if.get(instrument.code)
    return _sentence(condition, words_for(library, protocol, instrument))


def questions(instrument: Instrument, words: Words) -> list[QuestionSummary]:
    """Every item in the order it is asked."""
    return [
        QuestionSummary(
            item=item,
            number=number_of(instrument, item.code),
            asked_if=_sentence(item.asked_if, words),
            variants=tuple(_variants(item, words)),
        )
        for item in instrument.items
    ]


def rules_by_urgency(rule_set: RuleSet, words: Words) -> list[UrgencySummary]:
    """The rules, the most urgent first, each in words."""
    texts = rule_set.texts[language()]
    by_urgency: dict[Urgency, list[RuleSummary]] = {urgency: [] for urgency in Urgency}
    for rule in rule_set.rules:
        by_urgency[rule.urgency].append(_rule_summary(rule_set, rule, words))
    return [
        UrgencySummary(urgency, texts[rule_set.advice.levels[urgency]], tuple(rules))
        for urgency, rules in by_urgency.items()
    ]


def other_texts(rule_set: RuleSet, words: Words) -> list[tuple[str, str]]:
    """What a patient reads whatever the rule, each text with when she does."""
    texts = rule_set.texts[language()]
    plan = rule_set.advice
    after_call = _(
        "after “call now”, when %(item)s is “%(answer)s”",
        item=words.wording.label(plan.called_item),
        answer=words.wording.option(plan.called_item, plan.called_value),
    )
    shown = [(texts[plan.nothing], _("no rule is met")), (texts[plan.called], after_call)]
    if LATER in texts:
        later = texts[LATER].replace("{date}", _("(the next working day)"))
        shown.append((later, _("when a nurse calls within 1 working day and the next day is none")))
    return shown


def _rule_summary(rule_set: RuleSet, rule: Rule, words: Words) -> RuleSummary:
    texts = rule_set.texts[language()]
    tag_texts = rule_set.tag_texts[language()]
    reason = rule.reason[language()]
    # The first text is the urgency's own, which stands above all its rules.
    _level, *more = advice(rule_set, (Breach(rule.id, rule.urgency),), {})
    return RuleSummary(
        rule=rule,
        reason=reason[:1].upper() + reason[1:],
        when=condition_text(rule.when, words),
        tags=tuple((tag_texts[tag.code], _sentence(tag.when, words)) for tag in rule.tags),
        more=tuple(texts[key] for key in more),
        raised=(rule.raised.urgency, _sentence(rule.raised.when, words)) if rule.raised else None,
    )


def _variants(item: Item, words: Words) -> Iterator[QuestionVariant]:
    if not item.variants:
        yield QuestionVariant(item, "")
    for variant in item.variants:
        yield QuestionVariant(item.in_variant(variant), _sentence(variant.when, words))


def _sentence(condition: Condition | None, words: Words) -> str:
    if condition is None:
        return ""
    return condition_text(condition, words).sentence


def _asked_in_order(protocol: Protocol) -> list[str]:
    """The instruments in the order a patient meets them, each once."""
    packs = [event.instruments for event in protocol.events]
    packs.extend(protocol.unscheduled.values())
    return list(dict.fromkeys(code for pack in packs for code in pack))


def _newest_first(versions: Mapping[str, Instrument]) -> list[str]:
    # Only `current` knows how versions follow each other, and it gives the newest of those left.
    left = dict(versions)
    order = []
    while left:
        newest = current(left)
        order.append(newest)
        del left[newest]
    return order
