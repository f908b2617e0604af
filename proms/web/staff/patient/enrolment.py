"""Enrolling a patient."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.actions.enrolment import LONGEST_TRIAL_NUMBER, NewPatient, enrol
from proms.actions.refusals import Incomplete
from proms.domain.person import PERSONAL_FACTS, ContactKind, Language, Role, Sex
from proms.web import request_context
from proms.web.errors import STATUS
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.forms import Form
from proms.web.staff.labels.facts import PERSONAL
from proms.web.staff.layout import zone
from proms.web.staff.routes import staff


@staff.get("/patients/new")
@staff_only(Role.COORDINATOR)
def new_patient() -> ResponseReturnValue:
    """The form; consent is most often given today."""
    return _page(Form({"consent": request_context.now().astimezone(zone()).date().isoformat()}))


@staff.post("/patients/new")
@staff_only(Role.COORDINATOR)
@keeps_typed(lambda: _page(Form(request.form)))
def enrol_patient() -> ResponseReturnValue:
    """Enrol the patient, and go on to her calendar."""
    form = Form(request.form)
    new = _new_patient(form)
    if new is None:
        return _page(form), 422
    try:
        with request_context.writing() as session:
            patient = enrol(
                session,
                request_context.library(),
                request_context.keyring(),
                new,
                protocol=request_context.parts().settings.protocol,
                by=request_context.current_staff(),
                now=request_context.now(),
                served=request_context.parts().settings.served,
            )
    except Incomplete as refusal:
        form.refuse(refusal)
        return _page(form), STATUS.get(refusal.code, 422)
    flash(_("Enrolled. The study code is %(code)s.", code=patient.code))
    return redirect(url_for("staff.calendar", code=patient.code), 303)


def _new_patient(form: Form) -> NewPatient | None:
    name = form.line("name")
    hospital_number = form.line("hospital_number")
    birth_year = form.number("birth_year", 1900, 2100)
    sex = form.choice("sex", Sex)
    language = form.choice("language", Language)
    contact_kind = form.choice("contact_kind", ContactKind)
    address = form.line("address")
    consent = form.day("consent")
    if form.wrong or not (sex and language and contact_kind and consent and birth_year):
        return None
    return NewPatient(
        name=name,
        hospital_number=hospital_number,
        birth_year=birth_year,
        sex=sex,
        language=language,
        consent=consent,
        contact_kind=contact_kind,
        address=address,
        facts=frozenset(fact for fact in PERSONAL_FACTS if form.ticked(fact)),
        trial_number=form.optional("trial_number", LONGEST_TRIAL_NUMBER),
        use_anyway=form.ticked("use_anyway"),
        other_patient=form.ticked("other_patient"),
    )


def _page(form: Form) -> str:
    return render_template("staff/patient/enrolment.html", form=form, facts=PERSONAL)
