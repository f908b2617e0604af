"""Somebody who fills in a Questionnaire and sends what FHIR makes of it."""

import re
from typing import Any

from werkzeug.test import TestResponse

from proms.db.tables import Patient
from tests.caller import Caller
from tests.clinic import Clinic
from tests.fhir_codes import sound
from tests.phone import HOME

PLACE = f"{HOME}/api/v1/fhir"
FHIR_JSON = "application/fhir+json"


def asked(phone: Caller, clinic: Clinic, patient: Patient, instrument: str) -> dict[str, Any]:
    """The Questionnaire of what waits for her."""
    found = phone.get(f"/fhir/Questionnaire?assignment={clinic.asked(patient, instrument).id}").json
    return dict(found["entry"][0]["resource"])


def filled_in(
    made: dict[str, Any], assignment: int | None, answers: dict[str, Any]
) -> dict[str, Any]:
    """What a renderer makes of a Questionnaire: the options that were ticked, as the Questionnaire
    names them."""
    items = []
    for item in made["item"]:
        if item["linkId"] not in answers:
            continue
        given = answers[item["linkId"]]
        options = {
            each["valueCoding"]["code"]: each["valueCoding"]
            for each in item.get("answerOption", ())
        }
        element = {"integer": "valueInteger", "text": "valueString"}.get(
            item["type"], "valueCoding"
        )
        values = given if isinstance(given, list) else [given]
        told = [{element: options[str(each)] if options else each} for each in values]
        items.append({"linkId": item["linkId"], "answer": told})
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{made['url']}|{made['version']}",
        "status": "completed",
        "basedOn": [{"identifier": {"system": "urn:proms:assignment", "value": str(assignment)}}],
        "item": items,
    }


def sends(
    phone: Caller, body: object, key: str = "k", content_type: str = FHIR_JSON
) -> TestResponse:
    headers = {"Idempotency-Key": key, "Content-Type": content_type}
    return phone.call("POST", "/fhir/QuestionnaireResponse", headers=headers, json=body)


def refusal(answered: TestResponse) -> tuple[int, str]:
    """The status and the name of a refusal, which is a sound OperationOutcome."""
    assert answered.content_type == FHIR_JSON
    sound(answered.json)
    codes = answered.json["issue"][0]["details"]["coding"]  # type: ignore[index]
    return answered.status_code, codes[0]["code"]


def wrong_parts(answered: TestResponse) -> list[str]:
    """Which items a refusal names."""
    issues = answered.json["issue"][1:]  # type: ignore[index]
    return [re.findall(r"linkId='(.+)'", each["expression"][0])[0] for each in issues]
