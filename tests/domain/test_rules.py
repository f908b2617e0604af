"""The rules of the symptom check on written-out cases, and what the patient is told."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from proms.content import load
from proms.domain.alert import Urgency, advice, evaluate
from proms.domain.instrument import Place
from proms.settings import HOME

LIBRARY = load(HOME)
HSC = LIBRARY.instrument("hsc")
RULES = LIBRARY.rules(HSC)
EVERY_RULES = {
    version: rules for version, rules in LIBRARY.rule_sets["hsc"].items() if version < "0.3"
}
CASES = yaml.safe_load((Path(__file__).parents[1] / "golden" / "hsc_rules.yaml").read_text())
WELL = {
    item.code: (item.none,) if item.none else item.options[0]
    for item in HSC.items
    if item.options and item.code not in ("SITE", "POS", "MOUTH", "HANDFOOT", "NOW", "CONTACT")
}


def reported(case):
    said = {
        code: tuple(value) if isinstance(value, list) else value
        for code, value in case["answers"].items()
    }
    return HSC.checked(
        {**{code: WELL[code] for code in WELL if code not in case.get("missing", [])}, **said}
    )


@pytest.mark.parametrize("version", EVERY_RULES)
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_rules_fire_as_written_out(case, version):
    if version < case.get("since", version):
        pytest.skip("these rules know no limit of the site")
    breaches = evaluate(EVERY_RULES[version], reported(case), facts=case.get("facts", {}))
    assert sorted(breach.rule for breach in breaches) == sorted(case["fires"])
    assert [breach.urgency.rank for breach in breaches] == sorted(
        breach.urgency.rank for breach in breaches
    )
    if "tags" in case:
        assert [tag for breach in breaches for tag in breach.tags] == case["tags"]


def test_rules_0_1_are_those_of_0_0_in_other_words():
    def wordless(version):
        return [replace(rule, reason={}) for rule in EVERY_RULES[version].rules]

    assert wordless("0.0") == wordless("0.1")
    assert EVERY_RULES["0.0"].advice == EVERY_RULES["0.1"].advice


def test_symptom_check_0_2_asks_the_items_of_0_1_in_other_words():
    assert LIBRARY.instrument("hsc", "0.1").items == LIBRARY.instrument("hsc", "0.2").items


def test_symptom_check_0_3_asks_the_items_of_0_2_with_what_may_threaten_life_first():
    assert HSC.version == "0.3"
    assert HSC.items[0].code == "ALARM"
    before = [item for item in LIBRARY.instrument("hsc", "0.2").items if item.code != "ALARM"]
    assert list(HSC.items[1:]) == before


def test_rules_0_4_are_those_of_0_3_in_other_words():
    sets = LIBRARY.rule_sets["hsc"]
    wordless = [[replace(rule, reason={}) for rule in sets[each].rules] for each in ("0.3", "0.4")]
    assert wordless[0] == wordless[1]
    for language, texts in sets["0.4"].texts.items():
        other = {key for key, text in texts.items() if text != sets["0.3"].texts[language][key]}
        assert other <= {"red_emergency"}


def test_what_is_asked_of_an_urgent_answer_stands_beside_the_number_to_call():
    for instrument in LIBRARY.instruments["hsc"].values():
        beside = [item.code for item in instrument.items if item.place is Place.CALL]
        assert beside == ["NOW", "CONTACT"]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_answer_a_red_rule_looks_at_is_asked_about_in_words_of_its_own(language):
    wording = LIBRARY.wording("hsc", language)
    now = HSC.item("NOW")
    told = set()
    for rule in RULES.rules:
        if rule.urgency is not Urgency.RED and not rule.raised:
            continue
        for code in rule.shows:
            item = HSC.item(code)
            things = [f"{code}.{tick}" for tick in item.options if tick != item.none]
            for thing in things if item.none else [code]:
                asked = wording.question_about(now, [thing], "")
                assert asked != wording.question(now), thing
                told.add(asked)
    assert len(told) > 15
    assert "Bleeding" in wording.question_about(now, ["BLEED.tar", "TEMP"], "Bleeding, fever")
    assert wording.question_about(now, [], "") == wording.question(now)
    assert wording.recall_of(now) == ""


def test_answers_to_an_older_version_are_held_against_its_own_rules():
    older = LIBRARY.instrument("hsc", "0.1")
    assert (LIBRARY.rules(older).name, RULES.name) == ("hsc 0.0", "hsc 0.4")


def test_every_rule_fires_in_some_case_and_stays_silent_in_another():
    fired = {rule for case in CASES for rule in case["fires"]}
    assert fired == {rule.id for rule in EVERY_RULES["0.2"].rules}


def test_a_missing_answer_never_makes_a_rule_fire_but_the_one_that_asks_for_it():
    assert [breach.rule for breach in evaluate(RULES, {}, facts={"pump": True})] == ["Q1"]


def test_a_breach_carries_the_literal_answers_of_its_rule():
    (breach, *_) = evaluate(RULES, {**WELL, "TEMP": 3, "RUQP": 2}, facts={})
    assert breach.rule == "C1"
    assert dict(breach.evidence) == {
        "TEMP": 3,
        "CHILL": 0,
        "RUQP": 2,
        "JAUND": 0,
        "URINE": 0,
        "STOOL": 0,
    }


def told(**answers):
    reply = {**WELL, **answers}
    return advice(RULES, evaluate(RULES, reply, facts={"on_treatment": True}), reply)


def test_the_patient_is_told_the_highest_level_first_and_what_joins_it():
    assert told() == ("nothing",)
    assert told(DIAR=2) == ("amber",)
    assert told(TEMP=2) == ("amber", "amber_measure")
    assert told(TEMP=4) == ("red", "red_fever")
    assert told(TEMP=4, JAUND=2) == ("red", "red_bile", "red_fever")
    assert told(ALARM=("breath",)) == ("red", "red_emergency")
    assert told(RUQP=4) == ("red", "red_emergency")
    assert told(TEMP=4, CONTACT=1) == ("red", "red_fever", "called")
    assert told(DIAR=3, TEMP=2) == ("red",)  # an amber addition does not join a red page


def test_every_text_has_both_languages_and_the_call_texts_a_number():
    for language in ("nl", "en"):
        texts = RULES.texts[language]
        for key in ("red", "amber", "amber_measure", "amber_weekend", "nothing"):
            assert "{phone}" in texts[key]
        assert "{date}" in texts["amber_weekend"]
        assert all(rule.reason[language] for rule in RULES.rules)


def test_no_more_urgent_answer_ever_lowers_the_level():
    for item in HSC.items:
        if item.kind != "single" or item.code in ("NOW", "CONTACT", "TEMP"):
            continue
        ranks = []
        for option in item.options:
            breaches = evaluate(RULES, {**WELL, item.code: option}, facts={"pump": True})
            ranks.append(breaches[0].urgency.rank if breaches else len(Urgency))
        assert ranks == sorted(ranks, reverse=True), item.code
