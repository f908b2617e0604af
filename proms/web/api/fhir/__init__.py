"""The part of the API that speaks FHIR R4, under /api/v1/fhir; docs/fhir.md describes it for
integrators."""

from flask import Flask

from proms.web.api.fhir import outcome


def install(app: Flask) -> None:
    """Whatever is refused under /fhir becomes an OperationOutcome, by whomever it is refused."""
    app.after_request(outcome.as_outcome)
