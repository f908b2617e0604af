"""The worklist: what still needs a person, and the two verbs that move it on."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.actions.alerts import acknowledge_patient, resolve_patient
from proms.actions.refusals import AlreadyAcknowledged, AlreadyResolved, Incomplete
from proms.db.queries.people import names_of_staff
from proms.db.queries.worklist import codes_of, not_in_yet, resolved, unresolved
from proms.db.tables import Patient
from proms.domain.alert.record import Closing, Resolution
from proms.domain.person import Role
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.forms import Form
from proms.web.staff.labels import evidence
from proms.web.staff.layout import CARERS, HOMES
from proms.web.staff.patient.views import page
from proms.web.staff.routes import staff
from proms.web.staff.worklist.lines import by_urgency, lines_of

OPEN, MINE, CLOSED = "open", "mine", "closed"


@staff.get("/")
@staff_only()
def worklist() -> ResponseReturnValue:
    """What waits for a person; whoever has no patients goes on to her own first page."""
    role = Role(request_context.current_staff().role)
    if role not in CARERS:
        return redirect(url_for(HOMES[role]))
    show = request.args.get("show", OPEN)
    if show == CLOSED:
        return _closed_page()
    return _open_page(only_mine=show == MINE)


@staff.post("/patients/<code>/taking")
@staff_only(Role.NURSE)
def take(code: str) -> ResponseReturnValue:
    """A nurse takes all of a patient's alerts that nobody has taken."""
    with request_context.writing() as session:
        patient = own_patient(session, code)
        try:
            acknowledge_patient(
                session,
                request_context.library(),
                patient_id=patient.id or 0,
                by=request_context.current_staff(),
                now=request_context.now(),
            )
        except AlreadyAcknowledged:
            flash(_("A colleague took %(code)s just before you.", code=patient.code))
    return redirect(_back(patient), 303)


@staff.post("/patients/<code>/resolution")
@staff_only(Role.NURSE)
@keeps_typed(lambda code: _as_typed(code, Form(request.form)))
def resolve(code: str) -> ResponseReturnValue:
    """A nurse records what was done about a patient's alerts."""
    form = Form(request.form)
    resolution = form.choice("resolution", Resolution)
    note = form.text("note")
    with request_context.writing() as session:
        patient = own_patient(session, code)
        if resolution and not form.wrong:
            try:
                resolve_patient(
                    session,
                    patient_id=patient.id or 0,
                    closing=Closing(resolution, note),
                    by=request_context.current_staff(),
                    now=request_context.now(),
                )
                flash(_("%(code)s is closed.", code=patient.code))
            except Incomplete as refusal:
                form.refuse(refusal)
            except AlreadyResolved:
                flash(_("%(code)s was closed before. Your note is not saved.", code=patient.code))
    if form.wrong:
        return _as_typed(patient.code, form), 422
    return redirect(_back(patient), 303)


def _as_typed(code: str, form: Form) -> str:
    """The page the form was sent from; what she wrote stays in the form of the patient it is
    about."""
    if form.typed.get("back") == "patient":
        return page(code, closing=form)
    return _open_page(only_mine=False, forms={code: form})


def _open_page(*, only_mine: bool, forms: Mapping[str, Form] | None = None) -> str:
    """What is not resolved; in `forms` the one, by study code, that did not read."""
    me = request_context.current_staff()
    with request_context.reading() as session:
        every = lines_of(session, unresolved(session, me.site_id))
        missing = not_in_yet(session, me.site_id, now=request_context.now())
    mine = [line for line in every if line.taken_by_me]
    shown = by_urgency(mine if only_mine else every)
    return render_template(
        "staff/worklist/worklist.html",
        show=MINE if only_mine else OPEN,
        every=every,
        mine=mine,
        groups=[(urgency, lines) for urgency, lines in shown if lines],
        tiles=by_urgency(every),
        missing=missing,
        forms=forms or {},
        typed_form="".join(f"close-{code}" for code in forms or {}),
        now=request_context.now(),
    )


def _closed_page() -> str:
    me = request_context.current_staff()
    library = request_context.library()
    with request_context.reading() as session:
        rules = resolved(session, me.site_id)
        rows = unresolved(session, me.site_id)
        codes = codes_of(session, {rule.alert.patient_id for rule in rules})
        names = names_of_staff(session, request_context.keyring(), me.site_id)
    return render_template(
        "staff/worklist/closed.html",
        closed=[evidence.alert_evidence(library, rule) for rule in rules],
        codes=codes,
        names=names,
        every=rows,
        mine=[row for row in rows if me.id in row.holders],
    )


def _back(patient: Patient) -> str:
    """The page the form was sent from."""
    if request.form.get("back") == "patient":
        return url_for("staff.patient", code=patient.code)
    return url_for("staff.worklist", _anchor=patient.code)
