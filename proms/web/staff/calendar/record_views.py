"""Recording what happened: looked at beforehand, in words and dates, then saved."""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from proms.actions.history import Preview, pause, preview_entry, record_entry
from proms.actions.refusals import HistoryChanged, Incomplete, PatientInactive
from proms.actions.schedule import protocol_of
from proms.db.queries.calendar_page import unsent_of
from proms.db.queries.history import history_of
from proms.db.queries.patient_page import assignments_of
from proms.db.tables import Patient
from proms.domain.person import Role
from proms.domain.protocol import Protocol
from proms.domain.schedule import ChangeSummary, History, summarise
from proms.domain.schedule.history_entry import HistoryEntry, history_with
from proms.domain.schedule.history_errors import UnsoundHistory
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.staff.calendar import preview as outlooks
from proms.web.staff.calendar.comparison import BeforeAndAfter, compare_calendars
from proms.web.staff.calendar.packs import packs_of
from proms.web.staff.calendar.preview import EntryPreview
from proms.web.staff.calendar.record_form import MessagePause, entry_sentence, read
from proms.web.staff.calendar.views import calendar_page
from proms.web.staff.forms import LONGEST_NUMBER, Form
from proms.web.staff.labels import vocabulary
from proms.web.staff.layout import zone
from proms.web.staff.routes import staff

SAVED_APART = ("csrf_token", "revision", "reason", "seen")
NOTHING = ChangeSummary((), {})


@staff.post("/patients/<code>/preview")
@staff_only(Role.COORDINATOR)
def preview(code: str) -> ResponseReturnValue:
    """What it would do, before anything is saved."""
    form = Form(request.form)
    outlook = _outlook(code, form)
    if outlook is None:
        return calendar_page(code, form), 422
    return _page(code, form, outlook)


@staff.post("/patients/<code>/history")
@staff_only(Role.COORDINATOR)
def save(code: str) -> ResponseReturnValue:
    """Save it with all it moves; if somebody saved in between, show the new preview."""
    form = Form(request.form)
    outlook = _outlook(code, form)
    if outlook is None:
        return calendar_page(code, form), 422
    reason = form.brief("reason")
    if outlook.asks_why and not reason:
        if _revision(form) != outlook.revision:
            return _page(code, form, outlook, changed=True), 409
        form.wrong["reason"] = _("Give the reason in a few words.")
    if form.wrong:
        return _page(code, form, outlook), 422
    try:
        _save(code, form, reason)
    except HistoryChanged:
        return _page(code, form, outlook, changed=True), 409
    except Incomplete as refusal:
        form.refuse(refusal)
        return calendar_page(code, form), 422
    flash(_("Saved. %(what)s", what=outlook.sentence))
    return redirect(
        url_for("staff.calendar", code=code, _anchor="content"), 303
    )  # else the form's own would be kept


def _save(code: str, form: Form, reason: str) -> None:
    me, now = request_context.current_staff(), request_context.now()
    with request_context.writing() as session:
        owner = own_patient(session, code)
        said = read(form, _protocol(owner), history_of(session, owner))
        if isinstance(said, MessagePause):
            pause(
                session, patient_id=owner.id or 0, until=said.until, reason=reason, by=me, now=now
            )
        elif said is not None:
            record_entry(
                session,
                request_context.library(),
                patient_id=owner.id or 0,
                entry=said,
                revision=_revision(form),
                reason=reason or form.typed.get("why", "").strip(),
                by=me,
                now=now,
            )


def _outlook(code: str, form: Form) -> EntryPreview | None:
    """What saving would do; None, with sentences in the form, when it cannot be saved at all."""
    with request_context.reading() as session:
        owner = own_patient(session, code)
        history = history_of(session, owner)
        protocol = _protocol(owner)
        said = read(form, protocol, history)
        if said is None:
            return None
        if isinstance(said, MessagePause):
            return _of_pause(owner, said, form, entry_sentence(said, protocol, history))
        try:
            seen = preview_entry(
                session,
                request_context.library(),
                patient=owner,
                entry=said,
                now=request_context.now(),
            )
        except (UnsoundHistory, PatientInactive) as refusal:
            form.wrong["history"] = vocabulary.refused(refusal)
            _tell_of_others(session, owner, history, form)
            return None
        return _of_amendment(session, owner, history, said, seen)


def _of_pause(owner: Patient, said: MessagePause, form: Form, sentence: str) -> EntryPreview | None:
    if said.until and said.until < _today():
        form.wrong["until"] = _("A pause ends today or later.")
        return None
    return EntryPreview(sentence, NOTHING, (), {}, 0, "", owner.revision)


def _of_amendment(
    session: Session, owner: Patient, history: History, said: HistoryEntry, seen: Preview
) -> EntryPreview:
    protocol, description = _protocol(owner), summarise(seen.changes)
    after = history_with(history, said, _today())
    events = outlooks.titles(protocol_of(request_context.library(), owner), description.lines)
    packs = packs_of(request_context.library(), protocol, assignments_of(session, owner))
    both = BeforeAndAfter(protocol, history, after, packs, _today())
    return EntryPreview(
        sentence=entry_sentence(said, protocol, history),
        description=description,
        cycles=outlooks.cycle_shifts(protocol, history, after, _today()),
        titles=events,
        unsent=unsent_of(session, owner, seen.changes),
        doubt=vocabulary.unsound(seen.doubt) if seen.doubt else "",
        revision=seen.revision,
        drawn=compare_calendars(both, description, events),
        overturns=seen.overturns,
        altered=outlooks.altered_cycle(history, said),
    )


def _tell_of_others(session: Session, owner: Patient, history: History, form: Form) -> None:
    """What a colleague saved since the preview may be why this cannot be any more."""
    if "revision" not in form.typed:
        return
    saved = outlooks.saved_since(session, owner, _protocol(owner), history, _revision(form))
    if sentences := " ".join(sentence for each in saved for sentence in each.sentences):
        form.wrong["changed"] = _(
            "A colleague has saved since your preview: %(what)s", what=sentences
        )


def _page(code: str, form: Form, outlook: EntryPreview, *, changed: bool = False) -> str:
    """The preview; if somebody saved in between, with what that was and what it makes different."""
    with request_context.reading() as session:
        owner = own_patient(session, code)
        saved = []
        if changed:
            history = history_of(session, owner)
            saved = outlooks.saved_since(session, owner, _protocol(owner), history, _revision(form))
    carried = {name: value for name, value in form.typed.items() if name not in SAVED_APART}
    back = {name: value for name, value in carried.items() if value}
    return render_template(
        "staff/calendar/preview.html",
        patient=owner,
        form=form,
        outlook=outlook,
        carried=carried,
        back=back,
        changed=changed,
        saved=saved,
        differences=outlooks.differences(form.typed.get("seen", ""), outlook.description)
        if changed
        else [],
        today=_today(),
    )


def _revision(form: Form) -> int:
    """The revision the form's preview was made on; -1, which none has, where it does not read."""
    text = form.typed.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER else -1


def _protocol(owner: Patient) -> Protocol:
    return request_context.library().protocol(owner.protocol, owner.protocol_version)


def _today() -> date:
    return request_context.now().astimezone(zone()).date()
