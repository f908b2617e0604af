"""A response as FHIR says the same when it is read back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from proms.content import Library
from proms.domain.fhir import StoredResponse, Worded, read
from proms.domain.fhir import response as as_fhir
from proms.domain.fhir.identifiers import Extension
from proms.domain.instrument import Item, ItemKind
from proms.domain.person import Sex
from proms.domain.response import (
    Document,
    MissingReason,
    Mode,
    answers_of,
    from_answers,
    missing_of,
)
from tests.fhir_codes import sound

PLACE = "https://proms.example.org/api/v1/fhir"


@pytest.mark.parametrize("stoma", [True, False])
@pytest.mark.parametrize("code", ["qlq-c30", "qlq-lmc21", "qlq-cr29", "eq-5d-5l", "hsc"])
@given(found=some.data())
@settings(max_examples=20, deadline=None)
def test_a_response_read_back_from_fhir_says_the_same(
    code: str, stoma: bool, library: Library, found: some.DataObject
) -> None:
    instrument = library.instrument(code)
    worded = Worded(instrument, library.wording(code, "nl").version, (library.wording(code, "nl"),))
    document = found.draw(a_document(instrument.items))
    facts = {"stoma": stoma, "sex": Sex.FEMALE}
    answered = StoredResponse("ABCDE", 7, 1, "receipt", document, facts, Mode.PHONE, "nl", NOW)
    resource = as_fhir(worded, answered, place=PLACE)
    sound(resource)
    said = read(worded, resource)
    assert not said.refused
    assert instrument.checked(said.answers) == answers_of(document)
    # An empty item says what one that is left out says: nothing.
    absent = [code for code, why in missing_of(document).items() if why == "not_asked"]
    emptied = [{"linkId": code} for code in absent if not instrument.item(code).variants]
    assert read(worded, {**resource, "item": [*resource["item"], *emptied]}) == said
    given_reasons = {
        code: why
        for code, why in missing_of(document).items()
        if why is not MissingReason.NOT_ASKED
    }
    assert said.missing == given_reasons


@pytest.mark.parametrize(
    "said",
    [
        lambda reason: {"extension": [reason]},
        lambda reason: {"answer": [{"extension": [reason]}]},
        lambda reason: {"answer": [{"_valueInteger": {"extension": [reason]}}]},
    ],
    ids=["item", "answer", "value"],
)
def test_a_reason_may_stand_on_the_item_its_answer_or_the_empty_value(
    said: Callable[[dict[str, str]], dict[str, Any]], library: Library
) -> None:
    wording = library.wording("eq-5d-5l", "nl")
    worded = Worded(library.instrument("eq-5d-5l"), wording.version, (wording,))
    reason = {"url": Extension.ABSENT, "valueCode": "asked-declined"}
    found = read(worded, {"item": [{"linkId": "VAS", **said(reason)}]})
    assert (found.answers, found.missing, found.refused) == (
        {},
        {"VAS": MissingReason.DECLINED},
        {},
    )


def test_an_empty_answer_without_a_reason_is_refused(library: Library) -> None:
    wording = library.wording("eq-5d-5l", "nl")
    worded = Worded(library.instrument("eq-5d-5l"), wording.version, (wording,))
    unknown = {"url": Extension.ABSENT, "valueCode": "error"}
    for answer in ({}, {"_valueInteger": {"extension": [unknown]}}):
        assert set(read(worded, {"item": [{"linkId": "VAS", "answer": [answer]}]}).refused) == {
            "VAS"
        }


@pytest.mark.parametrize(
    ("mode", "word"), [(Mode.CALL, "VERBAL"), (Mode.PAPER, "WRITTEN"), (Mode.PHONE, "ELECTRONIC")]
)
def test_what_staff_typed_in_has_its_author_its_day_and_the_patient_as_its_source(
    mode: Mode, word: str, library: Library
) -> None:
    wording = library.wording("hsc", "nl")
    worded = Worded(library.instrument("hsc"), wording.version, (wording,))
    answered = StoredResponse("ABCDE", 7, 1, "receipt", {}, {}, mode, "nl", NOW)
    if mode is not Mode.PHONE:
        answered = replace(answered, entered_by=5, source_on=date(2026, 2, 28))
    resource = as_fhir(worded, answered, place=PLACE)
    sound(resource)
    concept = resource["extension"][0]["valueCodeableConcept"]
    assert [coding["code"] for coding in concept["coding"]] == [mode.value, word]
    assert resource["source"] == resource["subject"]
    if mode is Mode.PHONE:
        assert "author" not in resource
        assert resource["authored"] == NOW.isoformat()
    else:
        named = {"system": "urn:proms:staff", "value": "5"}
        assert resource["author"] == {"type": "Practitioner", "identifier": named}
        assert resource["authored"] == "2026-02-28"


NOW = datetime.fromisoformat("2026-03-02T09:00:00+00:00")


def a_document(items: tuple[Item, ...]) -> some.SearchStrategy[Document]:
    """Every item with an answer it offers, or with a reason."""
    each = {
        item.code: some.one_of(an_answer(item), some.sampled_from(MissingReason)) for item in items
    }
    return some.fixed_dictionaries(each).map(
        lambda drawn: from_answers(
            {code: value for code, value in drawn.items() if not isinstance(value, MissingReason)},
            {code: value for code, value in drawn.items() if isinstance(value, MissingReason)},
            NOW,
        )
    )


def an_answer(item: Item) -> some.SearchStrategy[Any]:
    if item.kind is ItemKind.NUMBER:
        return some.integers(item.low, item.high)
    if item.kind is ItemKind.TEXT:
        seen = some.characters(codec="utf-8", exclude_categories=("Cc",))
        text = some.text(seen | some.sampled_from("\t\n\r"), min_size=1, max_size=40)
        return text.map(item.checked).filter(bool)
    if item.kind is ItemKind.MULTIPLE:
        free = [option for option in item.options if option != item.none]
        ticked = some.sets(some.sampled_from(free), min_size=1)
        return ticked.map(
            lambda chosen: tuple(option for option in item.options if option in chosen)
        )
    return some.sampled_from(item.options)
