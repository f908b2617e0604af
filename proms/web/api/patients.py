"""Patients by study code. Who they are goes in at enrolment and does not come out here."""

from typing import Any

from sqlmodel import Session

from proms.actions.enrolment import NewPatient, enrol
from proms.actions.refusals import NotFound
from proms.db.queries.assignments import patients_page
from proms.db.queries.patients import patient_of
from proms.db.tables import Patient
from proms.domain.person import Role
from proms.web import request_context
from proms.web.api.giving import PatientOut, PatientsOut
from proms.web.api.routes import api, asks, refuses, takes
from proms.web.api.taking import PageIn, PatientIn
from proms.web.guard import staff_only

ONE = "/patients/<string(maxlength=16):code>"


@api.route("/patients")
@api.response(200, PatientsOut)
@asks(PageIn)
@refuses()
@staff_only(Role.NURSE, Role.COORDINATOR)
def get_patients(query: dict[str, int]) -> dict[str, Any]:
    """The site's patients in order of study code."""
    with request_context.reading() as session:
        patients, total = patients_page(session, request_context.current_staff().site_id, **query)
    return {**query, "total": total, "patients": patients}


@api.route("/patients", methods=["POST"])
@api.response(201, PatientOut)
@takes(PatientIn)
@refuses()
@staff_only(Role.COORDINATOR)
def post_patient(body: dict[str, Any]) -> Patient:
    """Enrol a patient at one's own site; the study code is drawn at random."""
    with request_context.writing() as session:
        return enrol(
            session,
            request_context.library(),
            request_context.keyring(),
            NewPatient(**body),
            protocol=request_context.parts().settings.protocol,
            by=request_context.current_staff(),
            now=request_context.now(),
        )


@api.route(ONE)
@api.response(200, PatientOut)
@refuses(404)
@staff_only(Role.NURSE, Role.COORDINATOR)
def get_patient(code: str) -> Patient:
    """One patient of one's own site."""
    with request_context.reading() as session:
        return own_patient(session, code)


def own_patient(session: Session, code: str) -> Patient:
    """The site's own patient; another site's is as absent as none."""
    found = patient_of(session, code, request_context.current_staff().site_id) if code.isalnum() else None
    if found is None:
        raise NotFound("There is no such patient.")
    return found
