"""An extra check, whenever the patient wants one."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from proms.actions.audit import patient_actor
from proms.actions.schedule import protocol_of
from proms.actions.unscheduled import extras_beside, start_extra
from proms.db.queries.today import Pack
from proms.db.tables import Patient
from proms.web import request_context
from proms.web.guard import patients_only
from proms.web.locale import language
from proms.web.patient.arrival import counts_when_read
from proms.web.patient.routes import pages


@dataclass(frozen=True)
class Extra:
    """An extra check as the patient's page offers it."""

    event: str
    title: str


def extras(patient: Patient, open_packs: Sequence[Pack]) -> list[Extra]:
    """What she may begin by herself: nothing that is open already."""
    library = request_context.library()
    open_already: set[str] = set()
    for pack in open_packs:
        open_already.update(asked.assignment.instrument for asked in pack.rows)
    offered = []
    protocol = protocol_of(library, patient)
    for event, instruments in extras_beside(protocol, open_already).items():
        titles = [library.wording(code, language()).short_title for code in instruments]
        offered.append(Extra(event, ", ".join(titles)))
    return offered


def _her_page(event: str) -> ResponseReturnValue:
    """Her page, on which the extra check is offered."""
    return redirect(url_for("patient.today"), 303)


@pages.post("/extra/<event>")
@patients_only
@counts_when_read(_her_page)
def extra(event: str) -> ResponseReturnValue:
    """Begin an extra check; if one is open, that one opens."""
    with request_context.writing() as session:
        patient = session.get_one(Patient, request_context.current_patient().id)
        opened = start_extra(
            session,
            request_context.library(),
            patient=patient,
            event=event,
            language=language(),
            by=patient_actor(patient.id),
            now=request_context.now(),
        )
    return redirect(url_for("patient.go_on", assignment_id=opened.id), 303)
