"""Recording what happened: looked at beforehand, in words and dates, then saved."""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from proms.actions.audit import staff_actor
from proms.actions.history import preview_entry, record_entry
from proms.actions.pauses import pause
from proms.actions.refusals import HistoryChanged, Incomplete, PatientInactive
from proms.db.queries.history import history_of
from proms.db.tables import Patient
from proms.domain.person import Role
from proms.domain.protocol import Protocol
from proms.domain.schedule import History
from proms.domain.schedule.history_entry import history_with
from proms.domain.schedule.history_errors import UnsoundHistory
from proms.web import language_switch, request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.calendar.earlier_preview import (
    ChangedSince,
    SavedByColleague,
    differences,
    saved_since,
)
from proms.web.staff.calendar.preview import EntryPreview, entry_preview, pause_preview
from proms.web.staff.calendar.record_form import MessagePause, read_entry
from proms.web.staff.calendar.views import calendar_page
from proms.web.staff.forms import LONGEST_NUMBER, Form
from proms.web.staff.labels import history as history_labels
from proms.web.staff.layout import zone
from proms.web.staff.routes import staff

SAVED_APART = ("csrf_token", "revision", "reason", "seen", language_switch.FIELD)


@staff.post("/patients/<code>/preview")
@staff_only(Role.COORDINATOR)
@keeps_typed(lambda code: calendar_page(code, Form(request.form)))
def preview(code: str) -> ResponseReturnValue:
    """What it would do, before anything is saved."""
    form = Form(request.form)
    shown = _preview(code, form)
    if shown is None:
        return calendar_page(code, form), 422
    return _preview_page(code, form, shown)


@staff.post("/patients/<code>/history")
@staff_only(Role.COORDINATOR)
@keeps_typed(lambda code: _preview_as_typed(code))
def save(code: str) -> ResponseReturnValue:
    """Save it with all it moves; if somebody saved in between, show the new preview."""
    form = Form(request.form)
    shown = _preview(code, form)
    if shown is None:
        return calendar_page(code, form), 422
    reason = form.brief("reason")
    if shown.asks_why and not reason:
        # She is asked for a reason only for what she has seen: a stale preview is shown anew.
        if _revision(form) != shown.revision:
            return _preview_page(code, form, shown, changed=True), 409
        form.wrong["reason"] = _("Give the reason in a few words.")
    if form.wrong:
        return _preview_page(code, form, shown), 422
    try:
        _save(code, form, reason)
    except HistoryChanged:
        return _preview_page(code, form, shown, changed=True), 409
    except Incomplete as refusal:
        form.refuse(refusal)
        return calendar_page(code, form), 422
    flash(_("Saved. %(what)s", what=shown.sentence))
    # Without an anchor of its own the browser would keep the form's.
    return redirect(url_for("staff.calendar", code=code, _anchor="content"), 303)


def _preview_as_typed(code: str) -> ResponseReturnValue:
    """The preview once more, with the reason she was writing."""
    form = Form(request.form)
    shown = _preview(code, form)
    if shown is None:
        return calendar_page(code, form), 422
    return _preview_page(code, form, shown)


def _save(code: str, form: Form, reason: str) -> None:
    # The form is read again, on the history as it is inside the transaction that writes.
    me = request_context.current_staff()
    now = request_context.now()
    with request_context.writing() as session:
        owner = own_patient(session, code)
        entry = read_entry(form, _protocol(owner), history_of(session, owner))
        if entry is None:
            return
        if isinstance(entry, MessagePause):
            pause(
                session,
                request_context.library(),
                patient=owner,
                until=entry.until,
                first=entry.first,
                reason=reason,
                by=staff_actor(me),
                now=now,
            )
            return
        record_entry(
            session,
            request_context.library(),
            patient_id=owner.id or 0,
            entry=entry,
            revision=_revision(form),
            reason=reason or form.typed.get("why", "").strip(),
            by=me,
            now=now,
        )


def _preview(code: str, form: Form) -> EntryPreview | None:
    """What saving would do; None, with sentences in the form, when it cannot be saved at all."""
    with request_context.reading() as session:
        owner = own_patient(session, code)
        history = history_of(session, owner)
        protocol = _protocol(owner)
        entry = read_entry(form, protocol, history)
        if entry is None:
            return None
        if isinstance(entry, MessagePause):
            if entry.until and entry.until < _today():
                form.wrong["until"] = _("A pause ends today or later.")
                return None
            return pause_preview(owner, entry, protocol, history)
        try:
            preview = preview_entry(
                session,
                request_context.library(),
                patient=owner,
                entry=entry,
                now=request_context.now(),
            )
        except Incomplete as refusal:
            form.refuse(refusal)
            return None
        except (UnsoundHistory, PatientInactive) as refusal:
            after = history_with(history, entry, _today())
            form.wrong["history"] = history_labels.refused(refusal, protocol, after)
            _tell_of_others(session, owner, history, form)
            return None
        return entry_preview(session, owner, history, entry, preview=preview, today=_today())


def _tell_of_others(session: Session, owner: Patient, history: History, form: Form) -> None:
    """What a colleague saved since the preview may be why this cannot be any more."""
    if "revision" not in form.typed:
        return
    sentences: list[str] = []
    for saved in saved_since(session, owner, _protocol(owner), history, _revision(form)):
        sentences.extend(saved.sentences)
    if sentences:
        form.wrong["changed"] = _(
            "A colleague has saved something since your preview: %(what)s", what=" ".join(sentences)
        )


def _preview_page(code: str, form: Form, shown: EntryPreview, *, changed: bool = False) -> str:
    """The preview; if somebody saved in between, with what that was and what it makes different."""
    saved: list[SavedByColleague] = []
    different: list[ChangedSince] = []
    with request_context.reading() as session:
        owner = own_patient(session, code)
        if changed:
            history = history_of(session, owner)
            saved = saved_since(session, owner, _protocol(owner), history, _revision(form))
            different = differences(form.typed.get("seen", ""), shown.description)
    carried = {name: value for name, value in form.typed.items() if name not in SAVED_APART}
    back = {name: value for name, value in carried.items() if value}
    return render_template(
        "staff/calendar/preview.html",
        patient=owner,
        form=form,
        outlook=shown,
        carried=carried,
        back=back,
        changed=changed,
        saved=saved,
        differences=different,
        today=_today(),
    )


def _revision(form: Form) -> int:
    """The revision the form's preview was made on; -1, which none has, where it does not read."""
    text = form.typed.get("revision", "")
    if text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER:
        return int(text)
    return -1


def _protocol(owner: Patient) -> Protocol:
    return request_context.library().protocol(owner.protocol, owner.protocol_version)


def _today() -> date:
    return request_context.now().astimezone(zone()).date()
