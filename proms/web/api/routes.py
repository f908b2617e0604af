"""The blueprint every call of the API hangs on; who may call is the guard's, by bearer token only, never by cookie."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint
from marshmallow import Schema
from werkzeug.exceptions import BadRequest, HTTPException

from proms.domain.person import Role
from proms.refusal import Refusal
from proms.web.api import errors
from proms.web.guard import EITHER, OPEN, PATIENT

View = TypeVar("View", bound=Callable[..., object])
FOR_PATIENTS, FOR_STAFF, FOR_BOTH, FOR_ALL = "For patients", "For staff", "For patients and staff", "Ways in"

api = Blueprint("api", __name__, url_prefix="/api/v1")
api.PAGINATION_HEADER_NAME = None


@api.before_request
def json_only() -> None:
    """A body that is not sent as JSON is refused, rather than read as if there were none."""
    if request.content_length and not request.is_json:
        abort(415, "Send the body as application/json, or under /fhir as application/fhir+json.")


@api.errorhandler(Refusal)
def refuse(refusal: Refusal) -> ResponseReturnValue:
    return errors.refused(refusal)


@api.errorhandler(HTTPException)
def fail(error: HTTPException) -> ResponseReturnValue:
    return errors.failed(error)


@api.errorhandler(RecursionError)
def too_deep(_: RecursionError) -> ResponseReturnValue:
    """Lists in lists in lists: nothing that is asked for is nested so deep."""
    return errors.failed(BadRequest("The body is nested too deeply."))


@dataclass(frozen=True)
class Manner:
    """How a part of the API takes a body and says no, as its routes describe it."""

    content_type: str | None = None
    refusal: type[Schema] | None = None  # None: the API's own form

    def takes(self, schema: type[Schema]) -> Callable[[View], View]:
        """The body a route takes, and how one that is not like it is refused."""

        def mark(view: View) -> View:
            taking = api.arguments(schema, content_type=self.content_type)
            return self._may_answer(taking(view), 400, 413, 415, 422)

        return mark

    def asks(self, schema: type[Schema], location: str = "query") -> Callable[[View], View]:
        """What a route reads from the query or the headers."""

        def mark(view: View) -> View:
            return self._may_answer(api.arguments(schema, location=location)(view), 422)

        return mark

    def refuses(self, *statuses: int) -> Callable[[View], View]:
        """Describe a route: whom the guard admits, and with what it may refuse; stands above the guard's own mark."""

        def mark(view: View) -> View:
            admitted: Any = getattr(view, "admits", ())
            if admitted == OPEN:
                return self._may_answer(api.doc(tags=[FOR_ALL], security=[])(view), *statuses, 503)
            if admitted == PATIENT:
                described = api.doc(tags=[FOR_PATIENTS], security=[{"patient": []}])(view)
                return self._may_answer(described, *statuses, 401, 503)
            either = admitted == EITHER
            roles = [role.value for role in Role if either or role in admitted]
            kinds = ("staff", "patient") if either else ("staff",)
            tag = FOR_BOTH if either else FOR_STAFF
            described = api.doc(tags=[tag], security=[{kind: []} for kind in kinds], **{"x-roles": roles})(view)
            return self._may_answer(described, *statuses, 401, 403, 503)

        return mark

    def _may_answer(self, view: View, *statuses: int) -> View:
        for status in sorted(set(statuses)):
            form: dict[str, Any] = {"response": HTTPStatus(status).name}
            if self.refusal:
                form = {"schema": self.refusal, "content_type": self.content_type}
            view = api.alt_response(status, **form)(view)
        return view


OURS = Manner()
takes, asks, refuses = OURS.takes, OURS.asks, OURS.refuses
