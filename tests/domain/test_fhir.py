"""Instruments as FHIR Questionnaires, for everybody and for one patient; held against HL7's model
of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from proms.content import Library
from proms.domain.fhir import Asking, Worded, questionnaire
from proms.domain.fhir.enable_when import enable_when, in_words
from proms.domain.instrument import (
    STAND_IN,
    All,
    AtLeast,
    Condition,
    FactIs,
    Instrument,
    Is,
    Item,
    ItemKind,
    Licence,
    Missing,
    Not,
    Some,
    TickedAny,
    Wording,
    items_in,
    settled,
)
from tests.fhir_codes import sound

PLACE = "https://proms.example.org/api/v1/fhir"
PHONE = "020 123 4567"
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
CODES = ("qlq-c30", "qlq-lmc21", "qlq-cr29", "eq-5d-5l", "hsc")
ANYBODY = Asking(PLACE, PHONE)
FACTS = [
    {"sex": sex, "stoma": stoma, "pump": pump, "hsc.MOUTH": pump, "hsc.HANDFOOT": not pump}
    for sex, stoma, pump in product(("male", "female"), (True, False), (True, False))
]


def worded(library: Library, code: str, base: str = "nl", *, licensed: bool = False) -> Worded:
    """The instrument in our labels, or in invented words that a licence covers."""
    instrument = library.instrument(code)
    order = sorted(("nl", "en"), key=lambda each: each != base)
    wordings = tuple(library.wording(code, language) for language in order)
    if licensed:
        wordings = tuple(under_licence(each, instrument) for each in wordings)
    return Worded(instrument, wordings[0].version, wordings)


def under_licence(wording: Wording, instrument: Instrument) -> Wording:
    licence = Licence(instrument.licensor or "nobody", "REF-2026-7", date(2026, 1, 5))
    words = {code: f"Invented question {code} ({wording.language})?" for code in wording.items}
    return replace(wording, version="1.2", items=words, banner=None, licence=licence)


def items_of(resource: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Everything that is answered, by its name."""
    return {each["linkId"]: each for each in resource["item"] if each["type"] != "display"}


def beside(element: dict[str, Any]) -> dict[str, str]:
    """The words in the other languages."""
    told = [each for each in element["extension"] if each["url"] == TRANSLATION]
    pairs = [{part["url"]: part for part in each["extension"]} for each in told]
    return {each["lang"]["valueCode"]: each["content"]["valueString"] for each in pairs}


# Every instrument, in every wording


@pytest.mark.parametrize("licensed", [False, True], ids=["stand-in", "licensed"])
@pytest.mark.parametrize("base", ["nl", "en"])
@pytest.mark.parametrize("code", CODES)
def test_every_instrument_is_a_sound_questionnaire_with_all_its_languages(
    library: Library, code: str, base: str, licensed: bool
) -> None:
    held = worded(library, code, base, licensed=licensed)
    for asking in (ANYBODY, *(Asking(PLACE, PHONE, 7, facts) for facts in FACTS[::3])):
        made = questionnaire(held, asking)
        sound(made)
        names = [each["linkId"] for each in made["item"]]
        assert len(set(names)) == len(names)
        assert made["language"] == base
        other = held.wordings[1]
        for name, item in items_of(made).items():
            assert beside(item["_text"]).keys() == {other.language}, name
            for option in item.get("answerOption", ()):
                assert beside(option["valueCoding"]["_display"]).keys() == {other.language}


def test_what_a_patient_reads_is_the_wording_byte_for_byte(library: Library) -> None:
    held = worded(library, "qlq-c30", licensed=True)
    made = items_of(questionnaire(held, ANYBODY))
    assert made["q1"]["text"] == "Invented question q1 (nl)?"
    assert beside(made["q1"]["_text"]) == {"en": "Invented question q1 (en)?"}
    assert [each["valueCoding"]["code"] for each in made["q29"]["answerOption"]] == list("1234567")


def test_a_stand_in_says_that_it_is_one_and_never_has_the_licensed_name(stand_ins: Library) -> None:
    stand_in = questionnaire(worded(stand_ins, "qlq-c30"), ANYBODY)
    assert stand_in["experimental"] is True
    assert (stand_in["name"], stand_in["url"], stand_in["version"]) == (
        "DEMO_C30",
        f"{PLACE}/Questionnaire/demo-c30",
        f"3.0-{STAND_IN}",
    )
    assert "not the licensed instrument" in stand_in["copyright"]
    assert (
        "qlq" not in str({key: value for key, value in stand_in.items() if key != "code"}).lower()
    )
    licensed = questionnaire(worded(stand_ins, "qlq-c30", licensed=True), ANYBODY)
    assert (licensed["experimental"], licensed["id"]) == (False, "qlq-c30-3.0-1.2")
    assert (
        licensed["copyright"]
        == "EORTC Quality of Life Group. Shown under licence REF-2026-7 of 2026-01-05."
    )


