"""Whatever the content that ships can ask or say, a reader finds words for it in her own
language."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import force_locale

from proms.content.facts import known_facts
from proms.domain.instrument import (
    All,
    Condition,
    FactIs,
    Instrument,
    Not,
    Some,
    condition_text,
    items_in,
)
from proms.domain.person import Language
from proms.settings import HOME
from proms.web.staff.instruments import timing as schedule
from proms.web.staff.instruments.formulas import scale_summaries
from proms.web.staff.instruments.summary import labels_of, words_for
from proms.web.staff.labels.facts import worded
from tests.phone import website

BOTH = [each.value for each in Language]


@pytest.fixture
def app(sqlite_database_url) -> Iterator[Flask]:
    with website(sqlite_database_url) as running:
        yield running


@pytest.fixture(params=BOTH)
def reader(request, app) -> Iterator[str]:
    """Somebody who reads this language, on her way through a page."""
    header = {"Accept-Language": request.param}
    with app.test_request_context(headers=header), force_locale(request.param):
        yield request.param


def every_instrument(stand_ins) -> list[Instrument]:
    return [held for versions in stand_ins.instruments.values() for held in versions.values()]


def conditions(stand_ins) -> Iterator[tuple[Instrument, Condition]]:
    """Every condition of the content: of items, variants, rules, tags, and of instruments in the
    protocol."""
    for held in every_instrument(stand_ins):
        yield from ((held, item.asked_if) for item in held.items if item.asked_if)
        yield from ((held, each.when) for item in held.items for each in item.variants if each.when)
    for code, versions in stand_ins.rule_sets.items():
        for rule_set in versions.values():
            held = stand_ins.instrument(code, rule_set.instrument_version)
            yield from ((held, rule.when) for rule in rule_set.rules)
            yield from ((held, tag.when) for rule in rule_set.rules for tag in rule.tags)
    for code, when in stand_ins.protocol("pump-it").only_if.items():
        yield stand_ins.instrument(code), when


def facts_in(condition: Condition) -> Iterator[FactIs]:
    match condition:
        case FactIs():
            yield condition
        case All(parts) | Some(parts):
            for part in parts:
                yield from facts_in(part)
        case Not(part):
            yield from facts_in(part)


def test_every_fact_a_condition_may_ask_about_has_words_for_each_of_its_values(stand_ins, reader):
    protocol = stand_ins.protocol("pump-it")
    every = known_facts([protocol])
    silent = [
        (fact, value)
        for fact, values in every.items()
        for value in values
        if not worded(protocol, fact, value)
    ]
    assert silent == []


def test_every_condition_of_the_content_is_read_aloud_without_a_code_in_it(stand_ins, reader):
    protocol, read = stand_ins.protocol("pump-it"), 0
    for held, condition in conditions(stand_ins):
        words = words_for(stand_ins, protocol, held)
        sentence = condition_text(condition, words).sentence
        for item in items_in(condition):
            assert words.wording.label(item) in sentence, (held.code, item)
            assert not re.search(rf"\b{item}\b", sentence), sentence
        for each in facts_in(condition):
            said = [worded(protocol, each.fact, value) for value in (each.value, not each.value)]
            assert any(fact and fact in sentence for fact in said), (held.code, each, sentence)
        read += 1
    assert read > 40


def test_a_fact_that_nobody_has_put_into_words_is_named_rather_than_left_out(stand_ins, reader):
    protocol = stand_ins.protocol("pump-it")
    assert worded(protocol, "drain", True) is None
    words = words_for(stand_ins, protocol, stand_ins.instrument("hsc"))
    assert "“drain”" in condition_text(FactIs("drain", True), words).sentence


def test_every_scale_and_every_moment_is_told_and_the_two_languages_differ(stand_ins, app):
    told = {}
    for language in BOTH:
        with (
            app.test_request_context(headers={"Accept-Language": language}),
            force_locale(language),
        ):
            told[language] = list(_told(stand_ins))
    assert len(told["en"]) > 100
    same = [en for en, nl in zip(told["en"], told["nl"], strict=True) if en == nl]
    assert same == []


def _told(stand_ins) -> Iterator[str]:
    protocol = stand_ins.protocol("pump-it")
    for held in every_instrument(stand_ins):
        wording = labels_of(stand_ins, held)
        yield from (
            each.formula
            for each in scale_summaries(held, [wording.label(scale.code) for scale in held.scales])
        )
        for moment in schedule.timing_lines(protocol, held.code):
            yield moment.when
            if moment.window:
                yield moment.window


def test_the_moments_of_an_instrument_are_all_the_events_of_the_protocol_that_ask_it(
    stand_ins, app
):
    protocol = stand_ins.protocol("pump-it")
    with app.test_request_context():
        for held in every_instrument(stand_ins):
            told = [
                code
                for moment in schedule.timing_lines(protocol, held.code)
                for code in moment.codes
            ]
            asked = [
                event.code.replace("{step}", "…")
                for event in protocol.events
                if held.code in event.instruments
            ]
            own = [
                code
                for code, instruments in protocol.unscheduled.items()
                if held.code in instruments
            ]
            assert sorted(told) == sorted([*asked, *own])


def test_no_page_of_instruments_reads_a_patient():
    # The pages are open to analysts before the data lock: what they are made of must know nobody.
    staff = HOME / "proms" / "web" / "staff"
    modules = [*(staff / "instruments").glob("*.py"), staff / "labels" / "facts.py"]
    assert len(modules) > 5
    for path in modules:
        assert not re.search(r"proms\.db|reading\(|current_patient", path.read_text()), path.name
