"""What this server can do in FHIR's terms; it says nothing of any instrument or patient."""

from typing import Any

from flask import Response

from proms.actions.exports import CODE_VERSION
from proms.web import request_context
from proms.web.api.fhir.schemas import (
    FHIR,
    FHIR_JSON,
    PREFIX,
    ReadIn,
    ResourceOut,
    base_address,
    fhir_response,
)
from proms.web.api.routes import api
from proms.web.guard import open_to_all

FHIR_VERSION = "4.0.1"


@api.route(f"{PREFIX}/metadata")
@api.response(200, ResourceOut, content_type=FHIR_JSON)
@FHIR.query_arguments(ReadIn)
@FHIR.alt_responses()
@open_to_all
def get_metadata(_query: dict[str, str]) -> Response:
    """The CapabilityStatement."""
    return fhir_response(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": request_context.now().date().isoformat(),
            "kind": "instance",
            "software": {"name": "proms", "version": CODE_VERSION},
            "implementation": {
                "description": "Patient-reported outcomes of a trial",
                "url": base_address(),
            },
            "fhirVersion": FHIR_VERSION,
            "format": [FHIR_JSON],
            "rest": [
                {
                    "mode": "server",
                    "security": {
                        "description": "A bearer token from POST /api/v1/session, "
                        "of staff or of a patient"
                    },
                    "resource": [
                        _resource("Questionnaire", ("read", "search-type"), {"url": "uri"}),
                        _resource(
                            "QuestionnaireResponse",
                            ("read", "search-type", "create"),
                            {"patient": "reference"},
                        ),
                    ],
                }
            ],
        }
    )


def _resource(
    resource_type: str, interactions: tuple[str, ...], searches: dict[str, str]
) -> dict[str, Any]:
    """What may be done with one type of resource, and by what it is searched."""
    return {
        "type": resource_type,
        "interaction": [{"code": interaction} for interaction in interactions],
        "searchParam": [{"name": name, "type": kind} for name, kind in searches.items()],
    }
