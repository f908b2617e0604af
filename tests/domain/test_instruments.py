"""What may be answered, what is asked of whom, and in which words."""

import pytest

from proms.content import load
from proms.domain.instrument import (
    AtLeast,
    ConditionContext,
    Is,
    Missing,
    NotOffered,
    TickedAny,
    UnknownItem,
    holds,
)
from proms.settings import HOME

LIBRARY = load(HOME)
HSC, C30 = LIBRARY.instrument("hsc"), LIBRARY.instrument("qlq-c30")
CORE = [
    "ALARM",
    "JAUND",
    "URINE",
    "STOOL",
    "ITCH",
    "TEMP",
    "CHILL",
    "RUQP",
    "STOM",
    "NAUS",
    "VOM",
    "DIAR",
    "BLEED",
]
REST = ["INTAKE", "TIRED", "NERVE"]


def asked(**facts):
    return [item.code for item in HSC.asked(facts)]


@pytest.mark.parametrize("answer", [3, -1, "1", True, 1.0, None, [1], {"a": 1}, (), ""])
def test_an_answer_that_a_single_choice_item_does_not_offer_is_refused(answer):
    with pytest.raises(NotOffered, match="JAUND"):
        HSC.checked({"JAUND": answer})


@pytest.mark.parametrize(
    "answer",
    ["tar", [], ["tar", "blue"], ["none", "tar"], [1], [["tar"]], [None], 1, {"tar": True}],
)
def test_ticks_that_a_multiple_choice_item_does_not_offer_are_refused(answer):
    with pytest.raises(NotOffered, match="BLEED"):
        HSC.checked({"BLEED": answer})


@pytest.mark.parametrize("answer", [1, None, ["a"], "x" * 2001, "a\x00b", "half \ud83d"])
def test_what_no_database_can_keep_is_no_remark(answer):
    with pytest.raises(NotOffered, match="REMARK"):
        HSC.checked({"REMARK": answer})


@pytest.mark.parametrize("code", ["", "jaund", "q1", "x" * 5000])
def test_an_unknown_item_is_refused_by_name_and_in_few_words(code):
    with pytest.raises(UnknownItem) as refused:
        HSC.checked({code: 1})
    assert len(str(refused.value)) < 120


def test_ticks_are_kept_in_the_order_they_are_offered_each_once():
    assert HSC.checked({"BLEED": ["nose", "tar", "nose"]}) == {"BLEED": ("tar", "nose")}
    assert HSC.checked({"BLEED": ["none"], "JAUND": 0, "REMARK": "Dank u ✓"}) == {
        "BLEED": ("none",),
        "JAUND": 0,
        "REMARK": "Dank u ✓",
    }


def test_the_pump_is_asked_about_only_where_there_is_one():
    assert asked() == [*CORE, *REST, "REMARK"]
    assert asked(pump=False) == asked()
    assert asked(pump=True) == [*CORE, "SITE", "POS", *REST, "REMARK"]


def test_mouth_and_hands_are_asked_under_the_regimens_that_the_protocol_says_they_go_with():
    assert asked(on_treatment=True) == [*CORE, *REST, "REMARK"]
    assert asked(**{"hsc.MOUTH": True}) == [*CORE, *REST, "MOUTH", "REMARK"]
    assert asked(**{"hsc.MOUTH": True, "hsc.HANDFOOT": True}) == [
        *CORE,
        *REST,
        "MOUTH",
        "HANDFOOT",
        "REMARK",
    ]
    going = {
        code: dict(each.also_asks) for code, each in LIBRARY.protocol("pump-it").regimens.items()
    }
    assert going.pop("capox") == {"hsc": {"MOUTH", "HANDFOOT"}}
    assert going == dict.fromkeys(("fudr", "folfox", "folfiri", "folfoxiri"), {"hsc": {"MOUTH"}})


def test_the_follow_ups_come_only_after_a_red_answer():
    assert asked(level="red") == [*CORE, *REST, "NOW", "CONTACT", "REMARK"]
    assert asked(level="amber") == asked()


def test_the_safety_items_are_the_five_of_the_list():
    assert [item.code for item in HSC.items if item.safety] == [
        "ALARM",
        "JAUND",
        "TEMP",
        "CHILL",
        "BLEED",
    ]


def test_a_missing_answer_meets_no_comparison():
    nothing = ConditionContext()
    for condition in (
        Is("TEMP", (0, 1, 2, 3, 4)),
        AtLeast("TEMP", 0),
        TickedAny("BLEED", ("tar", "none")),
    ):
        assert not holds(condition, nothing)
    assert holds(Missing("TEMP"), nothing)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("instrument", [HSC, C30], ids=lambda each: each.code)
def test_every_item_and_every_option_has_words(instrument, language):
    wording = LIBRARY.wording(instrument.code, language)
    for item in instrument.items:
        assert wording.items[item.code]
        assert [wording.option(item.code, option) for option in item.options] == list(
            wording.options.get(item.code, {}).values()
        )


def test_several_ticks_are_read_out_one_after_the_other():
    words = LIBRARY.wording("hsc", "nl").option("BLEED", ("tar", "nose"))
    assert words == (
        "Zwarte, plakkerige poep; Bloeding uit neus of tandvlees, langer dan 15 minuten"
    )


def test_answers_under_our_stand_in_labels_are_never_exported_as_the_licensed_instrument():
    wording = LIBRARY.wording("qlq-c30", "nl")
    assert wording.version == "DEMO"
    assert wording.banner == "Voorbeeldtekst, niet de officiële vraag"
    assert C30.name_in_export(wording.version) == "demo-c30"


def test_the_codes_of_items_and_scales_are_those_of_cdisc():
    assert [item.cdisc for item in C30.items] == [f"EOR01{n:02}" for n in range(1, 31)]
    assert [scale.cdisc for scale in C30.scales] == [*(f"EOR01{n}" for n in range(31, 46)), None]
    core = [item.cdisc for item in HSC.items if item.cdisc]
    assert core == ["HSC18", *(f"HSC{n:02}" for n in range(1, 18))]


def test_cards_carry_the_short_titles():
    titles = {
        (code, each): LIBRARY.wording(code, each).short_title
        for code in ("hsc", "qlq-c30")
        for each in ("nl", "en")
    }
    assert titles == {
        ("hsc", "nl"): "Klachtencheck",
        ("hsc", "en"): "Symptom check",
        ("qlq-c30", "nl"): "Vragenlijst kwaliteit van leven",
        ("qlq-c30", "en"): "Quality-of-life questionnaire",
    }


def test_an_answer_about_the_stoma_words_six_questions_anew_and_no_other():
    cr29 = LIBRARY.instrument("qlq-cr29")
    six = {"q49", "q50", "q51", "q52", "q53", "q54"}
    known = {"stoma": False, "sex": "female"}
    assert cr29.reworded(known, {"q48": 1}, {"q48": 0}) == six
    assert cr29.reworded(known, {"q48": 1}, {}) == six
    assert cr29.reworded(known, {}, {"q48": 0}) == frozenset()
    assert cr29.reworded({"stoma": True}, {}, {"q48": 1}) == frozenset()
    assert cr29.reworded(known, {"q31": 1}, {"q31": 4}) == frozenset()
