"""The patients of a site, and finding one."""

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from proms.db.queries.patient_list import PatientSummary, patient_summaries
from proms.db.queries.patients import patients_of
from proms.db.queries.treatment_positions import treatment_positions
from proms.db.tables import Patient
from proms.domain.person import PatientStatus, Role
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.labels import evidence
from proms.web.staff.layout import zone
from proms.web.staff.routes import staff

LONGEST_SEARCH = 100
MOST_FOUND = 50


@dataclass(frozen=True)
class ListedPatient:
    """A patient in the list."""

    patient: Patient
    name: str
    description: str
    arm_and_position: str
    summary: PatientSummary
    due: str
    active: bool


@staff.get("/patients")
@staff_only(Role.NURSE, Role.COORDINATOR)
def patients() -> ResponseReturnValue:
    """The site's patients."""
    return _page("")


@staff.post("/patients")
@staff_only(Role.NURSE, Role.COORDINATOR)
@keeps_typed(lambda: _page(_sought()))
def find_patients() -> ResponseReturnValue:
    """The site's patients who are known by what was typed. It names a person, so it comes in a
    form: an address is kept in logs and in the browser."""
    return _page(_sought())


def _sought() -> str:
    return request.form.get("find", "").strip()[:LONGEST_SEARCH]


def _page(sought: str) -> str:
    library = request_context.library()
    today = request_context.now().astimezone(zone()).date()
    site_id = request_context.current_staff().site_id
    with request_context.reading() as session:
        found = request_context.parts().identities.find(
            session, request_context.keyring(), site_id, sought
        )
        shown = found[:MOST_FOUND] if sought else found
        ids = [patient_id for patient_id, _name in shown]
        people = patients_of(session, ids)
        positions = treatment_positions(session, list(people.values()), today)
        summaries = patient_summaries(session, ids, today)
    listed = []
    for patient_id, name in shown:
        patient = people[patient_id]
        protocol = library.protocol(patient.protocol, patient.protocol_version)
        summary = summaries[patient_id]
        listed.append(
            ListedPatient(
                patient=patient,
                name=name,
                description=evidence.sex_and_age(patient, today.year),
                arm_and_position=evidence.arm_and_position(
                    protocol, patient, positions[patient_id]
                ),
                summary=summary,
                due=evidence.event_title(library, protocol, summary.next_event),
                active=patient.status == PatientStatus.ACTIVE,
            )
        )
    listed.sort(key=lambda patient: not patient.active)
    return render_template(
        "staff/patient/patients.html",
        found=listed,
        count=len(found),
        sought=sought,
        today=today,
    )