def test_codes_carry_the_system_that_really_holds_them(library: Library) -> None:
    c30 = questionnaire(worded(library, "qlq-c30"), ANYBODY)
    assert [(each["system"], each["code"]) for each in c30["code"]] == [
        ("http://snomed.info/sct", "273446001"),
        ("http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", "C161654"),
        (
            "https://www.cdisc.org/standards/terminology/controlled-terminology",
            "EORTC QLQ-C30 V3.0",
        ),
    ]
    cdisc = c30["code"][2]["system"]
    assert items_of(c30)["q30"]["code"] == [{"system": cdisc, "code": "EOR0130"}]
    cr29 = items_of(questionnaire(worded(library, "qlq-cr29"), ANYBODY))
    assert cr29["q49.stoma"]["code"] == [{"system": cdisc, "code": "EOR06491"}]
    assert cr29["q49.no_stoma"]["code"] == [{"system": cdisc, "code": "EOR06492"}]
    # CDISC has the category of the module and none of its items: those codes are ours, as the
    # symptom check's are.
    lmc21 = questionnaire(worded(library, "qlq-lmc21"), ANYBODY)
    assert lmc21["code"][-1] == {"system": cdisc, "code": "EORTC QLQ-LMC21"}
    assert items_of(lmc21)["q31"]["code"] == [{"system": "urn:proms:code", "code": "LMC0131"}]
    # SNOMED's concepts of the EQ-5D-5L are of its index and its VAS, which are scores.
    eq5d = questionnaire(worded(library, "eq-5d-5l"), ANYBODY)
    assert [each["code"] for each in eq5d["code"]] == ["C102117", "EQ-5D-5L"]
    hsc = questionnaire(worded(library, "hsc"), ANYBODY)
    assert hsc["code"] == [{"system": "urn:proms:code", "code": "HAIP SYMPTOM CHECK V0.3"}]


def test_each_kind_of_item_is_what_a_renderer_knows(library: Library) -> None:
    hsc, eq5d = (
        items_of(questionnaire(worded(library, code), ANYBODY)) for code in ("hsc", "eq-5d-5l")
    )
    assert (hsc["BLEED"]["type"], hsc["BLEED"]["repeats"]) == ("choice", True)
    alone = [each for each in hsc["BLEED"]["answerOption"] if "extension" in each]
    assert [each["valueCoding"]["code"] for each in alone] == ["none"]
    assert alone[0]["extension"][0]["url"].endswith("questionnaire-optionExclusive")
    assert (hsc["REMARK"]["type"], hsc["REMARK"]["maxLength"]) == ("text", 2000)
    assert hsc["REMARK"]["item"][0]["type"] == "display"
    *limits, control = eq5d["VAS"]["extension"]
    assert eq5d["VAS"]["type"] == "integer"
    assert [(each["url"].rpartition("/")[2], each["valueInteger"]) for each in limits] == [
        ("minValue", 0),
        ("maxValue", 100),
        ("questionnaire-sliderStepValue", 1),
    ]
    assert control["valueCodeableConcept"]["coding"] == [
        {"system": "http://hl7.org/fhir/questionnaire-item-control", "code": "slider"}
    ]
    systems = {
        item["answerOption"][0]["valueCoding"]["system"]
        for item in hsc.values()
        if "answerOption" in item
    }
    assert len(systems) == len([item for item in hsc.values() if "answerOption" in item])


def test_the_number_to_call_stands_above_the_first_question(library: Library) -> None:
    made = questionnaire(worded(library, "hsc"), ANYBODY)
    line = next(each for each in made["item"] if each["linkId"] == "about.safety")
    assert PHONE in line["text"]
    assert PHONE in beside(line["_text"])["en"]
    assert made["item"].index(line) < [each["linkId"] for each in made["item"]].index("JAUND")


# Who is asked what


@pytest.mark.parametrize("facts", FACTS, ids=str)
@pytest.mark.parametrize("code", CODES)
def test_one_patients_questionnaire_asks_what_the_server_would_ask_whatever_she_answers(
    library: Library, code: str, facts: dict[str, Any]
) -> None:
    instrument = library.instrument(code)
    made = items_of(questionnaire(worded(library, code), Asking(PLACE, PHONE, 7, facts)))
    for answers in deciding(instrument):
        asked = {
            f"{each.code}.{each.variant}" if each.variant else each.code
            for each in instrument.asked(facts, answers)
        }
        assert {name for name, item in made.items() if enabled(item, answers)} == asked, answers


@pytest.mark.parametrize("code", CODES)
def test_everybodys_questionnaire_leaves_out_nothing_that_anybody_is_asked(
    library: Library, code: str
) -> None:
    instrument = library.instrument(code)
    made = items_of(questionnaire(worded(library, code), ANYBODY))
    for facts, answers in product(
        [*FACTS, {**FACTS[0], "level": "red"}], list(deciding(instrument))
    ):
        asked = {
            f"{each.code}.{each.variant}" if each.variant else each.code
            for each in instrument.asked(facts, answers)
        }
        assert asked <= {name for name, item in made.items() if enabled(item, answers)}


