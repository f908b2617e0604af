"""What is expected of a patient's symptoms for a while: said by a nurse on the patient's page, and
ended there."""

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.actions.expected_levels import Expectation, end_expectation, expect_level
from proms.actions.refusals import FieldFault, Incomplete
from proms.domain.person import Role
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.forms import FAULTS, Form
from proms.web.staff.routes import staff
from proms.web.staff.worklist.acts import answer, show
from proms.web.staff.worklist.desk import PATIENT, Desk, desk_sent

FIELDS = ("expect_item", "expect_until", "expect_reason")


@staff.post("/patients/<code>/expected")
@staff_only(Role.NURSE)
@keeps_typed(lambda code: show(_desk(), code))
def expect(code: str) -> ResponseReturnValue:
    """A nurse says that a symptom is known, up to which level, until when and why."""
    desk = _desk()
    with request_context.writing() as session:
        patient = own_patient(session, code)
        form = desk.form(patient.code)
        expectation = _expectation(form)
        if expectation is None:
            desk.refuse(patient.code, form.wrong, 422)
            return answer(desk, patient)
        try:
            expect_level(
                session,
                request_context.library(),
                patient_id=patient.id,
                expectation=expectation,
                by=request_context.current_staff(),
                now=request_context.now(),
            )
        except Incomplete as refusal:
            desk.refuse(patient.code, _at_fields(refusal), 422)
            return answer(desk, patient)
    desk.use(patient.code, *FIELDS)
    flash(_("Recorded. Up to this level no alert comes of it, and no call is promised."))
    return answer(desk, patient)


@staff.post("/patients/<code>/expected/<id:level_id>/end")
@staff_only(Role.NURSE)
@keeps_typed(lambda code, level_id: show(_desk(), code))
def end_expected(code: str, level_id: int) -> ResponseReturnValue:
    """A nurse ends what is expected before its last day."""
    desk = _desk()
    with request_context.writing() as session:
        patient = own_patient(session, code)
        end_expectation(
            session,
            patient_id=patient.id,
            level_id=level_id,
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    flash(_("Ended. Alerts come of it again."))
    return answer(desk, patient)


def _desk() -> Desk:
    """The patient's page as it was sent, whatever it says of itself."""
    desk = desk_sent()
    desk.page = PATIENT
    return desk


def _expectation(form: Form) -> Expectation | None:
    """What was typed; None where it does not read."""
    instrument, _colon, rest = form.typed.get("expect_item", "").partition(":")
    item, _colon, level = rest.partition(":")
    until = form.day("expect_until")
    reason = form.brief("expect_reason")
    # Of an instrument that the page does not offer the library knows nothing to look up.
    offered = request_context.library().has_rules(instrument)
    if not offered or not (level.isascii() and level.isdigit() and len(level) < 3):
        form.wrong.setdefault("expect_item", _("Choose one of these."))
    if until is None or form.wrong:
        return None
    return Expectation(instrument, item, int(level), until, reason)


def _at_fields(refusal: Incomplete) -> dict[str, str]:
    name = "item" if refusal.field == "level" else refusal.field
    fault = refusal.fault or FieldFault.NO_LEVEL
    return {f"expect_{name}": str(FAULTS[fault]) % refusal.slots}
