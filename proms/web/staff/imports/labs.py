"""A laboratory's file: looked at, then saved as a whole or not at all."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import gettext as _

from proms.actions.audit import staff_actor
from proms.actions.lab_import import (
    LabEffect,
    LabFile,
    LabImport,
    preview_lab_import,
    save_lab_import,
)
from proms.actions.refusals import HistoryChanged
from proms.actions.rows_by_patient import UnsoundTable
from proms.content.lab_table import read_lab_table
from proms.db.queries.patients import names_of
from proms.domain.laboratory import Panel
from proms.domain.laboratory.rows import LabFault, LabStep, example_file
from proms.domain.person import Role
from proms.web import request_context
from proms.web.body_limits import takes_up_to
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.locale import short_day
from proms.web.staff.export import CSV
from proms.web.staff.forms import Form
from proms.web.staff.imports.carried_file import (
    LARGEST_BODY,
    LARGEST_UPLOAD,
    MOST_FAULTS,
    ImportedRow,
    carried_file,
    name_of_file,
    refuse_unusable,
)
from proms.web.staff.labels.formats import amount
from proms.web.staff.labels.vocabulary import titled
from proms.web.staff.routes import staff


@dataclass(frozen=True)
class ImportedPatient:
    """What the file says of one patient; `named_as` is what the file calls her."""

    code: str
    name: str
    named_as: str
    rows: tuple[ImportedRow, ...]


@staff.get("/import/labs")
@staff_only(Role.NURSE, Role.COORDINATOR)
def import_labs() -> ResponseReturnValue:
    """Choose a file."""
    return _page(Form({}), b"")


@staff.get("/import/labs/template.csv")
@staff_only(Role.NURSE, Role.COORDINATOR)
def labs_template() -> ResponseReturnValue:
    """The columns, with a row of each test."""
    return Response(
        example_file(_panel()),
        content_type=CSV,
        headers={"Content-Disposition": 'attachment; filename="labs.csv"'},
    )


@staff.post("/import/labs/preview")
@takes_up_to(LARGEST_BODY, with_file=LARGEST_UPLOAD)
@staff_only(Role.NURSE, Role.COORDINATOR)
@keeps_typed(lambda: _page(Form(request.form), carried_file()))
def look_at_labs() -> ResponseReturnValue:
    """What the file would add, or every fault in it; nothing is saved."""
    form, raw = Form(request.form), carried_file()
    refuse_unusable(form, raw)
    if form.wrong:
        return _page(form, b""), 422
    found = _preview(form, raw)
    return _page(form, raw, found), 422 if found.faults else 200


@staff.post("/import/labs")
@takes_up_to(LARGEST_BODY)
@staff_only(Role.NURSE, Role.COORDINATOR)
@keeps_typed(
    lambda: _page(Form(request.form), carried_file(), _preview(Form(request.form), carried_file()))
)
def save_labs_file() -> ResponseReturnValue:
    """Save it as it was looked at; if somebody saved in between, show the new preview."""
    form, raw = Form(request.form), carried_file()
    refuse_unusable(form, raw)
    if form.wrong:
        return _page(form, b""), 422
    try:
        with request_context.writing() as session:
            saved = save_lab_import(
                session,
                request_context.library(),
                request_context.keyring(),
                _lab_file(form, raw),
                seen=form.typed.get("seen", ""),
                by=staff_actor(request_context.current_staff()),
                now=request_context.now(),
            )
    except HistoryChanged:
        return _page(form, raw, _preview(form, raw), overtaken=True), 409
    except UnsoundTable:
        return _page(form, raw, _preview(form, raw)), 422
    flash(_("Saved. %(what)s", what=_total(saved)))
    return redirect(url_for("staff.patients"), 303)


def _panel() -> Panel:
    library = request_context.library()
    panel = library.panel_of(library.protocol(request_context.parts().settings.protocol))
    if panel is None:
        abort(404)
    return panel


def _lab_file(form: Form, raw: bytes) -> LabFile:
    table = read_lab_table(raw, day_first=form.ticked("day_first"))
    reason = form.typed.get("reason", "").strip()
    return LabFile(table, request_context.current_staff().site_id, reason or None)


def _preview(form: Form, raw: bytes) -> LabImport:
    with request_context.reading() as session:
        return preview_lab_import(
            session,
            request_context.library(),
            request_context.keyring(),
            _lab_file(form, raw),
            now=request_context.now(),
        )


def _page(
    form: Form, raw: bytes, found: LabImport | None = None, *, overtaken: bool = False
) -> str:
    """The page to choose a file on, or with what the file adds."""
    shown: dict[str, Any] = {"patients": [], "total": ""}
    if found and found.news and not found.faults:
        shown = {"patients": _patients(found), "total": _total(found)}
    return render_template(
        "staff/imports/labs.html",
        form=form,
        found=found,
        panel=_panel(),
        content=urlsafe_b64encode(raw).decode(),
        file_name=name_of_file(form),
        sentence=_sentence,
        most=MOST_FAULTS,
        overtaken=overtaken,
        **shown,
    )


def _patients(found: LabImport) -> list[ImportedPatient]:
    ids = [effect.patient.id for effect in found.news]
    with request_context.reading() as session:
        names = names_of(session, request_context.keyring(), ids)
    return [
        ImportedPatient(
            effect.patient.code,
            names[effect.patient.id],
            ", ".join(effect.named_as),
            tuple(_rows(effect)),
        )
        for effect in found.news
    ]


def _rows(effect: LabEffect) -> Iterator[ImportedRow]:
    for step in effect.steps:
        yield ImportedRow(step.row.line, _said(effect, step), step.news.corrects)


def _said(effect: LabEffect, step: LabStep) -> str:
    entry = step.news.entry
    test = effect.basis.panel.tests[entry.test]
    return _(
        "%(test)s %(value)s %(unit)s on %(day)s, upper limit %(limit)s",
        test=titled(test.title),
        value=amount(entry.value),
        unit=test.unit,
        day=short_day(entry.taken_on),
        limit=amount(entry.upper_limit),
    )


def _sentence(fault: LabFault) -> str:
    """What is wrong, in the reader's language."""
    return gettext(fault.sentence, **fault.slots)


def _total(found: LabImport) -> str:
    counts = found.counts()
    values = ngettext("%(num)s value", "%(num)s values", counts["new"])
    corrected = ngettext("%(num)s correction", "%(num)s corrections", counts["corrected"])
    patients = ngettext("%(num)s patient", "%(num)s patients", counts["patients"])
    return _(
        "%(patients)s: %(new)s new, %(corrected)s.",
        patients=patients,
        new=values,
        corrected=corrected,
    )
