"""Whose pages a phone holds."""

from flask import current_app, request

from proms.web import request_context
from proms.web.guard import PATIENT, admits

SHOWN = 16  # of a digest: it tells the patients of one phone apart, and nobody anything else


def owner() -> str:
    """The name under which a phone keeps what this patient has not sent; empty where nobody came in
    by a link."""
    patient = request_context.patient_if_any()
    # Her link alone lets nobody in yet.
    if patient is None or admits(current_app, request.endpoint or "") != PATIENT:
        return ""
    return request_context.keyring().digests(str(patient.id), purpose="phone")[0][:SHOWN]
