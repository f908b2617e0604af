"""Conditions in words: rules read aloud in both languages, and nested conditions that can be read
in one way only."""

from itertools import product
from pathlib import Path

import pytest
import yaml

from proms.content import load
from proms.content.catalogues import catalogue
from proms.domain.instrument import (
    All,
    AtLeast,
    ConditionContext,
    FactAtLeast,
    FactAtMost,
    FactIs,
    Instrument,
    Is,
    Item,
    ItemKind,
    Missing,
    Not,
    Some,
    TickedAny,
    Wording,
    Words,
    condition_text,
    holds,
)
from proms.settings import HOME

LIBRARY = load(HOME)
FACTS = {
    "en": {True: "a pump is in place", "38.5": "the limit for fever is 38.5 degrees"},
    "nl": {True: "er zit een pomp", "38.5": "de grens voor koorts is 38,5 graden"},
}
COUNTED = {
    "en": {
        FactAtMost: "the pump was placed at most %s days ago",
        FactAtLeast: "the pump was placed at least %s days ago",
    },
    "nl": {
        FactAtMost: "de pomp is hooguit %s dagen geleden geplaatst",
        FactAtLeast: "de pomp is minstens %s dagen geleden geplaatst",
    },
}
RULES = yaml.safe_load(
    (Path(__file__).parents[1] / "golden" / "hsc_rules_in_words.yaml").read_text()
)


def hsc(language):
    return Words(
        catalogue(language),
        LIBRARY.instrument("hsc"),
        LIBRARY.wording("hsc", language),
        lambda fact, value: FACTS[language][value],
        lambda condition: COUNTED[language][type(condition)] % condition.value,
    )


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_rule_of_the_symptom_check_reads_as_the_trial_wrote_it(rule, language):
    when = LIBRARY.rule_sets["hsc"][RULES[rule].get("since", "0.2")].rule(rule).when
    assert condition_text(when, hsc(language)).sentence == RULES[rule][language]


def test_as_a_list_a_rule_says_above_its_parts_whether_all_or_one_of_them_is_needed():
    spoken = condition_text(LIBRARY.rule_sets["hsc"]["0.2"].rule("W1").when, hsc("en"))
    assert spoken.text == "All of these are true:"
    pump, inner = spoken.parts
    assert (pump.text, pump.parts) == ("a pump is in place", ())
    assert inner.text == "At least one of these is true:"
    assert [each.text for each in inner.parts[1].parts] == [
        "“Red”, “Warm” or “More swollen” is ticked under Skin over the pump",
        "At least one of these is true:",
    ]
    denied = condition_text(LIBRARY.rule_sets["hsc"]["0.2"].rule("B3").when, hsc("en")).parts[2]
    assert denied.text == "These are not all true:"
    assert [each.text for each in denied.parts] == [
        "Colour of pee is “Brown like tea or cola”",
        "Colour of stools is “Very pale: grey or cream”",
    ]


