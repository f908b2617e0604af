"""Patients by study code. Who they are goes in at enrolment and does not come out here."""

from typing import Any

from marshmallow.fields import Date, Enum, List, Nested
from marshmallow_sqlalchemy import SQLAlchemyAutoSchema

from proms.actions.enrolment import LONGEST_TRIAL_NUMBER, NewPatient, enrol
from proms.db.queries.assignments import patients_page
from proms.db.tables import Patient
from proms.domain.person import PERSONAL_FACTS, ContactKind, Language, PatientStatus, Role, Sex
from proms.domain.plain_text import LONGEST_LINE
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.api.fields import Flag, Strict, line, whole, word
from proms.web.api.routes import alt_responses, api, arguments, query_arguments
from proms.web.api.schemas import PageIn, PageOut
from proms.web.guard import staff_only

ONE = "/patients/<string(maxlength=16):code>"


class EnrolmentIn(Strict):
    """A patient to enrol; who she is goes in here and does not come out of the API."""

    name = line(LONGEST_LINE, 1, required=True)
    hospital_number = line(LONGEST_LINE, 1, required=True)
    trial_number = line(LONGEST_TRIAL_NUMBER, 1, load_default=None, allow_none=True)
    birth_year = whole(1900, 2100, required=True)
    sex = Enum(Sex, by_value=True, required=True)
    language = Enum(Language, by_value=True, required=True)
    consent = Date(required=True)
    contact_kind = Enum(ContactKind, by_value=True, required=True)
    address = line(LONGEST_LINE, 1, required=True)
    # What is odd and so all the same: a telephone number that is no mobile one, and a number that
    # differs from another patient's by leading zeros alone.
    use_anyway = Flag(load_default=False)
    other_patient = Flag(load_default=False)


PatientIn = EnrolmentIn.from_dict(
    {fact: Flag(load_default=False) for fact in PERSONAL_FACTS}, name="PatientIn"
)


class PatientOut(SQLAlchemyAutoSchema):
    """A patient by study code; `revision` counts the changes of her history."""

    class Meta:
        model = Patient
        fields = (
            "code", "status", "arm", "birth_year", "sex", *PERSONAL_FACTS, "language",
            "paused_from", "paused_until", "revision", "enrolled_at",
        )  # fmt: skip

    status = word(PatientStatus)
    sex = word(Sex)
    language = word(Language)


class PatientsOut(PageOut):
    patients = List(Nested(PatientOut), required=True)


@api.route("/patients")
@api.response(200, PatientsOut)
@query_arguments(PageIn)
@alt_responses()
@staff_only(Role.NURSE, Role.COORDINATOR)
def get_patients(query: dict[str, int]) -> dict[str, Any]:
    """The site's patients in order of study code."""
    with request_context.reading() as session:
        patients, total = patients_page(session, request_context.current_staff().site_id, **query)
    return {**query, "total": total, "patients": patients}


@api.route("/patients", methods=["POST"])
@api.response(201, PatientOut)
@arguments(PatientIn)
@alt_responses(409)
@staff_only(Role.COORDINATOR)
def post_patient(body: dict[str, Any]) -> Patient:
    """Enrol a patient at one's own site; the study code is drawn at random."""
    facts = frozenset(fact for fact in PERSONAL_FACTS if body.pop(fact))
    with request_context.writing() as session:
        return enrol(
            session,
            request_context.library(),
            request_context.keyring(),
            NewPatient(**body, facts=facts),
            protocol=request_context.parts().settings.protocol,
            by=request_context.current_staff(),
            now=request_context.now(),
            served=request_context.parts().settings.served,
        )


@api.route(ONE)
@api.response(200, PatientOut)
@alt_responses(404)
@staff_only(Role.NURSE, Role.COORDINATOR)
def get_patient(code: str) -> Patient:
    """One patient of one's own site."""
    with request_context.reading() as session:
        return own_patient(session, code)
