"""The blueprint every call of the API hangs on; who may call is the guard's, by bearer token only, never by cookie."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint
from marshmallow import Schema
from werkzeug.exceptions import HTTPException

from proms.domain.person import Role
from proms.refusal import Refusal
from proms.web.api import errors
from proms.web.guard import OPEN, PATIENT

View = TypeVar("View", bound=Callable[..., object])
FOR_PATIENTS, FOR_STAFF, FOR_ALL = "For patients", "For staff", "Ways in"

api = Blueprint("api", __name__, url_prefix="/api/v1")
api.PAGINATION_HEADER_NAME = None


@api.before_request
def json_only() -> None:
    """A body that is not sent as JSON is refused, rather than read as if there were none."""
    if request.content_length and not request.is_json:
        abort(415, "Send the body as application/json.")


@api.errorhandler(Refusal)
def refuse(refusal: Refusal) -> ResponseReturnValue:
    return errors.refused(refusal)


@api.errorhandler(HTTPException)
def fail(error: HTTPException) -> ResponseReturnValue:
    return errors.failed(error)


def takes(schema: type[Schema]) -> Callable[[View], View]:
    """The body a route takes, and how one that is not like it is refused."""

    def mark(view: View) -> View:
        return _may_answer(api.arguments(schema)(view), 400, 413, 415, 422)

    return mark


def asks(schema: type[Schema], location: str = "query") -> Callable[[View], View]:
    """What a route reads from the query or the headers."""

    def mark(view: View) -> View:
        return _may_answer(api.arguments(schema, location=location)(view), 422)

    return mark


def refuses(*statuses: int) -> Callable[[View], View]:
    """Describe a route: whom the guard admits, and with what it may refuse; stands above the guard's own mark."""

    def mark(view: View) -> View:
        admitted: Any = getattr(view, "admits", ())
        if admitted == OPEN:
            return _may_answer(api.doc(tags=[FOR_ALL], security=[])(view), *statuses, 503)
        if admitted == PATIENT:
            described = api.doc(tags=[FOR_PATIENTS], security=[{"patient": []}])(view)
            return _may_answer(described, *statuses, 401, 503)
        roles = [role.value for role in Role if role in admitted]
        described = api.doc(tags=[FOR_STAFF], security=[{"staff": []}], **{"x-roles": roles})(view)
        return _may_answer(described, *statuses, 401, 403, 503)

    return mark


def _may_answer(view: View, *statuses: int) -> View:
    for status in sorted(set(statuses)):
        view = api.alt_response(status, response=HTTPStatus(status).name)(view)
    return view
