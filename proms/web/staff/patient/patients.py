"""Finding a patient."""

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from proms.db.queries.patient_list import PatientSummary, patient_summaries
from proms.db.queries.patients import find
from proms.db.queries.treatment_positions import treatment_positions
from proms.db.tables import Patient
from proms.domain.person import PatientStatus, Role
from proms.domain.protocol import Protocol
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.staff.labels import evidence
from proms.web.staff.layout import zone
from proms.web.staff.routes import staff


@dataclass(frozen=True)
class Found:
    """A patient in the list."""

    patient: Patient
    name: str
    who: str
    where: str
    standing: PatientSummary
    due: str
    active: bool


@staff.get("/patients")
@staff_only(Role.NURSE, Role.COORDINATOR)
def patients() -> ResponseReturnValue:
    """The site's patients, those whose code, name or hospital number holds what was typed."""
    words = request.args.get("find", "")[:100]
    today = request_context.now().astimezone(zone()).date()
    with request_context.reading() as session:
        rows = find(
            session, request_context.keyring(), request_context.current_staff().site_id, words
        )
        people = [patient for patient, _ in rows]
        places = treatment_positions(session, people, today)
        known = patient_summaries(session, [each.id or 0 for each in people], today)
    found = [
        Found(
            patient=patient,
            name=name,
            who=evidence.sex_and_age(patient, today.year),
            where=evidence.arm_and_position(_protocol(patient), patient, places[patient.id or 0]),
            standing=known[patient.id or 0],
            due=evidence.event_title(
                request_context.library(), _protocol(patient), known[patient.id or 0].next_event
            ),
            active=patient.status == PatientStatus.ACTIVE,
        )
        for patient, name in rows
    ]
    found.sort(key=lambda each: not each.active)
    return render_template("staff/patient/patients.html", found=found, sought=words, today=today)


def _protocol(patient: Patient) -> Protocol:
    return request_context.library().protocol(patient.protocol, patient.protocol_version)
