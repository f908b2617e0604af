"""A patient's laboratory values: entered and corrected by hand, and read with what follows from
them."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from proms.actions.audit import staff_actor
from proms.actions.laboratory import UnfitValue, lab_basis, record_values
from proms.actions.page_views import note_view
from proms.actions.refusals import Incomplete
from proms.db.queries.history import history_of
from proms.db.queries.people import names_of_staff
from proms.db.tables import LabVersion
from proms.domain.laboratory import (
    SENTENCES,
    LabEntry,
    LabTest,
    Limits,
    Panel,
    UnfitField,
    ValueFault,
    read_amount,
    unfit_fields,
)
from proms.domain.person import Role
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.forms import Form
from proms.web.staff.labels.formats import amount
from proms.web.staff.labels.vocabulary import titled
from proms.web.staff.layout import zone
from proms.web.staff.patient.lab_courses import (
    Laboratory,
    grade_in_words,
    laboratory_of,
    rises_in_words,
)
from proms.web.staff.routes import staff


class Corrected(NamedTuple):
    """The value that a form corrects."""

    test: LabTest
    taken_on: date


@staff.get("/patients/<code>/labs")
@staff_only(Role.NURSE, Role.COORDINATOR)
def labs(code: str) -> ResponseReturnValue:
    """The values with the form to enter more; that they were looked at is on record."""
    with request_context.writing() as session:
        note_view(
            session,
            patient=own_patient(session, code),
            page="labs",
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    return page(code, None)


@staff.post("/patients/<code>/labs")
@staff_only(Role.NURSE, Role.COORDINATOR)
@keeps_typed(lambda code: page(code, Form(request.form)))
def record_labs(code: str) -> ResponseReturnValue:
    """Keep the values of a day, or a correction of one."""
    form = Form(request.form)
    with request_context.reading() as session:
        patient = own_patient(session, code)
        basis = lab_basis(session, request_context.library(), patient, now=request_context.now())
    entries = _read(form, basis.panel, basis.limits)
    if form.wrong:
        return page(code, form), 422
    try:
        with request_context.writing() as session:
            saved = record_values(
                session,
                request_context.library(),
                patient_id=patient.id,
                entries=entries,
                reason=form.typed.get("reason", ""),
                by=staff_actor(request_context.current_staff()),
                now=request_context.now(),
            )
    except (Incomplete, UnfitValue) as refusal:
        form.refuse(refusal)
        return page(code, form), 422
    flash(_saved(len(saved)))
    return redirect(url_for("staff.labs", code=code), 303)


def page(code: str, form: Form | None) -> str:
    """The page with the form as it was typed, or a new one."""
    library = request_context.library()
    today = request_context.now().astimezone(zone()).date()
    with request_context.reading() as session:
        owner = own_patient(session, code)
        protocol = library.protocol(owner.protocol, owner.protocol_version)
        laboratory = laboratory_of(session, owner, protocol, history_of(session, owner))
        staff_names = names_of_staff(session, request_context.keyring(), owner.site_id)
    if laboratory is None:
        abort(404)
    typed = form.typed if form else request.args
    corrected = _corrected(laboratory, typed.get("test", ""), typed.get("taken_on", ""))
    return render_template(
        "staff/patient/labs.html",
        patient=owner,
        laboratory=laboratory,
        corrected=corrected,
        tests=[corrected.test] if corrected else list(laboratory.panel.tests.values()),
        form=form or Form(_prefilled(laboratory, corrected, today)),
        today=today,
        strips=protocol.views.strips.values(),
        staff_names=staff_names,
        grade_in_words=grade_in_words,
        rises_in_words=rises_in_words,
    )


def _corrected(laboratory: Laboratory, test: str, day: str) -> Corrected | None:
    """The value on record that was asked for, if there is one."""
    for code, taken_on in laboratory.held:
        if (code, taken_on.isoformat()) == (test, day) and code in laboratory.panel.tests:
            return Corrected(laboratory.panel.tests[code], taken_on)
    return None


def _prefilled(laboratory: Laboratory, corrected: Corrected | None, today: date) -> dict[str, str]:
    """A new form: the day, and the upper limits of each test as they were last."""
    typed = {"taken_on": (corrected.taken_on if corrected else today).isoformat()}
    for course in laboratory.courses:
        typed[f"limit_{course.test.code}"] = amount(course.last.value.upper_limit)
    if corrected:
        code = corrected.test.code
        row: LabVersion = laboratory.held[code, corrected.taken_on]
        typed["test"] = code
        if row.value is not None and row.upper_limit is not None:
            typed[f"value_{code}"] = amount(Decimal(repr(row.value)))
            typed[f"limit_{code}"] = amount(Decimal(repr(row.upper_limit)))
    return typed


def _read(form: Form, panel: Panel, limits: Limits) -> list[LabEntry]:
    """The values that were filled in; with a sentence at each field that does not fit."""
    taken_on = form.day("taken_on")
    form.brief("reason")
    if taken_on is None:
        return []
    only = form.typed.get("test", "")
    tests = [test for test in panel.tests.values() if only in ("", test.code)]
    if only and form.ticked("take_back"):
        return [LabEntry(test.code, taken_on, None, None) for test in tests]
    entries = [entry for test in tests if (entry := _entry(form, test, taken_on))]
    for entry in entries:
        for unfit in unfit_fields(panel, entry, limits):
            _note(form, panel.tests[entry.test], unfit)
    if not entries and not form.wrong:
        form.wrong["values"] = _("Fill in at least one value.")
    return entries


def _entry(form: Form, test: LabTest, taken_on: date) -> LabEntry | None:
    """The value of one test; none where it was left empty or does not read."""
    if not form.typed.get(f"value_{test.code}", "").strip():
        return None
    amounts = {
        name: read
        for name, field in (("value", "value"), ("limit", "upper_limit"))
        if isinstance(read := _amount(form, test, name, field), Decimal)
    }
    if "value" not in amounts or f"limit_{test.code}" in form.wrong:
        return None
    return LabEntry(test.code, taken_on, amounts["value"], amounts.get("limit"))


def _amount(form: Form, test: LabTest, name: str, field: str) -> Decimal | None:
    """The number in a field, with a decimal comma or a point; none where the field is empty."""
    text = form.typed.get(f"{name}_{test.code}", "").strip()
    if not text:
        return None
    read = read_amount(text, comma=True)
    if isinstance(read, ValueFault):
        _note(form, test, UnfitField(field, read, {"example": amount(Decimal("12.5"))}))
        return None
    return read


def _note(form: Form, test: LabTest, unfit: UnfitField) -> None:
    """The sentence of a field, which names the test where the field is one of many."""
    sentence = _(SENTENCES[unfit.fault], **unfit.slots)
    names = {"value": f"value_{test.code}", "upper_limit": f"limit_{test.code}"}
    if unfit.name in names:
        sentence = f"{titled(test.title)}: {sentence}"
    form.wrong.setdefault(names.get(unfit.name, unfit.name), sentence)


def _saved(count: int) -> str:
    if not count:
        return _("Nothing was new: these values are on record already.")
    return ngettext("%(num)s value saved.", "%(num)s values saved.", count)
