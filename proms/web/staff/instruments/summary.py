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
from proms.web.staff.labels.facts import fact_in_words


@dataclass(frozen=True)
class InstrumentSummary:
    """One version of an instrument on the list."""

    instrument: Instrument
    wording: Wording
    rights: list[LanguageLicence]
    current: bool
    moments: list[str]
    only_if: str

    @property
    def alike(self) -> bool:
        """Whether every language stands the same, so that one line tells it."""
        return len({right.standing for right in self.rights}) == 1


@dataclass(frozen=True)
class QuestionSummary:
    """One item, in every language and variant, and when it is asked in words."""

    item: Item
    number: int
    only: str
    faces: "tuple[QuestionVariant, ...]"


@dataclass(frozen=True)
class QuestionVariant:
    """An item in one of its variants, and who gets to see it."""

    item: Item
    only: str


@dataclass(frozen=True)
class RuleSummary:
    """A rule in words: the condition, its tags with theirs, and what the patient reads beside her
    level's text."""

    rule: Rule
    reason: str
    when: ConditionText
    tags: tuple[tuple[str, str], ...]
    more: tuple[str, ...]


@dataclass(frozen=True)
class UrgencySummary:
    """The rules of one urgency, and what every patient reads whose answers meet one of them."""

    urgency: Urgency
    text: str
    rules: tuple[RuleSummary, ...]


def rows(library: Library, protocol: Protocol) -> list[InstrumentSummary]:
    """Every version of every instrument: those that the protocol asks first, the newest version of
    each first."""
    asked = {code: place for place, code in enumerate(_in_order(protocol))}
    codes = sorted(library.instruments, key=lambda code: (asked.get(code, len(asked)), code))
    return [
        _row(library, protocol, library.instruments[code][version])
        for code in codes
        for version in _newest_first(library.instruments[code])
    ]


def packs(library: Library, protocol: Protocol) -> list[tuple[list[str], list[InstrumentSummary]]]:
    """The instruments, those that are asked at the same moments together."""
    return [
        (moments, list(alike))
        for moments, alike in groupby(rows(library, protocol), lambda row: row.moments)
    ]


def wordings(library: Library, instrument: Instrument) -> dict[Language, Wording]:
    """What patients read in each language, as far as there is anything."""
    return {
        right.language: right.wording
        for right in language_licences(library, instrument)
        if right.wording
    }


def labels_of(library: Library, instrument: Instrument) -> Wording:
    """The words that an instrument is spoken of with, in the reader's language where there are
    any."""
    held = wordings(library, instrument)
    return held.get(Language(language())) or next(iter(held.values()))


def words_for(library: Library, protocol: Protocol, instrument: Instrument) -> Words:
    """What the conditions of an instrument are read aloud with, in the reader's language."""
    spoken = language()
    return Words(
        catalogue(spoken), instrument, labels_of(library, instrument), fact_in_words(protocol)
    )


def only_if(library: Library, protocol: Protocol, instrument: Instrument) -> str:
    """Of whom the protocol asks the instrument; empty where of everybody."""
    condition = protocol.only_if.get(instrument.code)
    return _said(condition, words_for(library, protocol, instrument))


def questions(instrument: Instrument, words: Words) -> list[QuestionSummary]:
    """Every item in the order it is asked."""
    return [
        QuestionSummary(
            item,
            number_of(instrument, item.code),
            _said(item.asked_if, words),
            tuple(_faces(item, words)),
        )
        for item in instrument.items
    ]


def levels(rule_set: RuleSet, words: Words) -> list[UrgencySummary]:
    """The rules by urgency, the most urgent first, each in words."""
    texts = rule_set.texts[language()]
    told = [_told(rule_set, rule, words) for rule in rule_set.rules]
    return [
        UrgencySummary(
            urgency,
            texts[rule_set.advice.levels[urgency]],
            tuple(each for each in told if each.rule.urgency == urgency),
        )
        for urgency in Urgency
    ]


def besides(rule_set: RuleSet, words: Words) -> list[tuple[str, str]]:
    """What a patient reads whatever the rule, each text with when she does."""
    texts, told = rule_set.texts[language()], rule_set.advice
    asked, answer = (
        words.wording.label(told.called_item),
        words.wording.option(told.called_item, told.called_value),
    )
    said = [
        (texts[told.nothing], _("no rule is met")),
        (
            texts[told.called],
            _("after “call now”, when %(item)s is “%(answer)s”", item=asked, answer=answer),
        ),
    ]
    if LATER in texts:
        later = texts[LATER].replace("{date}", _("(the next working day)"))
        said.append((later, _("when a nurse calls within 1 working day and the next day is none")))
    return said


def _row(library: Library, protocol: Protocol, instrument: Instrument) -> InstrumentSummary:
    return InstrumentSummary(
        instrument,
        labels_of(library, instrument),
        language_licences(library, instrument),
        instrument.version == current(library.instruments[instrument.code]),
        in_short(protocol, instrument.code),
        only_if(library, protocol, instrument),
    )


def _told(rule_set: RuleSet, rule: Rule, words: Words) -> RuleSummary:
    texts, tags, reason = (
        rule_set.texts[language()],
        rule_set.tag_texts[language()],
        rule.reason[language()],
    )
    more = advice(rule_set, (Breach(rule.id, rule.urgency),), {})[1:]
    return RuleSummary(
        rule,
        reason[:1].upper() + reason[1:],
        condition_text(rule.when, words),
        tuple((tags[tag.code], _said(tag.when, words)) for tag in rule.tags),
        tuple(texts[key] for key in more),
    )


def _faces(item: Item, words: Words) -> Iterator[QuestionVariant]:
    if not item.variants:
        yield QuestionVariant(item, "")
    for variant in item.variants:
        yield QuestionVariant(item.in_variant(variant), _said(variant.when, words))


def _said(condition: Condition | None, words: Words) -> str:
    return condition_text(condition, words).sentence if condition else ""


def _in_order(protocol: Protocol) -> list[str]:
    """The instruments in the order a patient meets them."""
    asked = [*(event.instruments for event in protocol.events), *protocol.unscheduled.values()]
    return list(dict.fromkeys(code for codes in asked for code in codes))


def _newest_first(versions: Mapping[str, Instrument]) -> list[str]:
    held, order = dict(versions), []
    while held:
        order.append(current(held))
        del held[order[-1]]
    return order