# A small instrument whose words say what they stand for, so that a sentence can be held against the
# truth.
ITEMS = (
    Item("q1", ItemKind.SINGLE, (0, 1, 2)),
    Item("q2", ItemKind.MULTIPLE, ("red", "warm", "open")),
    Item("q3", ItemKind.NUMBER, low=0, high=100),
)
SMALL = Words(
    catalogue("en"),
    Instrument("small", "1", ITEMS),
    Wording(
        "small",
        "1",
        "1",
        "en",
        "Small",
        "Small",
        items={"q1": "worry", "q2": "skin", "q3": "health today"},
        options={
            "q1": {"0": "none", "1": "some", "2": "much"},
            "q2": {each: each for each in ("red", "warm", "open")},
        },
        labels={"q2": "Skin"},
    ),
    lambda fact, value: f"{fact} is {value}",
)
NONE, SKIN = Is("q1", (0,)), TickedAny("q2", ("red",))


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (Is("q1", (1,)), "question 1 (worry) is “some”"),
        (Is("q1", (0, 2)), "question 1 (worry) is one of “none”, “much”"),
        (Is("q3", (50,)), "question 3 (health today) is 50"),
        (AtLeast("q1", 1), "question 1 (worry) is “some” or higher"),
        (AtLeast("q1", 2), "question 1 (worry) is “much”"),
        (AtLeast("q3", 80), "question 3 (health today) is 80 or higher"),
        (TickedAny("q2", ("red", "open")), "“red” or “open” is ticked under Skin"),
        (Missing("q1"), "question 1 (worry) is not answered"),
        (FactIs("stoma", True), "stoma is True"),
        (FactIs("sex", "male"), "sex is male"),
        (Not(Is("q1", (1,))), "question 1 (worry) is not “some”"),
        (Not(Is("q1", (0, 2))), "question 1 (worry) is none of “none”, “much”"),
        (Not(AtLeast("q1", 1)), "question 1 (worry) is not “some” or higher"),
        (Not(TickedAny("q2", ("red",))), "“red” is not ticked under Skin"),
        (Not(TickedAny("q2", ("red", "open"))), "none of “red”, “open” is ticked under Skin"),
        (Not(Missing("q1")), "question 1 (worry) is answered"),
        (Not(FactIs("stoma", True)), "stoma is False"),
        (Not(FactIs("sex", "male")), "not (sex is male)"),
        (Not(Not(NONE)), "question 1 (worry) is “none”"),
        (All((NONE,)), "question 1 (worry) is “none”"),
        (Not(Some((NONE,))), "question 1 (worry) is not “none”"),
        (
            Not(All((NONE, SKIN))),
            "not (question 1 (worry) is “none”, and “red” is ticked under Skin)",
        ),
        (
            Not(Some((NONE, SKIN))),
            "not (question 1 (worry) is “none”, or “red” is ticked under Skin)",
        ),
        (
            All((Some((NONE, SKIN)), Not(Some((Missing("q3"), FactIs("stoma", True)))))),
            "(question 1 (worry) is “none”, or “red” is ticked under Skin),"
            " and not (question 3 (health today) is not answered, or stoma is True)",
        ),
        (
            Some((All((NONE, SKIN)), Missing("q3"))),
            "(question 1 (worry) is “none”, and “red” is ticked under Skin),"
            " or question 3 (health today) is not answered",
        ),
        (
            Not(All((Some((NONE, SKIN)), Missing("q3")))),
            "not ((question 1 (worry) is “none”, or “red” is ticked under Skin),"
            " and question 3 (health today) is not answered)",
        ),
    ],
)
def test_every_shape_of_a_condition_is_said_in_one_way_only(condition, sentence):
    assert condition_text(condition, SMALL).sentence == sentence


# Three clauses whose words are Python when their items are asked about: a sentence is then itself a
# condition.
CLAUSES = {
    "alpha": FactIs("alpha", True),
    "beta": FactIs("beta", True),
    "gamma": FactIs("gamma", True),
}
LOGIC = Words(
    SMALL.say,
    SMALL.instrument,
    SMALL.wording,
    lambda fact, value: fact if value else f"(not {fact})",
)


def shapes():
    """Every condition of up to two levels over three facts, each level also turned round."""
    a, b, c = CLAUSES.values()
    inner = [kind(parts) for kind in (All, Some) for parts in ((a, b), (Not(a), b), (a,))]
    inner += [Not(each) for each in inner]
    outer = [kind((each, c)) for kind in (All, Some) for each in (*inner, Not(a))]
    return [
        *inner,
        *outer,
        *(Not(each) for each in outer),
        *(All((Not(each), b)) for each in outer),
    ]


@pytest.mark.parametrize("condition", shapes(), ids=repr)
def test_a_sentence_is_true_in_the_same_cases_as_its_condition(condition):
    sentence = condition_text(condition, LOGIC).sentence
    for values in product((True, False), repeat=3):
        facts = dict(zip(CLAUSES, values, strict=True))
        assert eval(sentence.replace(",", ""), {}, facts) == holds(
            condition, ConditionContext(facts=facts)
        ), (
            sentence,
            facts,
        )
