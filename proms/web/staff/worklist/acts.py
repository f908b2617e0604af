"""What a nurse does on a page with alerts, on the worklist or a patient's page: the page comes back
with all that the act did not use."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.actions.alert_notes import add_note
from proms.actions.alerts import acknowledge_patient, resolve_information, resolve_patient
from proms.actions.page_views import note_contact_shown, note_view
from proms.actions.refusals import AlreadyAcknowledged, Incomplete, SomethingNew
from proms.db.queries.patients import person
from proms.db.queries.people import names_of_staff
from proms.db.tables import Patient
from proms.domain.alert.record import CallOutcome, Closing, NoActionReason, Resolution
from proms.domain.person import Role
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.forms import Form
from proms.web.staff.patient.views import page
from proms.web.staff.routes import staff
from proms.web.staff.worklist.desk import ALL, MINE, NEW, PATIENT, SHOWN, Desk, desk_sent, shown_in
from proms.web.staff.worklist.views import open_page

CLOSING = ("resolution", "none_reason", "grade", "note")
CALL = ("outcome", "words")


def show(desk: Desk, code: str = "") -> str:
    """The page that was sent, with all that was typed on it."""
    if desk.page == PATIENT and code:
        return page(code, desk=desk)
    return open_page(desk)


@staff.post("/")
@staff_only(Role.NURSE)
@keeps_typed(lambda: show(desk_sent()))
def worklist_as_typed() -> ResponseReturnValue:
    """The worklist as it was typed; nothing is done."""
    return show(desk_sent())


@staff.post("/patients/<code>")
@staff_only(Role.NURSE)
@keeps_typed(lambda code: show(desk_sent(), code))
def patient_as_typed(code: str) -> ResponseReturnValue:
    """The patient's page as it was typed; nothing is done but that it was looked at."""
    with request_context.writing() as session:
        note_view(
            session,
            patient=own_patient(session, code),
            page="chart",
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    return show(desk_sent(), code)


@staff.post("/patients/<code>/taking")
@staff_only(Role.NURSE)
@keeps_typed(lambda code: show(desk_sent(), code))
def take(code: str) -> ResponseReturnValue:
    """A nurse takes all of a patient's alerts that nobody has taken and that she was shown."""
    desk = desk_sent()
    with request_context.writing() as session:
        patient = own_patient(session, code)
        try:
            acknowledge_patient(
                session,
                request_context.library(),
                patient_id=patient.id,
                by=request_context.current_staff(),
                now=request_context.now(),
                shown=shown_in(desk.form(code)),
            )
        except SomethingNew:
            _refuse_unseen(desk, code)
        except AlreadyAcknowledged:
            said = _("A colleague took %(code)s just before you.", code=patient.code)
            desk.refuse(code, {SHOWN: said}, 409)
    return answer(desk, patient)


@staff.post("/patients/<code>/resolution")
@staff_only(Role.NURSE)
@keeps_typed(lambda code: show(desk_sent(), code))
def resolve(code: str) -> ResponseReturnValue:
    """A nurse records what was done about a patient's alerts; how a call ended, if she typed that
    too, is kept with it."""
    desk = desk_sent()
    form = desk.form(code)
    closing = _closing(form)
    with request_context.reading() as session:
        patient = own_patient(session, code)
    if closing is None:
        desk.refuse(code, form.wrong, 422)
        return answer(desk, patient)
    if not _keep_call(desk, patient):
        return answer(desk, patient)
    with request_context.writing() as session:
        try:
            closed = resolve_patient(
                session,
                patient_id=patient.id,
                closing=closing,
                by=request_context.current_staff(),
                now=request_context.now(),
                shown=shown_in(desk.form(code)),
            )
            names = names_of_staff(session, request_context.keyring(), patient.site_id)
            desk.use(code, *CLOSING)
            if closed.before:
                flash(
                    _(
                        "%(name)s closed %(code)s before you. Your note is kept beside hers.",
                        name=names.get(closed.before, ""),
                        code=patient.code,
                    )
                )
            else:
                flash(_("%(code)s is closed.", code=patient.code))
        except Incomplete as refusal:
            desk.refuse(code, _at_fields(refusal, form), 422)
        except SomethingNew:
            _refuse_unseen(desk, code)
    return answer(desk, patient)


@staff.post("/patients/<code>/notes")
@staff_only(Role.NURSE)
@keeps_typed(lambda code: show(desk_sent(), code))
def keep_note(code: str) -> ResponseReturnValue:
    """A nurse writes how a call ended, or a note; nothing is closed by it."""
    desk = desk_sent()
    with request_context.reading() as session:
        patient = own_patient(session, code)
    if not any(name in CALL for name in desk.form(code).typed):
        desk.refuse(code, {"words": _("Write a note, or choose how the call ended.")}, 422)
    elif _keep_call(desk, patient):
        flash(_("Your note about %(code)s is kept.", code=patient.code))
    return answer(desk, patient)


@staff.post("/information/resolution")
@staff_only(Role.NURSE)
@keeps_typed(lambda: show(desk_sent(), _patient_of_page()))
def resolve_all_information() -> ResponseReturnValue:
    """A nurse closes in one act the information that she was shown, of one patient or of the
    list."""
    desk = desk_sent()
    form = desk.form(ALL)
    closing = _closing(form)
    if closing is None:
        desk.refuse(ALL, form.wrong, 422)
    else:
        with request_context.writing() as session:
            try:
                closed = resolve_information(
                    session,
                    closing=closing,
                    by=request_context.current_staff(),
                    now=request_context.now(),
                    shown=shown_in(form),
                )
                desk.use(ALL, *CLOSING)
                flash(_("Closed as information: %(count)s.", count=len(closed)))
            except Incomplete as refusal:
                desk.refuse(ALL, _at_fields(refusal, form), 422)
            except SomethingNew:
                _refuse_unseen(desk, ALL)
    code = _patient_of_page()
    if desk.failed or not desk.is_empty:
        return show(desk, code), desk.status
    return redirect(_address(desk, code), 303)


@staff.post("/patients/<code>/contact")
@staff_only(Role.NURSE, Role.COORDINATOR)
@keeps_typed(lambda code: show(desk_sent(), code))
def show_contact(code: str) -> ResponseReturnValue:
    """The same page with the telephone number or e-mail address on it; that it was shown is on
    record."""
    desk = desk_sent()
    with request_context.writing() as session:
        patient = own_patient(session, code)
        identity = person(session, request_context.keyring(), patient)
        note_contact_shown(
            session,
            patient=patient,
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    desk.reached[patient.code] = identity
    if "back" not in request.form:
        desk.page = PATIENT
    return show(desk, code)


def _closing(form: Form) -> Closing | None:
    """What was done, as typed; None where it does not read. Why nothing was needed is asked only
    where nothing was."""
    resolution = form.choice("resolution", Resolution)
    note = form.text("note")
    reason, grade = None, None
    if resolution is Resolution.NONE_NEEDED:
        reason = form.choice("none_reason", NoActionReason)
    if form.typed.get("grade"):
        grade = form.number("grade", 1, 5)
    if resolution is None or form.wrong:
        return None
    return Closing(resolution, note, reason, grade)


def _keep_call(desk: Desk, patient: Patient) -> bool:
    """Keep how a call ended, if that was typed; whether nothing stood in the way."""
    form = desk.form(patient.code)
    outcome = None
    if form.typed.get("outcome"):
        outcome = form.choice("outcome", CallOutcome)
    words = form.brief("words") if form.typed.get("words") else ""
    if form.wrong:
        desk.refuse(patient.code, form.wrong, 422)
        return False
    if not words and outcome is None:
        return True
    with request_context.writing() as session:
        add_note(
            session,
            patient_id=patient.id,
            note=words,
            outcome=outcome,
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    desk.use(patient.code, *CALL)
    return True


def _at_fields(refusal: Incomplete, form: Form) -> dict[str, str]:
    """The sentence of an action's refusal at the field it is about."""
    form.refuse(refusal)
    if "reason" in form.wrong:
        form.wrong["none_reason"] = form.wrong.pop("reason")
    return form.wrong


def _refuse_unseen(desk: Desk, code: str) -> None:
    said = _("Something new came in after you opened this page. It is on top, marked “New”.")
    desk.refuse(code, {SHOWN: said}, 409)


def answer(desk: Desk, patient: Patient) -> ResponseReturnValue:
    """The page again as typed where something did not succeed or is still typed; else the page as
    it is now."""
    if desk.failed or not desk.is_empty:
        return show(desk, patient.code), desk.status
    return redirect(_address(desk, patient.code), 303)


def _patient_of_page() -> str:
    """Whose page it was, where it was a patient's."""
    return request.form.get("patient", "")


def _address(desk: Desk, code: str) -> str:
    if desk.page == PATIENT and code:
        return url_for("staff.patient", code=code)
    only = desk.page if desk.page in (MINE, NEW) else None
    return url_for("staff.worklist", _anchor=code or None, show=only)
