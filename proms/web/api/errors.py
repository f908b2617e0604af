"""How the API says no: a code that stays, a sentence, and what is wrong with which field."""

from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from proms.actions.refusals import AlreadyAnswered, Doubtful, Incomplete
from proms.domain.instrument import NotOffered, UnknownItem
from proms.refusal import Refusal
from proms.web.errors import STATUS, api_sentence, retry_after

CODES = {
    400: "not_readable",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "not_json",
    422: "invalid",
    500: "failed",
}
Errors = Mapping[str, list[str]]


class StrangeAnswers(Refusal):
    """Answers to items the instrument does not have, or that its items do not offer: every one of
    them named."""

    def __init__(self, errors: Errors, first: UnknownItem | NotOffered) -> None:
        super().__init__(str(first))
        self.code = first.code  # type: ignore[misc]  # the domain's own names for the two
        self.errors = errors


class WrongQuestionnaire(Refusal):
    """A response to another questionnaire, or to another version of it, than the assignment
    asks."""

    code = "wrong_questionnaire"

    def __init__(self, expected: str) -> None:
        super().__init__(
            f"This assignment asks {expected}; name it, with its version, as questionnaire."
        )


class NotSignedIn(Refusal):
    """No token, or one that nobody was ever given."""

    code = "not_signed_in"


def refused(refusal: Refusal) -> ResponseReturnValue:
    """The trial's no."""
    body: dict[str, Any] = {"code": refusal.code, "message": api_sentence(refusal)}
    if isinstance(refusal, AlreadyAnswered) and refusal.receipt:
        body |= {"submitted_at": refusal.submitted_at, "receipt": refusal.receipt}
    if isinstance(refusal, Incomplete):
        body["errors"] = {refusal.field: [str(refusal)]}
    if isinstance(refusal, Doubtful):
        body["confirm"] = refusal.confirm
    if isinstance(refusal, StrangeAnswers):
        body["errors"] = {"answers": dict(refusal.errors)}
    return body, STATUS.get(refusal.code, 422), retry_after(refusal)


def failed(error: HTTPException) -> ResponseReturnValue:
    """What is wrong with the request itself."""
    status = error.code or 500
    body: dict[str, Any] = {
        "code": CODES.get(status, "refused"),
        "message": error.description or error.name,
    }
    # What the schemas found wrong: webargs leaves it on the error, by the part of the request that
    # was read (body, query, headers) and then by field.
    messages = getattr(error, "data", {}).get("messages")
    if isinstance(messages, dict):
        body["errors"] = {}
        for faults in messages.values():
            body["errors"] |= _by_field(faults)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        return body, status, {"Allow": ", ".join(sorted(error.valid_methods))}
    return body, status, {}


def _by_field(faults: Any) -> dict[str, Any]:
    """Faults by field; one of the body as a whole stands under `body`."""
    return faults if isinstance(faults, dict) else {"body": faults}
