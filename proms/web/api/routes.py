"""The blueprint every call of the API hangs on; who may call is the guard's, by bearer token only,
never by cookie."""

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
from proms.web.api.errors import failed, refused
from proms.web.guard import EITHER, OPEN, PATIENT

View = TypeVar("View", bound=Callable[..., object])
FOR_PATIENTS = "For patients"
FOR_STAFF = "For staff"
FOR_BOTH = "For patients and staff"
FOR_ALL = "Ways in"

api = Blueprint("api", __name__, url_prefix="/api/v1")
api.PAGINATION_HEADER_NAME = None


@api.before_request
def json_only() -> None:
    """A body that is not sent as JSON is refused, rather than read as if there were none."""
    if request.content_length and not request.is_json:
        abort(415, "Send the body as application/json, or under /fhir as application/fhir+json.")


@api.errorhandler(Refusal)
def refuse(refusal: Refusal) -> ResponseReturnValue:
    return refused(refusal)


@api.errorhandler(HTTPException)
def fail(error: HTTPException) -> ResponseReturnValue:
    return failed(error)


@api.errorhandler(RecursionError)
def too_deep(_: RecursionError) -> ResponseReturnValue:
    """Lists in lists in lists: nothing that is asked for is nested so deep."""
    return failed(BadRequest("The body is nested too deeply."))


@dataclass(frozen=True)
class Conventions:
    """How the routes of one part of the API read what is sent and say no; flask-smorest's words,
    with our refusals."""

    content_type: str | None = None
    refusal: type[Schema] | None = None  # None: the API's own form

    def arguments(self, schema: type[Schema]) -> Callable[[View], View]:
        """The body a route takes, and how one that is not like it is refused."""

        def mark(view: View) -> View:
            reading_body = api.arguments(schema, content_type=self.content_type)(view)
            return self._may_answer(reading_body, 400, 413, 415, 422)

        return mark

    def query_arguments(self, schema: type[Schema]) -> Callable[[View], View]:
        """What a route reads from the query."""

        def mark(view: View) -> View:
            return self._may_answer(api.arguments(schema, location="query")(view), 422)

        return mark

    def header_arguments(self, schema: type[Schema]) -> Callable[[View], View]:
        """What a route reads from the headers."""

        def mark(view: View) -> View:
            return self._may_answer(api.arguments(schema, location="headers")(view), 422)

        return mark

    def alt_responses(self, *statuses: int) -> Callable[[View], View]:
        """Whom the guard admits, and with what the route may refuse; stands above the guard's own
        mark."""

        def mark(view: View) -> View:
            admitted: Any = getattr(view, "admits", ())
            if admitted == OPEN:
                described = api.doc(tags=[FOR_ALL], security=[])(view)
                return self._may_answer(described, *statuses, 503)
            if admitted == PATIENT:
                described = api.doc(tags=[FOR_PATIENTS], security=[{"patient": []}])(view)
                return self._may_answer(described, *statuses, 401, 503)
            return self._may_answer(_for_staff(view, admitted), *statuses, 401, 403, 503)

        return mark

    def _may_answer(self, view: View, *statuses: int) -> View:
        for status in sorted(set(statuses)):
            form: dict[str, Any] = {"response": HTTPStatus(status).name}
            if self.refusal:
                form = {"schema": self.refusal, "content_type": self.content_type}
            view = api.alt_response(status, **form)(view)
        return view


def _for_staff(view: View, admitted: Any) -> View:
    """Describe a route that staff of these roles may call, or staff and patients alike."""
    if admitted == EITHER:
        tag = FOR_BOTH
        security: list[dict[str, list[str]]] = [{"staff": []}, {"patient": []}]
        roles = [role.value for role in Role]
    else:
        tag = FOR_STAFF
        security = [{"staff": []}]
        roles = [role.value for role in Role if role in admitted]
    described: View = api.doc(tags=[tag], security=security, **{"x-roles": roles})(view)
    return described


OURS = Conventions()
arguments = OURS.arguments
query_arguments = OURS.query_arguments
header_arguments = OURS.header_arguments
alt_responses = OURS.alt_responses
