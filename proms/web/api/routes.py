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
from proms.web.api import names, replays
from proms.web.api.errors import failed, refused
from proms.web.guard import EITHER, OPEN, PATIENT

View = TypeVar("View", bound=Callable[..., object])
WRITES = {"POST", "PUT", "PATCH", "DELETE"}
FOR_PATIENTS = "For patients"
FOR_STAFF = "For staff"
FOR_BOTH = "For patients and staff"
FOR_ALL = "Ways in"


class NamedBlueprint(Blueprint):
    """flask-smorest's, which reads a body in which no name stands twice, and takes every write
    once for each key of its caller."""

    ARGUMENTS_PARSER = names.NamesOnce()

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any
    ) -> None:
        """Register a view; whoever writes without being known has nothing a key could be kept
        under."""
        if WRITES & set(options.get("methods", ())) and _may_be_keyed(view_func):
            endpoint = endpoint or view_func.__name__
            view_func = header_arguments(replays.KeyMaybeIn)(replays.once(view_func))
        super().add_url_rule(rule, endpoint, view_func, **options)


def _may_be_keyed(view: Any) -> bool:
    """Whether a write may come under a key that it does not read itself."""
    known = getattr(view, "known_names", {}).get("headers", frozenset())
    return getattr(view, "admits", OPEN) != OPEN and names.KEY_HEADER not in known


api = NamedBlueprint("api", __name__, url_prefix="/api/v1")
api.PAGINATION_HEADER_NAME = None


@api.before_request
def json_only() -> None:
    """A body that is not sent as JSON is refused, rather than read as if there were none."""
    if request.content_length and not request.is_json:
        abort(415, "Send the body as application/json, or under /fhir as application/fhir+json.")


@api.before_request
def known_names() -> None:
    """A parameter, a header of ours or a field that the call does not know is refused by name; only
    a search of FHIR may be asked to pass over a parameter."""
    is_fhir = request.path.startswith(f"{api.url_prefix}/fhir/")
    names.refuse_unknown(lenient=is_fhir and names.wants_lenient())


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
    always: tuple[int, ...] = (400, 422)  # a body, or a name, that no call of this kind knows

    def arguments(self, schema: type[Schema]) -> Callable[[View], View]:
        """The body a route takes, and how one that is not like it is refused."""

        def mark(view: View) -> View:
            named = names.takes(view, "body", schema)
            reading_body = api.arguments(schema, content_type=self.content_type)(named)
            return self._may_answer(reading_body, 400, 413, 415, 422)

        return mark

    def query_arguments(self, schema: type[Schema]) -> Callable[[View], View]:
        """What a route reads from the query."""

        def mark(view: View) -> View:
            named = names.takes(view, "query", schema)
            return self._may_answer(api.arguments(schema, location="query")(named), 422)

        return mark

    def header_arguments(self, schema: type[Schema]) -> Callable[[View], View]:
        """What a route reads from the headers."""

        def mark(view: View) -> View:
            named = names.takes(view, "headers", schema)
            return self._may_answer(api.arguments(schema, location="headers")(named), 422)

        return mark

    def alt_responses(self, *asked: int) -> Callable[[View], View]:
        """Whom the guard admits, and with what the route may refuse; stands above the guard's own
        mark."""

        def mark(view: View) -> View:
            admitted: Any = getattr(view, "admits", ())
            statuses = (*self.always, *asked)
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
