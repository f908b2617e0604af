"""A write may be sent twice: under the same Idempotency-Key it is done once and answered alike.

The key, what it does and its answer are one transaction (docs/decisions/0013).
"""

import json
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial, wraps
from typing import Any, TypeVar

from flask import Response, current_app, g, request
from marshmallow.fields import String
from werkzeug.exceptions import HTTPException

from proms.actions.keyed_calls import (
    Answer,
    Call,
    CameBefore,
    answer_to,
    begin_call,
    keep_answer,
)
from proms.domain.plain_text import KEY
from proms.refusal import Refusal
from proms.web import request_context
from proms.web.api.fields import Strict, Written
from proms.web.api.names import KEY_HEADER

View = TypeVar("View", bound=Callable[..., Any])
KEPT_HEADERS = ("Content-Type", "Location")
REPEATED = "Idempotent-Replayed"


class KeyMaybeIn(Strict):
    """The name of a write: sent again under the same key within seven days it is done once, and
    answered alike."""

    idempotency_key = String(
        data_key=KEY_HEADER,
        validate=Written(KEY, "Not 1 to 64 letters, digits or other signs without blanks."),
    )


def named_by_its_body(view: View) -> View:
    """A write whose body says which state it is about, such as by a revision: without a key it is
    known by what it asks."""
    view.named_by_its_body = True  # type: ignore[attr-defined]
    return view


def once(view: View) -> Callable[..., Response]:
    """The view, done once for each key of a caller."""

    @wraps(view)
    def answered(_headers: dict[str, str], *args: Any, **values: Any) -> Response:
        call = _call(by_body=getattr(view, "named_by_its_body", False))
        if call is None:
            return current_app.make_response(view(*args, **values))
        found = _answer_to(call)
        if found:
            return found
        try:
            return _do(call, partial(view, *args, **values))
        except (Refusal, HTTPException, CameBefore):
            # The same call may have been done in between: then it is no reason to refuse this one.
            found = _answer_to(call)
            if found is None:
                raise
            return found

    return answered


def _call(*, by_body: bool) -> Call | None:
    """The call as it is known by: its own key, else what it asks where that is enough."""
    asked = _asked()
    key = request.headers.get(KEY_HEADER)
    if key is None and not by_body:
        return None
    patient = request_context.patient_if_any()
    if patient is not None:
        caller = f"patient {patient.id}"
    else:
        caller = f"staff {request_context.current_staff().id}"
    # No key has a blank in it, so none is taken for what a call asks.
    return Call(caller, key or f"asked {asked}", asked)


def _asked() -> str:
    """All that is asked, in one form however it was laid out."""
    body = request.get_json(silent=True)
    said = {
        "method": request.method,
        "path": request.path,
        "query": sorted(request.args.items(multi=True)),
        "body": body,
    }
    return json.dumps(said, sort_keys=True)


def _do(call: Call, view: Callable[[], Any]) -> Response:
    """Do it and keep its answer, all in one transaction, which begins at the first write."""
    with ExitStack() as transaction:
        g.before_first_write = partial(_begin, call, transaction)
        try:
            response = current_app.make_response(view())
            if g.get("together") is not None and response.status_code < 300:
                _keep(call, response)
        finally:
            g.pop("before_first_write", None)
            g.pop("together", None)
    return response


def _begin(call: Call, transaction: ExitStack) -> None:
    together = request_context.parts().database.together()
    g.together = transaction.enter_context(together)
    with request_context.writing() as session:
        begin_call(session, request_context.keyring(), call, now=request_context.now())


def _keep(call: Call, response: Response) -> None:
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    answer = Answer(response.status_code, response.get_data(as_text=True), headers)
    with request_context.writing() as session:
        keep_answer(session, request_context.keyring(), call, answer)


def _answer_to(call: Call) -> Response | None:
    """The answer there is, marked as one that is given again."""
    with request_context.reading() as session:
        answer = answer_to(session, request_context.keyring(), call, now=request_context.now())
    if answer is None:
        return None
    return Response(answer.body, answer.status, {**answer.headers, REPEATED: "true"})
