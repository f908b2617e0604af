"""A file of cycles and milestones: looked at, then saved as a whole, or without the lines that are
refused where somebody says so, or not at all."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_translations, gettext, ngettext
from flask_babel import gettext as _
from sqlmodel import Session

from proms.actions.audit import staff_actor
from proms.actions.history_import import (
    Import,
    ImportEffect,
    ImportFile,
    preview_import,
    save_import,
)
from proms.actions.refusals import HistoryChanged
from proms.actions.rows_by_patient import UnsoundTable
from proms.content.history_table import read_table
from proms.db.queries.patient_page import assignments_of
from proms.db.queries.patients import names_of
from proms.domain.history_import.example import example_file
from proms.domain.history_import.fault import SENTENCES, Fault, FaultCode
from proms.domain.person import Role
from proms.domain.schedule import ChangeSummary, summarise
from proms.domain.schedule.change_summary import summary_sentence
from proms.web import request_context
from proms.web.body_limits import takes_up_to
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.calendar import earlier_preview, preview
from proms.web.staff.calendar.comparison import (
    BeforeAndAfter,
    CalendarComparison,
    compare_calendars,
)
from proms.web.staff.calendar.packs import packs_of
from proms.web.staff.calendar.record_form import entry_sentence
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
from proms.web.staff.labels.history import refused
from proms.web.staff.labels.moments import moment_in_words
from proms.web.staff.layout import zone
from proms.web.staff.routes import staff

# A calendar weighs 3 KB and more, compressed; a file may name every patient of a site.
MOST_DRAWN = 20
REVISION = re.compile(r"(\w{1,16}):(\d{1,9})", re.ASCII)


@dataclass(frozen=True)
class ImportedPatient:
    """What the file does to one patient; `named_as` is what the file calls her."""

    code: str
    name: str
    named_as: str
    rows: tuple[ImportedRow, ...]
    summary: str
    cycles: tuple[preview.CycleShift, ...]
    description: ChangeSummary
    titles: dict[str, str]
    moment: preview.Moment
    drawn: CalendarComparison | None


@staff.get("/import")
@staff_only(Role.COORDINATOR)
def import_form() -> ResponseReturnValue:
    """Choose a file."""
    return _page(Form({}), b"")


@staff.get("/import/template.csv")
@staff_only(Role.COORDINATOR)
def import_template() -> ResponseReturnValue:
    """The columns, with a line of each kind."""
    library = request_context.library()
    return Response(
        example_file(library.protocol(request_context.parts().settings.protocol)),
        content_type=CSV,
        headers={"Content-Disposition": 'attachment; filename="import.csv"'},
    )


@staff.post("/import/preview")
@takes_up_to(LARGEST_BODY, with_file=LARGEST_UPLOAD)
@staff_only(Role.COORDINATOR)
@keeps_typed(lambda: _page(Form(request.form), carried_file()))
def look_at_import() -> ResponseReturnValue:
    """What the file would do, or every fault in it; nothing is saved."""
    form, raw = Form(request.form), carried_file()
    refuse_unusable(form, raw)
    if form.wrong:
        return _page(form, b""), 422
    found = _preview(form, raw)
    status = 422 if found.stopped else 200
    return _page(form, raw, found), status


@staff.post("/import")
@takes_up_to(LARGEST_BODY)
@staff_only(Role.COORDINATOR)
@keeps_typed(
    lambda: _page(Form(request.form), carried_file(), _preview(Form(request.form), carried_file()))
)
def save_file() -> ResponseReturnValue:
    """Save it as it was looked at; if somebody saved in between, show what that was and the new
    preview."""
    form, raw = Form(request.form), carried_file()
    refuse_unusable(form, raw)
    if form.wrong:
        return _page(form, b""), 422
    seen = {code: int(number) for code, number in REVISION.findall(form.typed.get("revisions", ""))}
    try:
        with request_context.writing() as session:
            saved = save_import(
                session,
                request_context.library(),
                request_context.keyring(),
                _import_file(form, raw),
                revisions=seen,
                by=staff_actor(request_context.current_staff()),
                now=request_context.now(),
            )
    except HistoryChanged:
        return _page(form, raw, _preview(form, raw), seen=seen), 409
    except UnsoundTable:
        return _page(form, raw, _preview(form, raw), seen=seen), 422
    flash(_("Saved. %(what)s", what=_total(saved)))
    if saved.left_out:
        left_out = ngettext(
            "Left out, and not saved: row %(rows)s.",
            "Left out, and not saved: rows %(rows)s.",
            len(saved.left_out),
            rows=", ".join(map(str, saved.left_out)),
        )
        flash(left_out)
    return redirect(url_for("staff.patients"), 303)


def _import_file(form: Form, raw: bytes) -> ImportFile:
    table = read_table(raw, day_first=form.ticked("day_first"))
    reason = form.typed.get("reason", "").strip()
    return ImportFile(
        table,
        request_context.current_staff().site_id,
        reason or None,
        without_refused=form.ticked("without_refused"),
    )


def _preview(form: Form, raw: bytes) -> Import:
    with request_context.reading() as session:
        return preview_import(
            session,
            request_context.library(),
            request_context.keyring(),
            _import_file(form, raw),
            now=request_context.now(),
        )


def _page(
    form: Form, raw: bytes, found: Import | None = None, *, seen: Mapping[str, int] | None = None
) -> str:
    """The page to choose a file on, or with what the file does; `seen` are the revisions at an
    earlier look, since which somebody may have saved."""
    effects: dict[str, Any] = {"patients": [], "saved": {}, "revisions": "", "total": ""}
    if found:
        effects = _effects(found, seen or {})
    return render_template(
        "staff/imports/history.html",
        form=form,
        found=found,
        content=urlsafe_b64encode(raw).decode(),
        file_name=name_of_file(form),
        sentence=_fault_sentence(found),
        most=MOST_FAULTS,
        changed=bool(effects["saved"]),
        **effects,
    )


def _effects(found: Import, seen: Mapping[str, int]) -> dict[str, Any]:
    """What the page shows of a file that was looked at; of one with faults only those."""
    patients = []
    with request_context.reading() as session:
        saved = dict(_saved_since(session, found, seen))
        if not found.stopped:
            ids = [effect.patient.id for effect in found.news]
            names = names_of(session, request_context.keyring(), ids)
            for place, effect in enumerate(found.news):
                name = names[effect.patient.id]
                patients.append(_imported_patient(session, effect, name, drawn=place < MOST_DRAWN))
    revisions = [f"{code}:{revision}" for code, revision in found.revisions.items()]
    return {
        "patients": patients,
        "saved": saved,
        "revisions": " ".join(revisions),
        "total": _total(found),
    }


def _saved_since(
    session: Session, found: Import, seen: Mapping[str, int]
) -> Iterator[tuple[str, list[earlier_preview.SavedByColleague]]]:
    """What colleagues have saved of each patient since she was looked at."""
    for effect in found.effects:
        patient, basis = effect.patient, effect.basis
        revision = seen.get(patient.code, patient.revision)
        if revision != patient.revision:
            saved = earlier_preview.saved_since(
                session, patient, basis.protocol, basis.history, revision
            )
            yield patient.code, saved


def _imported_patient(
    session: Session, effect: ImportEffect, name: str, *, drawn: bool
) -> ImportedPatient:
    today = request_context.now().astimezone(zone()).date()
    protocol, before = effect.basis.protocol, effect.basis.history
    description = summarise(effect.changes)
    titles = preview.titles(protocol, description.lines)
    calendar = None
    if drawn:
        assignments = assignments_of(session, effect.patient)
        packs = packs_of(request_context.library(), protocol, assignments, request_context.now())
        both = BeforeAndAfter(protocol, before, effect.after, packs, today)
        calendar = compare_calendars(both, description, titles)
    return ImportedPatient(
        code=effect.patient.code,
        name=name,
        named_as=", ".join(effect.named_as),
        rows=tuple(_imported_rows(effect)),
        summary=summary_sentence(get_translations(), description, effect.unsent),
        cycles=preview.cycle_shifts(protocol, before, effect.after, today),
        description=description,
        titles=titles,
        moment=partial(moment_in_words, protocol),
        drawn=calendar,
    )


def _imported_rows(effect: ImportEffect) -> Iterator[ImportedRow]:
    for step in effect.steps:
        sentence = entry_sentence(step.entry, effect.basis.protocol, effect.after)
        yield ImportedRow(step.row.line, sentence, step.corrects)


def _total(found: Import) -> str:
    counts = found.counts()
    patients = ngettext("%(num)s patient changes", "%(num)s patients change", counts["patients"])
    return _(
        "%(patients)s: %(new)s new, %(corrected)s corrected.",
        patients=patients,
        new=counts["new"],
        corrected=counts["corrected"],
    )


def _fault_sentence(found: Import | None) -> Callable[[Fault], str]:
    """What is wrong, in the reader's language; what the protocol has against a history is told in
    the words of the patient it is about."""
    effects = found.effects if found else ()
    by_line = {line: effect for effect in effects for line in effect.lines}

    def sentence(fault: Fault) -> str:
        problem = fault.problem
        if isinstance(problem, FaultCode):
            return gettext(SENTENCES[problem], **fault.slots)
        effect = by_line[fault.line]
        said = refused(problem, effect.basis.protocol, effect.after)
        if problem.may_confirm:
            return _("%(what)s If it is right, give the reason in this row.", what=said)
        return said

    return sentence