def test_what_only_the_hospital_knows_is_said_in_words_in_everybodys_and_settled_in_hers(
    library: Library,
) -> None:
    everybodys = items_of(questionnaire(worded(library, "hsc"), ANYBODY))
    assert "Asked only if pump is true." in str(everybodys["SITE"]["extension"])
    hers = items_of(questionnaire(worded(library, "hsc"), Asking(PLACE, PHONE, 7, {"pump": True})))
    assert "SITE" in hers
    assert "Asked only" not in str(hers)
    assert not {"NOW", "CONTACT", "HANDFOOT"} & set(
        hers
    )  # what answers make urgent is not known before


def test_her_questionnaire_has_an_address_of_its_own_and_names_everybodys(
    stand_ins: Library,
) -> None:
    hers = questionnaire(worded(stand_ins, "qlq-cr29"), Asking(PLACE, PHONE, 7, FACTS[0]))
    assert hers["url"] == f"{PLACE}/Questionnaire/demo-cr29?assignment=7"
    assert hers["derivedFrom"] == [f"{PLACE}/Questionnaire/demo-cr29|2.1-DEMO"]


CHOICE = Item("a", ItemKind.SINGLE, options=(0, 1, 2))
OTHER = Item("b", ItemKind.MULTIPLE, options=("none", "x", "y"))
NUMBER = Item("n", ItemKind.NUMBER, low=0, high=100)
KNOWN = {each.code: each for each in (CHOICE, OTHER, NUMBER)}


@pytest.mark.parametrize(
    ("condition", "behaviour", "tests"),
    [
        (Is("a", (1, 2)), "any", [("a", "=", 1), ("a", "=", 2)]),
        (AtLeast("a", 1), "any", [("a", "=", 1), ("a", "=", 2)]),
        (Not(Is("a", (1,))), "any", [("a", "=", 0), ("a", "=", 2), ("a", "exists", False)]),
        (Not(Missing("a")), "all", [("a", "exists", True)]),
        (All((Missing("a"), Not(Is("a", (1,))))), "any", [("a", "exists", False)]),
        (TickedAny("b", ("x", "y")), "any", [("b", "=", "x"), ("b", "=", "y")]),
        (All((Is("a", (1,)), AtLeast("n", 50))), "all", [("a", "=", 1), ("n", ">=", 50)]),
        (Some((Is("a", (1,)), TickedAny("b", ("x",)), Missing("n"))), "any",
         [("a", "=", 1), ("b", "=", "x"), ("n", "exists", False)]),
    ],
    ids=str,
)  # fmt: skip
def test_a_condition_that_can_be_said_flat_is_said_so(
    condition: Condition, behaviour: str, tests: list[tuple[str, str, object]]
) -> None:
    said = enable_when(condition, KNOWN)
    assert not isinstance(said, bool)
    assert said is not None
    assert (said.behaviour, [tuple(each) for each in said.comparisons]) == (behaviour, tests)


def test_a_condition_that_cannot_be_said_flat_is_not_said_wrongly() -> None:
    both = All((Is("a", (1, 2)), TickedAny("b", ("x",))))
    assert enable_when(both, KNOWN) is None
    assert enable_when(Not(TickedAny("b", ("x",))), KNOWN) is None
    assert (
        in_words(Some((both, FactIs("pump", True))))
        == "(a is 1 or 2 and b has x ticked) or pump is true"
    )
    assert enable_when(All((Missing("a"), Not(Missing("a")))), KNOWN) is False
    assert enable_when(Some((Missing("a"), Not(Missing("a")))), KNOWN) is True
    assert settled(Not(FactIs("pump", True)), None) is True
    assert settled(Not(FactIs("pump", True)), {"pump": True}) is False


def deciding(instrument: Instrument) -> Iterator[dict[str, Any]]:
    """Every way to answer the items that decide what else is asked."""
    own = [each.asked_if for each in instrument.items]
    own += [variant.when for each in instrument.items for variant in each.variants]
    looked_at = {code for condition in own if condition for code in items_in(condition)}
    items = [instrument.item(code) for code in sorted(looked_at)]
    for values in product(*((None, *item.options) for item in items)):
        yield {
            item.code: value for item, value in zip(items, values, strict=True) if value is not None
        }


def enabled(item: dict[str, Any], answers: dict[str, Any]) -> bool:
    """What FHIR R4 says of enableWhen, for answers that are one code each."""
    held = [_holds(test, answers.get(test["question"])) for test in item.get("enableWhen", ())]
    return not held or (any if item.get("enableBehavior") == "any" else all)(held)


def _holds(test: dict[str, Any], given: object) -> bool:
    if test["operator"] == "exists":
        return (given is not None) == test["answerBoolean"]
    assert test["operator"] == "="
    return str(given) == test["answerCoding"]["code"]
