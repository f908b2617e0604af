"""The patients of a site, and finding one."""

from dataclasses import dataclass
from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.db.queries.history import histories_of
from proms.db.queries.patient_list import PatientSummary, patient_summaries
from proms.db.queries.patients import patients_of
from proms.db.queries.treatment_positions import treatment_positions
from proms.db.tables import Patient
from proms.domain.person import PatientStatus, Role
from proms.domain.protocol import Protocol
from proms.domain.schedule import History
from proms.domain.schedule.scheduled_cycles import delayed_cycles
from proms.web import request_context
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.locale import short_day
from proms.web.staff.calendar.record_form import cycle_name
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
    delays: tuple[str, ...]
    summary: PatientSummary
    due: str
    heard_on: date | None
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
    now, plans = request_context.now(), request_context.message_plans()
    today = now.astimezone(zone()).date()
    site_id = request_context.current_staff().site_id
    with request_context.reading() as session:
        found = request_context.parts().identities.find(
            session, request_context.keyring(), site_id, sought
        )
        shown = found[:MOST_FOUND] if sought else found
        ids = [patient_id for patient_id, _name in shown]
        people = patients_of(session, ids)
        positions = treatment_positions(session, list(people.values()), today)
        summaries = patient_summaries(session, ids, today, plans, now)
        histories = histories_of(session, list(people.values()))
    listed = []
    for patient_id, name in shown:
        patient = people[patient_id]
        protocol = library.protocol(patient.protocol, patient.protocol_version)
        summary = summaries[patient_id]
        heard = summary.last_contact
        active = patient.status == PatientStatus.ACTIVE
        listed.append(
            ListedPatient(
                patient=patient,
                name=name,
                description=evidence.sex_and_age(patient, today.year),
                arm_and_position=evidence.arm_and_position(
                    protocol, patient, positions[patient_id]
                ),
                delays=_delays(protocol, histories[patient_id], today) if active else (),
                summary=summary,
                due=evidence.event_title(library, protocol, summary.next_event),
                heard_on=heard.astimezone(zone()).date() if heard else None,
                active=active,
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


def _delays(protocol: Protocol, history: History, today: date) -> tuple[str, ...]:
    """Every cycle whose day has gone by with nothing recorded, and since when."""
    return tuple(
        _(
            "%(cycle)s delayed since %(day)s",
            cycle=cycle_name(protocol, history, cycle.component, cycle.number),
            day=short_day(cycle.since),
        )
        for cycle in delayed_cycles(protocol, history, today)
    )
