"""How FHIR is told no, and what a patient is told about what she sent: an OperationOutcome."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, json, request

from proms.actions.submissions import Receipt
from proms.domain.fhir import Resource, System, coding
from proms.web.api.assignment_form import receipt_told
from proms.web.api.fhir.schemas import FHIR_JSON, PREFIX, QuestionnaireResponseIn

KINDS = {
    400: "structure",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    409: "conflict",
    413: "too-long",
    415: "not-supported",
    503: "transient",
}


def told(response: Response) -> Response:
    """A refusal of the API's own form as an OperationOutcome, with the same code and sentence."""
    if not request.path.startswith(f"/api/v1{PREFIX}/") or response.status_code < 400:
        return response
    said = response.get_json(silent=True)
    if isinstance(said, dict) and "code" in said:
        response.data = json.dumps(refused(said, response.status_code))
        response.mimetype = FHIR_JSON
    return response


def refused(said: dict[str, Any], status: int) -> Resource:
    """One issue, and one more for every part that is wrong."""
    kind = KINDS.get(status, "exception" if status >= 500 else "invalid")
    whole = _issue("error", kind, said["message"], coding(System.REFUSAL, said["code"]))
    if said.get("receipt"):
        whole["details"]["coding"].append(coding(System.RECEIPT, said["receipt"]))
        whole["diagnostics"] = f"submitted at {said['submitted_at']}"
    parts = [
        {**_issue("error", "invalid", sentence), "expression": [name]}
        for name, sentence in _wrong(said.get("errors", {}))
    ]
    return {"resourceType": "OperationOutcome", "issue": [whole, *parts]}


def receipt_outcome(receipt: Receipt) -> Resource:
    """The receipt, and what cannot wait: a warning to be shown at once."""
    said = receipt_told(receipt)
    stored = _issue(
        "information",
        "informational",
        "Your answers are stored.",
        coding(System.RECEIPT, receipt.code),
    )
    stored["diagnostics"] = f"submitted at {receipt.submitted_at.isoformat()}"
    severity = "warning" if said["urgent"] else "information"
    advice = [_issue(severity, "informational", each) for each in said["advice"]]
    return {"resourceType": "OperationOutcome", "issue": [stored, *advice]}


def _issue(severity: str, kind: str, text: str, *codes: Resource) -> dict[str, Any]:
    details: dict[str, Any] = {"text": text or kind}
    return {
        "severity": severity,
        "code": kind,
        "details": {**({"coding": [*codes]} if codes else {}), **details},
    }


def _wrong(errors: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every sentence with what it is about, as FHIRPath: an item, an element, or what came beside
    the body."""
    for name, part in errors.items():
        if name == "answers":
            for link, sentences in part.items():
                quoted = json.dumps(link)[1:-1].replace("'", "\\'")
                yield from _flat(sentences, f"QuestionnaireResponse.item.where(linkId='{quoted}')")
        else:
            inside = name in QuestionnaireResponseIn._declared_fields
            yield from _flat(part, f"QuestionnaireResponse.{name}" if inside else f"http.{name}")


def _flat(wrong: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(wrong, dict):
        for key, part in wrong.items():
            yield from _flat(part, f"{name}[{key}]" if str(key).isdigit() else f"{name}.{key}")
    elif isinstance(wrong, list):
        for part in wrong:
            yield from _flat(part, name)
    else:
        yield name, str(wrong)
