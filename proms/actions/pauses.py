"""A rest from messages: a coordinator records it, or the patient asks for it on her own page."""

from datetime import date, datetime

from sqlmodel import Session

from proms.actions.audit import Actor, ActorKind, Subject, record
from proms.actions.history import locked_patient
from proms.actions.next_messages import make_up_for_held, pause_of
from proms.actions.plain_text import checked_text
from proms.actions.refusals import FieldFault, Incomplete, PatientInactive
from proms.content import Library
from proms.db.tables import Patient
from proms.domain.own_page import OwnPause, PauseFault, own_pause_fault
from proms.domain.person import PatientStatus
from proms.refusal import Refusal


class UnfitPause(Refusal):
    """A pause that a patient may not give herself."""

    code = "unfit_pause"

    def __init__(self, fault: PauseFault, limits: OwnPause | None) -> None:
        super().__init__("A pause of these days cannot be asked for here.")
        self.fault = fault
        self.limits = limits


def pause(
    session: Session,
    library: Library,
    *,
    patient: Patient,
    until: date | None,
    first: date | None = None,
    reason: str = "",
    by: Actor,
    now: datetime,
) -> Patient:
    """Hold every message from a day, today by default, until and including another, but for a link
    that a person asks for; without the other the pause ends now. The plan itself goes on.

    What it holds of a pack that is still open is made up for with one message when it ends. A pause
    that the patient gives herself keeps to the protocol's limits, and counts from the first day of
    the one it makes longer.
    """
    patient, zone = locked_patient(session, patient.id, patient.site_id)
    if patient.status != PatientStatus.ACTIVE:
        raise PatientInactive("This patient no longer takes part.")
    today = now.astimezone(zone).date()
    protocol = library.protocol(patient.protocol, patient.protocol_version)
    by_herself = by.kind is ActorKind.PATIENT
    if until and by_herself:
        running = running_since(patient, today)
        first, limits = running or first or today, protocol.own_page.pause
        if fault := own_pause_fault(limits, first, until, today, running=running is not None):
            raise UnfitPause(fault, limits)
    if until and until < today:
        raise Incomplete("until", FieldFault.PAUSE_OVER)
    if until and first and until < first:
        raise Incomplete("until", FieldFault.PAUSE_BACKWARDS)
    days = (first, until) if until else (None, None)
    if by_herself and days == (patient.paused_from, patient.paused_until):
        return patient  # tapped twice
    patient.paused_from, patient.paused_until = days
    make_up_for_held(session, patient, protocol.messages, zone, now)
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    verb = "patient.paused" if until else "patient.resumed"
    detail = {
        name: day.isoformat() for name, day in zip(("first", "until"), days, strict=True) if day
    }
    why = checked_text("reason", reason) or None
    record(session, verb, subject, by=by, now=now, reason=why, **detail)
    session.commit()
    return patient


def running_since(patient: Patient, today: date) -> date | None:
    """The first day of the pause that holds today; one of which that is not on record begins
    today. None where none holds."""
    held = pause_of(patient)
    if held is None or not held.holds(today):
        return None
    return patient.paused_from or today
