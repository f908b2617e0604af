"""The call list: who has not answered after the last message, and a page for each call."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from proms.actions.pack_calls import (
    CallNote,
    UnansweredPack,
    call_list,
    note_call,
    packs_of_one_call,
    packs_to_call,
)
from proms.actions.page_views import note_contact_shown, note_view
from proms.actions.refusals import Incomplete
from proms.db.queries.patients import Person, names_of, person
from proms.db.queries.people import names_of_staff
from proms.db.tables import PackCall
from proms.domain.calls import PackCallOutcome
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.staff.forms import Form
from proms.web.staff.labels.moments import moment_in_words
from proms.web.staff.layout import CARERS, zone
from proms.web.staff.patient.open_now import Fillable, fillable
from proms.web.staff.routes import staff


@dataclass(frozen=True)
class Line:
    """One pack to call about, with who she is and who called last."""

    pack: UnansweredPack
    name: str
    moment: str
    called_by: str

    @property
    def last_call(self) -> PackCall | None:
        return self.pack.last_call


@staff.get("/call-list")
@staff_only(*CARERS)
def call_list_page() -> ResponseReturnValue:
    """Who is to be called now, and who later: on the screen, or printed."""
    now = request_context.now()
    me = request_context.current_staff()
    with request_context.reading() as session:
        packs = call_list(session, request_context.library(), me.site_id, now=now)
        lines = _lines(session, packs)
    return render_template(
        "staff/call_list/call_list.html",
        due=[line for line in lines if line.pack.call_from <= now],
        later=[line for line in lines if line.pack.call_from > now],
        now=now,
    )


@staff.get("/call-list/<code>/<event>/<int:number>")
@staff_only(*CARERS)
def call_page(code: str, event: str, number: int) -> ResponseReturnValue:
    """One pack to call about; that it was looked at is on record."""
    today = request_context.now().astimezone(zone()).date()
    form = Form({"again_on": today.isoformat()})
    return _page(code, event, number, form, view="call")


@staff.post("/call-list/<code>/<event>/<int:number>/contact")
@staff_only(*CARERS)
def show_number_to_call(code: str, event: str, number: int) -> ResponseReturnValue:
    """The same page with the number or address on it, and with what was typed; that it was shown is
    on record."""
    return _page(code, event, number, Form(request.form), contact=True)


@staff.post("/call-list/<code>/<event>/<int:number>")
@staff_only(*CARERS)
@keeps_typed(lambda code, event, number: _page(code, event, number, Form(request.form)))
def note_pack_call(code: str, event: str, number: int) -> ResponseReturnValue:
    """Keep what came of the call."""
    form = Form(request.form)
    noted = _noted(form)
    if noted is None:
        return _page(code, event, number, form), 422
    now = request_context.now()
    me = request_context.current_staff()
    try:
        with request_context.writing() as session:
            patient = own_patient(session, code)
            hers = packs_to_call(session, request_context.library(), patient, now=now)
            packs = packs_of_one_call(hers, event, number, noted.outcome, now)
            note_call(session, packs, noted, by=me, now=now)
    except Incomplete as refusal:
        form.refuse(refusal)
        return _page(code, event, number, form), 422
    flash(_("Noted: %(code)s.", code=code))
    return redirect(url_for("staff.call_list_page"), 303)


def _noted(form: Form) -> CallNote | None:
    """What the form says of the call; None, with a sentence at each field, where it does not
    read."""
    outcome = form.choice("outcome_of_call", PackCallOutcome)
    note = form.typed.get("note", "")
    again_at = None
    if outcome is PackCallOutcome.NO_ANSWER:
        again_at = _again_at(form)
    if form.wrong or outcome is None:
        return None
    return CallNote(outcome, note, again_at)


def _again_at(form: Form) -> datetime | None:
    """The day and time at the site at which it is tried again."""
    day = form.day("again_on")
    text = form.typed.get("again_time", "").strip()
    try:
        hour = time.fromisoformat(text)
    except ValueError:
        form.wrong.setdefault("again_time", _("Fill in a time, like 14:30."))
        return None
    if day is None:
        return None
    return datetime.combine(day, hour.replace(tzinfo=None), zone()).astimezone(UTC)


def _page(
    code: str, event: str, number: int, form: Form, *, view: str = "", contact: bool = False
) -> str:
    now = request_context.now()
    me = request_context.current_staff()
    who: Person | None = None
    with request_context.writing() as session:
        patient = own_patient(session, code)
        hers = packs_to_call(session, request_context.library(), patient, now=now)
        pack = packs_of_one_call(hers, event, number, PackCallOutcome.LEAVE, now)[0]
        [line] = _lines(session, [pack])
        forms = _to_fill_in(session, pack)
        if contact:
            who = person(session, request_context.keyring(), patient)
            note_contact_shown(session, patient=patient, by=me, now=now)
        if view:
            note_view(session, patient=patient, page=view, by=me, now=now)
    return render_template(
        "staff/call_list/call.html",
        line=line,
        who=who,
        form=form,
        forms=forms,
        now=now,
    )


def _to_fill_in(session: Session, pack: UnansweredPack) -> list[Fillable]:
    """What of the pack this person may fill in with her."""
    role = request_context.current_staff().role
    return [
        each
        for each in fillable(session, pack.patient, role)  # type: ignore[arg-type]
        if (each.event, each.number) == (pack.event, pack.number)
    ]


def _lines(session: Session, packs: list[UnansweredPack]) -> list[Line]:
    me, library = request_context.current_staff(), request_context.library()
    keyring = request_context.keyring()
    names = names_of(session, keyring, [pack.patient.id for pack in packs])
    staff_names = names_of_staff(session, keyring, me.site_id)
    lines = []
    for pack in packs:
        patient = pack.patient
        protocol = library.protocol(patient.protocol, patient.protocol_version)
        moment = moment_in_words(protocol, pack.event, pack.number)
        by = staff_names.get(pack.last_call.called_by, "") if pack.last_call else ""
        lines.append(Line(pack, names.get(patient.id, ""), moment, by))
    return lines
