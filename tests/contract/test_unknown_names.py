"""A name that a call does not know is refused, never passed over: every call of the API, on either
database."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome
from sqlmodel import select
from werkzeug.routing import Rule

from proms.db.tables import AuditEntry, MilestoneVersion, Patient
from tests.clinic import Clinic
from tests.every_call import Scene
from tests.every_example import Sent
from tests.phone import website

UNKNOWN_HEADERS = ("X-Idempotency-Key", "Idempotent-Key", "IdempotencyKey", "X-Proms-Dry-Run")
ORDINARY = {
    "Accept-Language": "nl", "If-None-Match": "x", "X-Request-ID": "1", "Forwarded": "for=_a",
    "X-Forwarded-Proto": "https", "Prefer": "return=minimal", "Sec-Fetch-Mode": "cors",
    "Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}  # fmt: skip


@pytest.fixture
def scene(clinic: Clinic, database_url: str) -> Iterator[Scene]:
    with website(database_url) as app:
        yield Scene(app, clinic)


def calls(scene: Scene) -> list[tuple[Rule, str]]:
    return [(rule, method) for rule, method in scene.rules() if rule.rule.startswith("/api/v1/")]


def named(answer: Any) -> list[str]:
    """What a refusal is about, in the form of the API or as an OperationOutcome."""
    if "issue" in answer.json:
        OperationOutcome.model_validate(answer.json)
        places = [place for issue in answer.json["issue"] for place in issue.get("expression", ())]
        return [place.rpartition(".")[2] for place in places]
    return list(answer.json["errors"])


def with_unknown(sent: Sent) -> Iterator[tuple[str, Sent]]:
    """The call with one thing more, each time another that no call knows."""
    yield "unheard", replace(sent, query={**sent.query, "unheard": "1"})
    for name in sent.query:
        yield name.swapcase(), replace(sent, query={**sent.query, name.swapcase(): "1"})
        yield name, replace(sent, query={**sent.query, name: [sent.query[name]] * 2})
    yield "unheard", replace(sent, json={**(sent.json or {}), "unheard": 1})
    for header in UNKNOWN_HEADERS:
        # As a server reads it.
        yield header.title(), replace(sent, headers={**sent.headers, header: "k"})


def everything(scene: Scene) -> list[Any]:
    """How much is on record; a log-in and a look are no change."""
    with scene.clinic.database.reading() as session:
        return [session.exec(select(AuditEntry.id)).all(), session.exec(select(Patient)).all()]


def test_a_name_no_call_knows_is_refused_by_every_call_and_nothing_is_written(
    scene: Scene,
) -> None:
    wrong = []
    for rule, method in calls(scene):
        sent = scene.example(rule, method)
        before = everything(scene)
        for name, strange in with_unknown(sent):
            answer = scene.call(rule, method, strange)
            if answer.status_code != 422 or named(answer) != [name]:
                wrong.append((method, rule.rule, name, answer.status_code, answer.text[:200]))
        if everything(scene) != before:
            wrong.append((method, rule.rule, "wrote something"))
    assert wrong == []


def test_the_examples_are_accepted_with_headers_that_are_not_ours(scene: Scene) -> None:
    wrong = []
    for rule, method in calls(scene):
        sent = scene.example(rule, method)
        answer = scene.call(rule, method, replace(sent, headers={**ORDINARY, **sent.headers}))
        if answer.status_code >= 300:
            wrong.append((method, rule.rule, answer.status_code, answer.text[:300]))
    assert wrong == []


def test_a_misspelt_preview_saves_nothing(scene: Scene) -> None:
    (rule, method), sent = one(scene, "api.post_milestone")
    code = sent.path["code"]
    for query in ({"Preview": "1"}, {"preview": ["1", "0"]}):
        assert scene.call(rule, method, replace(sent, query=query)).status_code == 422
    with scene.clinic.database.reading() as session:
        kinds = session.exec(
            select(MilestoneVersion.kind).join(Patient).where(Patient.code == code)
        )
        assert "withdrawal" not in kinds.all()


def test_of_two_answers_under_one_name_neither_is_lost(scene: Scene) -> None:
    (rule, method), sent = one(scene, "api.post_response")
    raw = json.dumps(sent.json).replace('"q1": 1', '"q1": 4, "q1": 1')
    headers = {**sent.headers, "Content-Type": "application/json"}
    answer = scene.call(rule, method, replace(sent, json=None, headers=headers), data=raw)
    assert (answer.status_code, named(answer)) == (422, ["q1"])
    digits = f'{{"answers": {{"q1": {"9" * 5000}}}}}'
    answer = scene.call(rule, method, replace(sent, json=None, headers=headers), data=digits)
    assert answer.status_code == 400


def test_a_page_is_the_same_whatever_else_its_address_says(scene: Scene) -> None:
    wrong = []
    for rule, method in scene.rules():
        if method != "GET" or rule.rule.startswith("/api/"):
            continue
        sent = scene.example(rule, method)
        plain = scene.call(rule, method, sent).status_code
        strange = replace(sent, query={**sent.query, "unheard": "1"})
        if scene.call(rule, method, strange).status_code != plain:
            wrong.append(rule.rule)
    assert wrong == []


# FHIR


@pytest.mark.parametrize("name", ["_lastUpdated", "status", "_id", "Patient", "_summary"])
def test_a_search_that_is_not_offered_finds_nothing_unless_the_caller_is_lenient(
    scene: Scene, name: str
) -> None:
    (rule, method), sent = one(scene, "api.get_responses")
    asked = replace(sent, query={**sent.query, name: "2026"})
    refused = scene.call(rule, method, asked)
    assert (refused.status_code, named(refused)) == (422, [name])
    lenient = replace(asked, headers={**sent.headers, "Prefer": "handling=lenient"})
    answer = scene.call(rule, method, lenient)
    if name == "_summary":  # known, and refused for what it asks
        assert answer.status_code == 422
        return
    Bundle.model_validate(answer.json)
    assert answer.status_code == 200
    assert answer.headers["Preference-Applied"] == "handling=lenient"
    found, outcome = answer.json["entry"]
    assert (found["search"]["mode"], outcome["search"]["mode"]) == ("match", "outcome")
    assert outcome["resource"]["issue"][0]["expression"] == [f"http.{name}"]
    assert answer.json["total"] == 1
    assert name not in answer.json["link"][0]["url"]


def test_a_form_that_fhir_lets_every_call_ask_is_one_we_have(scene: Scene) -> None:
    for endpoint in ("api.get_metadata", "api.get_response", "api.get_questionnaire"):
        (rule, method), sent = one(scene, endpoint)
        for query in (
            {"_format": "json"},
            {"_format": "application/fhir+json"},
            {"_pretty": "true"},
        ):
            assert scene.call(rule, method, replace(sent, query=query)).status_code == 200
        laid_out = scene.call(rule, method, replace(sent, query={"_pretty": "true"}))
        assert laid_out.text.startswith('{\n  "')
        refused = scene.call(rule, method, replace(sent, query={"_format": "xml"}))
        assert (refused.status_code, named(refused)) == (422, ["_format"])


def test_what_fhir_has_and_we_do_not_need_is_left_unread_and_all_else_refused(
    scene: Scene,
) -> None:
    (rule, method), sent = one(scene, "api.post_questionnaire_response")
    (answered,) = sent.json["item"]
    (given,) = answered["answer"]
    item = {"linkId": "q1", "answr": [given]}
    for body, name in (
        ({**sent.json, "items": []}, "items"),
        ({**sent.json, "item": [item]}, "answr"),
        ({**sent.json, "item": [{"linkId": "q1", "answer": [{"valueInt": 2}]}]}, "valueInt"),
    ):
        answer = scene.call(rule, method, replace(sent, json=body))
        assert (answer.status_code, named(answer)) == (422, [name])
    whole = {
        **sent.json,
        "id": "1",
        "meta": {"profile": ["x"]},
        "text": {"status": "generated", "div": "<div/>"},
        "authored": "2026-03-02",
        "_authored": {"extension": [{"url": "x", "valueString": "y"}]},
        "subject": {"reference": "Patient/1"},
        "_status": {"id": "a"},
    }
    whole["item"] = [
        {
            "linkId": "q1",
            "text": "?",
            "definition": "x",
            "extension": [{"url": "x", "valueDateTime": "2026"}],
            "answer": [{"id": "a", **given, "_valueInteger": {"id": "b"}}],
        }
    ]
    assert scene.call(rule, method, replace(sent, json=whole)).status_code == 201


def one(scene: Scene, endpoint: str) -> tuple[tuple[Rule, str], Sent]:
    """One call by the name of its view, with its example."""
    rule, method = next(each for each in scene.rules() if each[0].endpoint == endpoint)
    return (rule, method), scene.example(rule, method)
