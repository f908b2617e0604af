"""How FHIR is told no, and what a patient is told about what she sent: an OperationOutcome."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, json, request
from flask_babel import gettext as _

from proms.actions.submissions import Receipt
from proms.domain.fhir import Resource, System, coding
from proms.web.api.assignment_form import receipt_with_advice
from proms.web.api.fhir.schemas import FHIR_JSON, PREFIX, QuestionnaireResponseIn
from proms.web.locale import language

# FHIR's issue type by HTTP status.
ISSUE_TYPES = {
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


def as_outcome(response: Response) -> Response:
    """A refusal of the API's own form as an OperationOutcome, with the same code and sentence."""
    if not request.path.startswith(f"/api/v1{PREFIX}/") or response.status_code < 400:
        return response
    refusal = response.get_json(silent=True)
    if isinstance(refusal, dict) and "code" in refusal:
        response.data = json.dumps(refusal_outcome(refusal, response.status_code))
        response.mimetype = FHIR_JSON
    return response


def refusal_outcome(refusal: dict[str, Any], status: int) -> Resource:
    """A refusal of the API's own form: one issue, and one more for every part that is wrong."""
    issue_type = ISSUE_TYPES.get(status)
    if issue_type is None:
        issue_type = "exception" if status >= 500 else "invalid"
    reason = coding(System.REFUSAL, refusal["code"])
    whole = _issue("error", issue_type, refusal["message"], reason)
    if refusal.get("receipt"):
        whole["details"]["coding"].append(coding(System.RECEIPT, refusal["receipt"]))
        whole["diagnostics"] = f"submitted at {refusal['submitted_at']}"
    issues = [whole]
    for path, sentence in _errors_with_path(refusal.get("errors", {})):
        issues.append({**_issue("error", "invalid", sentence), "expression": [path]})
    return {"resourceType": "OperationOutcome", "issue": issues}


def receipt_outcome(receipt: Receipt) -> Resource:
    """The receipt, and what cannot wait: a warning to be shown at once."""
    shown = receipt_with_advice(receipt)
    stored = _issue(
        "information",
        "informational",
        _("Your answers are stored."),
        coding(System.RECEIPT, receipt.code),
    )
    stored["diagnostics"] = f"submitted at {receipt.submitted_at.isoformat()}"
    severity = "warning" if shown["urgent"] else "information"
    advice = [_issue(severity, "informational", text) for text in shown["advice"]]
    # All of it in the reader's language: it is shown to her as it is.
    return {
        "resourceType": "OperationOutcome",
        "language": language(),
        "issue": [stored, *advice],
    }


def _issue(severity: str, issue_type: str, text: str, *codes: Resource) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if codes:
        details["coding"] = [*codes]
    details["text"] = text or issue_type
    return {"severity": severity, "code": issue_type, "details": details}


def _errors_with_path(errors: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every sentence with what it is about, as FHIRPath: an item, an element, or what came beside
    the body."""
    for name, nested in errors.items():
        if name == "answers":
            for link_id, sentences in nested.items():
                # A FHIRPath string is escaped as JSON's is, and stands in single quotes.
                quoted = json.dumps(link_id)[1:-1].replace("'", "\\'")
                path = f"QuestionnaireResponse.item.where(linkId='{quoted}')"
                yield from _flatten(sentences, path)
        elif name in QuestionnaireResponseIn._declared_fields:
            yield from _flatten(nested, f"QuestionnaireResponse.{name}")
        else:
            yield from _flatten(nested, f"http.{name}")


def _flatten(nested: Any, path: str) -> Iterator[tuple[str, str]]:
    """The sentences in marshmallow's nested errors: a dict by field or by place in a list, a list
    of sentences, or one of them."""
    if isinstance(nested, dict):
        for key, part in nested.items():
            step = f"[{key}]" if str(key).isdigit() else f".{key}"
            yield from _flatten(part, path + step)
    elif isinstance(nested, list):
        for part in nested:
            yield from _flatten(part, path)
    else:
        yield path, str(nested)
