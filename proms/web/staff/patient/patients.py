"""Finding a patient."""

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from proms.db.queries.patient_list import PatientSummary, patient_summaries
from proms.db.queries.patients import find
from proms.db.queries.treatment_positions import treatment_positions
from proms.db.tables import Patient
from proms.domain.person import PatientStatus, Role
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.staff.labels import evidence
from proms.web.staff.layout import zone
from proms.web.staff.routes import staff


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
    """The site's patients, those whose code, name or hospital number holds what was typed."""
    library = request_context.library()
    words = request.args.get("find", "")[:100]
    today = request_context.now().astimezone(zone()).date()
    with request_context.reading() as session:
        rows = find(
            session, request_context.keyring(), request_context.current_staff().site_id, words
        )
        people = [patient for patient, _name in rows]
        positions = treatment_positions(session, people, today)
        summaries = patient_summaries(session, [patient.id or 0 for patient in people], today)
    listed = []
    for patient, name in rows:
        patient_id = patient.id or 0
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
    return render_template("staff/patient/patients.html", found=listed, sought=words, today=today)
