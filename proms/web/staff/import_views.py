"""A file of cycles and milestones: looked at, then saved as a whole or not at all."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
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
    UnsoundTable,
    preview_import,
    save_import,
)
from proms.actions.refusals import HistoryChanged
from proms.content.history_table import TEMPLATE, read_table
from proms.db.queries.patient_page import assignments_of
from proms.domain.history_import.fault import SENTENCES, Fault, FaultCode
from proms.domain.person import Role
from proms.domain.schedule import ChangeSummary, summarise
from proms.domain.schedule.change_summary import summary_sentence
from proms.web import request_context
from proms.web.body_limits import takes_up_to
from proms.web.guard import staff_only
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
from proms.web.staff.labels import vocabulary
from proms.web.staff.layout import zone
from proms.web.staff.routes import staff

LARGEST_FILE = 1_000_000
LARGEST_BODY = 1_500_000  # the file travels on in the page in base64, so that nothing of it is kept before it is saved
MOST_FAULTS = 200
MOST_DRAWN = (
    20  # a calendar weighs 3 KB and more, compressed; a file may name every patient of a site
)
REVISION = re.compile(r"(\w{1,16}):(\d{1,9})", re.ASCII)


@dataclass(frozen=True)
class ImportedFact:
    """One line of the file that says something new."""

    line: int
    sentence: str
    corrects: bool


@dataclass(frozen=True)
class ImportedPatient:
    """What the file does to one patient."""

    code: str
    facts: tuple[ImportedFact, ...]
    summary: str
    cycles: tuple[preview.CycleShift, ...]
    description: ChangeSummary
    titles: dict[str, str]
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
    return Response(
        TEMPLATE,
        content_type=CSV,
        headers={"Content-Disposition": 'attachment; filename="import.csv"'},
    )


@staff.post("/import/preview")
@takes_up_to(LARGEST_BODY)
@staff_only(Role.COORDINATOR)
def look_at_import() -> ResponseReturnValue:
    """What the file would do, or every fault in it; nothing is saved."""
    form, raw = Form(request.form), _file()
    _refuse_unusable(form, raw)
    if form.wrong:
        return _page(form, b""), 422
    found = _look(form, raw)
    return _page(form, raw, found), 422 if found.faults else 200


@staff.post("/import")
@takes_up_to(LARGEST_BODY)
@staff_only(Role.COORDINATOR)
def save_file() -> ResponseReturnValue:
    """Save it as it was looked at; if somebody saved in between, show what that was and the new
    preview."""
    form, raw = Form(request.form), _file()
    _refuse_unusable(form, raw)
    if form.wrong:
        return _page(form, b""), 422
    seen = {code: int(number) for code, number in REVISION.findall(form.typed.get("revisions", ""))}
    try:
        with request_context.writing() as session:
            done = save_import(
                session,
                request_context.library(),
                request_context.keyring(),
                _sheet(form, raw),
                revisions=seen,
                by=staff_actor(request_context.current_staff()),
                now=request_context.now(),
            )
    except HistoryChanged:
        return _page(form, raw, _look(form, raw), changed_since=seen), 409
    except UnsoundTable:
        return _page(form, raw, _look(form, raw), changed_since=seen), 422
    flash(_("Saved. %(what)s", what=_total(done)))
    return redirect(url_for("staff.patients"), 303)


def _file() -> bytes:
    """The file that was chosen, else the one that the page carries."""
    chosen = request.files.get("file")
    raw = chosen.read() if chosen else b""
    try:
        return raw or urlsafe_b64decode(request.form.get("content", ""))
    except (Error, ValueError):
        return b""


def _name(form: Form) -> str:
    chosen = request.files.get("file")
    return ((chosen.filename if chosen else "") or form.typed.get("file_name", ""))[-100:]


def _refuse_unusable(form: Form, raw: bytes) -> None:
    if not raw:
        form.wrong["file"] = _("Choose a file.")
    if len(raw) > LARGEST_FILE:
        form.wrong["file"] = _("This file is larger than 1 MB. Split it.")
    form.brief("reason")


def _sheet(form: Form, raw: bytes) -> ImportFile:
    table = read_table(raw, day_first=form.ticked("day_first"))
    return ImportFile(
        table, request_context.current_staff().site_id, form.typed.get("reason", "").strip() or None
    )


def _look(form: Form, raw: bytes) -> Import:
    with request_context.reading() as session:
        return preview_import(
            session,
            request_context.library(),
            request_context.keyring(),
            _sheet(form, raw),
            now=request_context.now(),
        )


def _page(
    form: Form,
    raw: bytes,
    found: Import | None = None,
    *,
    changed_since: dict[str, int] | None = None,
) -> str:
    saved, told = {}, []
    with request_context.reading() as session:
        if found and changed_since:
            saved = dict(_saved(session, found, changed_since))
        if found and not found.faults:
            told = [
                _told(session, effect, drawn=place < MOST_DRAWN)
                for place, effect in enumerate(found.news)
            ]
    return render_template(
        "staff/import.html",
        form=form,
        found=found,
        content=urlsafe_b64encode(raw).decode(),
        file_name=_name(form),
        revisions=" ".join(f"{code}:{number}" for code, number in found.revisions.items())
        if found
        else "",
        patients=told,
        total=_total(found) if found else "",
        sentence=_sentence,
        most=MOST_FAULTS,
        changed=changed_since is not None and bool(saved),
        saved=saved,
    )


def _saved(session: Session, found: Import, since: dict[str, int]) -> Any:
    for effect in found.effects:
        code = effect.patient.code
        if effect.patient.revision != since.get(code, effect.patient.revision):
            yield (
                code,
                earlier_preview.saved_since(
                    session,
                    effect.patient,
                    effect.basis.protocol,
                    effect.basis.history,
                    since[code],
                ),
            )


def _told(session: Session, effect: ImportEffect, *, drawn: bool) -> ImportedPatient:
    today = request_context.now().astimezone(zone()).date()
    protocol, description = effect.basis.protocol, summarise(effect.changes)
    titles = preview.titles(protocol, description.lines)
    packs = (
        packs_of(request_context.library(), protocol, assignments_of(session, effect.patient))
        if drawn
        else ()
    )
    both = BeforeAndAfter(protocol, effect.basis.history, effect.after, packs, today)
    return ImportedPatient(
        code=effect.patient.code,
        facts=tuple(
            ImportedFact(
                step.row.line, entry_sentence(step.entry, protocol, effect.after), step.corrects
            )
            for step in effect.steps
        ),
        summary=summary_sentence(get_translations(), description, effect.unsent),
        cycles=preview.cycle_shifts(protocol, effect.basis.history, effect.after, today),
        description=description,
        titles=titles,
        drawn=compare_calendars(both, description, titles) if drawn else None,
    )


def _total(found: Import) -> str:
    counts = found.counts()
    patients = ngettext("%(num)s patient changes", "%(num)s patients change", counts["patients"])
    return _(
        "%(patients)s: %(new)s new, %(corrected)s corrected.",
        patients=patients,
        new=counts["new"],
        corrected=counts["corrected"],
    )


def _sentence(fault: Fault) -> str:
    """What is wrong, in the reader's language."""
    problem = fault.problem
    if isinstance(problem, FaultCode):
        return gettext(SENTENCES[problem], **fault.slots)
    sentence = vocabulary.unsound(problem)
    if problem.may_confirm:
        return _("%(what)s If it is so, give the reason in this row.", what=sentence)
    return sentence
