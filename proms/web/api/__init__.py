"""The API under /api/v1, with its description at /api/openapi.json and a page to read it at
/api/docs."""

from typing import Any

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from proms.actions.exports import CODE_VERSION
from proms.content import Library

# The order in which these are loaded is the order of the calls in the description.
# isort: off
from proms.web.api import alerts, assignments, session, exports
from proms.web.api.fhir import capability, questionnaires
from proms.web.api import patients
from proms.web.api.fhir import responses
from proms.web.api import fhir, history, laboratory

# isort: on
from proms.web.api.description import page
from proms.web.api.errors import failed
from proms.web.api.fields import answers_schema
from proms.web.api.routes import FOR_ALL, FOR_BOTH, FOR_PATIENTS, FOR_STAFF, api
from proms.web.api.schemas import RefusedOut
from proms.web.errors import web_error
from proms.web.guard import csrf, is_api

__all__ = [
    "alerts",
    "assignments",
    "capability",
    "exports",
    "fhir",
    "history",
    "install",
    "laboratory",
    "patients",
    "questionnaires",
    "responses",
    "session",
]
ABOUT = (
    "Everything a patient's device or a hospital's system may ask. Begin with POST /session: it "
    "gives a bearer token for a patient's link or a staff log-in. Every refusal is JSON with a "
    "code that stays the same and a sentence; under /fhir it is an OperationOutcome. "
    "A name that a call does not know is refused. Every write may be sent twice under one "
    "Idempotency-Key: it is done once, and answered alike for seven days. "
    "Dates are site dates; instants are UTC."
)
BEARER = {"type": "http", "scheme": "bearer"}


class Described(Api):
    """flask-smorest's API, with one form for every refusal: ours."""

    ERROR_SCHEMA = RefusedOut
    DEFAULT_ERROR_RESPONSE_NAME = None

    def handle_http_exception(self, error: HTTPException) -> ResponseReturnValue:
        """An error outside the API's own routes, such as an address that does not exist."""
        return failed(error) if is_api() else web_error(error)


def install(app: Flask) -> None:
    """Give the application its API; it takes bearer tokens only, so no other site can make a
    browser use it."""
    app.config.update(
        API_TITLE="proms",
        API_VERSION=CODE_VERSION,
        OPENAPI_VERSION="3.0.3",
        API_SPEC_OPTIONS=_options(),
    )
    described = Described(app)
    _describe_answers(described.spec, app.extensions["parts"].library)
    csrf.exempt(api)
    described.register_blueprint(api)
    tags = [{"name": tag} for tag in (FOR_ALL, FOR_PATIENTS, FOR_STAFF, FOR_BOTH)]
    app.extensions["api_description"] = {**_in_one_line(described.spec.to_dict()), "tags": tags}
    app.register_blueprint(page)
    fhir.install(app)


def _in_one_line(description: dict[str, Any]) -> dict[str, Any]:
    """The description with each call's texts in one line, however their docstring is wrapped."""
    for path in description["paths"].values():
        for call in path.values():
            if not isinstance(call, dict):
                continue  # what all calls of a path share, such as its parameters
            for text in ("summary", "description"):
                if text in call:
                    call[text] = " ".join(call[text].split())
    return description


def _options() -> dict[str, Any]:
    return {
        "info": {"description": ABOUT},
        "components": {"securitySchemes": {"patient": BEARER, "staff": BEARER}},
        "servers": [{"url": "/"}],
    }


def _describe_answers(spec: Any, library: Library) -> None:
    """Each instrument's answers, made from its items."""
    names = []
    for versions in library.instruments.values():
        for instrument in versions.values():
            name = f"Answers_{instrument.code}_{instrument.version}"
            spec.components.schema(name, schema=answers_schema(instrument))
            names.append(name)
    any_of = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    spec.components.schema("Answers", {"anyOf": any_of})
