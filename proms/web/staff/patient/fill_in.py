"""A member of staff fills in for a patient, on the telephone or from paper: every question on one
page, and where that page is offered."""

from datetime import date
from functools import partial

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from proms.actions.drafts import refuse_unless_open
from proms.actions.fill_in import TypedIn, fill_in, fill_in_extra, refuse_other_day
from proms.actions.refusals import (
    AlreadyAnswered,
    Incomplete,
    KeyReused,
    LeftOpen,
    NotFound,
    NothingAnswered,
    NotOpenYet,
    OtherWording,
    PatientInactive,
    WindowClosed,
)
from proms.actions.submissions import Receipt
from proms.domain.alert import Urgency
from proms.domain.alert.expectation import EXPECTED
from proms.domain.alert_policy import ALERTS_ON
from proms.domain.instrument import Item, ItemKind, NotOffered, Value, Wording
from proms.domain.person import Role
from proms.domain.response import BY_STAFF, MissingReason, Mode, from_answers
from proms.web import request_context
from proms.web.access import own_patient
from proms.web.answer_form import impossible_answer, is_key, new_key, read_answer
from proms.web.guard import staff_only
from proms.web.language_switch import keeps_typed
from proms.web.locale import short_day
from proms.web.staff.forms import Form
from proms.web.staff.labels.moments import moment_in_words
from proms.web.staff.labels.vocabulary import MODES, refused
from proms.web.staff.layout import zone
from proms.web.staff.patient.question_sheet import Sheet, asked_of, field_of, sheet_of
from proms.web.staff.routes import staff

REASONS = (MissingReason.SKIPPED, MissingReason.DECLINED)
REST_SKIPPED = "rest_skipped"


@staff.get("/patients/<code>/fill-in/<id:assignment_id>")
@staff_only(Role.NURSE, Role.COORDINATOR)
def fill_in_check(code: str, assignment_id: int) -> ResponseReturnValue:
    """Every question of what is open for her."""
    with request_context.reading() as session:
        asked = asked_of(session, own_patient(session, code), assignment_id)
        first = asked.response
        if first is None:
            refuse_unless_open(asked.assignment, request_context.now())
    if first:
        flash(_("These questions have been filled in already."))
        return redirect(url_for("staff.response", code=code, response_id=first.id))
    return _page(code, assignment_id)


@staff.get("/patients/<code>/fill-in/extra/<event>")
@staff_only(Role.NURSE, Role.COORDINATOR)
def fill_in_extra_check(code: str, event: str) -> ResponseReturnValue:
    """Every question of an extra check; nothing is begun by looking."""
    return _page(code, event)


@staff.post("/patients/<code>/fill-in/<id:assignment_id>")
@staff_only(Role.NURSE, Role.COORDINATOR)
@keeps_typed(lambda code, assignment_id: _page(code, assignment_id, Form(request.form)))
def save_filled_in(code: str, assignment_id: int) -> ResponseReturnValue:
    """Keep what was typed as her answers."""
    return _save(code, assignment_id)


@staff.post("/patients/<code>/fill-in/extra/<event>")
@staff_only(Role.NURSE, Role.COORDINATOR)
@keeps_typed(lambda code, event: _page(code, event, Form(request.form)))
def save_filled_in_extra(code: str, event: str) -> ResponseReturnValue:
    """Keep what was typed as an extra check of hers."""
    return _save(code, event)


def _save(code: str, wanted: int | str) -> ResponseReturnValue:
    form = Form(request.form)
    with request_context.reading() as session:
        sheet = sheet_of(session, own_patient(session, code), wanted, form)
    if not is_key(form.typed.get("key", "")):
        abort(400)
    typed = _typed_in(form, sheet)
    if typed is None:
        return _page(code, wanted, form), 422
    try:
        receipt = _store(code, wanted, typed)
    except AlreadyAnswered:
        flash(
            _("These questions had been filled in before. What you typed is kept apart, see below.")
        )
        return redirect(url_for("staff.patient", code=code, _anchor="sent"), 303)
    except (Incomplete, LeftOpen, NothingAnswered) as refusal:
        _refuse(form, sheet, refusal)
        return _page(code, wanted, form), 422
    except NotFound:
        form.wrong["form"] = _("These questions are not asked any more: the plan has changed.")
        return _page(code, wanted, form), 409
    except (KeyReused, OtherWording, WindowClosed, NotOpenYet, PatientInactive) as refusal:
        form.wrong["form"] = refused(refusal)
        return _page(code, wanted, form), 409
    flash(_stored_in_words(receipt))
    # The patient is still on the line: what cannot wait is taken there, on a phone too.
    where = "open-alerts" if receipt.red else None
    return redirect(url_for("staff.patient", code=code, _anchor=where), 303)


def _store(code: str, wanted: int | str, typed: TypedIn) -> Receipt:
    library, by = request_context.library(), request_context.current_staff()
    with request_context.writing() as session:
        patient = own_patient(session, code)
        if isinstance(wanted, int):
            return fill_in(
                session,
                library,
                patient=patient,
                assignment_id=wanted,
                typed=typed,
                by=by,
                now=request_context.now(),
            )
        return fill_in_extra(
            session,
            library,
            patient=patient,
            event=wanted,
            typed=typed,
            by=by,
            now=request_context.now(),
        )


def _stored_in_words(receipt: Receipt) -> str:
    """What came of it: the alert itself stands on the page that this is said on."""
    evaluated = receipt.evaluated
    # Where alerts are off or come later, there is none yet to speak of.
    if evaluated is None or not evaluated.rule_set or evaluated.policy != ALERTS_ON:
        return _("Saved.")
    met = [breach for breach in evaluated.breaches if EXPECTED not in breach.tags]
    if any(breach.urgency is Urgency.RED for breach in met):
        return _("Saved. An answer cannot wait. The alert stands below: take it.")
    if met:
        return _("Saved. The answers led to an alert; it stands below.")
    return _("Saved. The answers led to no alert.")


def _refuse(form: Form, sheet: Sheet, refusal: Incomplete | LeftOpen | NothingAnswered) -> None:
    """What the trial has against it, at its field."""
    if isinstance(refusal, LeftOpen):
        if refusal.red:
            form.wrong["form"] = _(
                "An answer cannot wait. To save now, tick at the bottom that the rest was skipped."
            )
        for code in refusal.items:
            name = field_of(sheet.instrument.item(code))
            form.wrong[name] = _("Choose an answer, or why there is none.")
        form.doubts.add(REST_SKIPPED)
    elif isinstance(refusal, NothingAnswered):
        form.wrong["form"] = _("Fill in at least one answer.")
    elif "day" in refusal.slots:
        form.refuse(Incomplete(refusal.field, refusal.fault, day=short_day(sheet.first_day)))
    else:
        form.refuse(refusal)


def _typed_in(form: Form, sheet: Sheet) -> TypedIn | None:
    """What was typed; None, with a sentence at its field, where something does not read."""
    mode = form.one_of("mode", BY_STAFF)
    source_on = form.day("source_on")
    answers: dict[str, Value] = {}
    missing: dict[str, MissingReason] = {}
    for item in sheet.instrument.items:
        given = _given(form, item, sheet.wording)
        reason = _reason(form, item)
        if given is not None and reason:
            form.wrong[field_of(item)] = _("Choose an answer, or why there is none: not both.")
        elif given is not None:
            answers[item.code] = given
        elif reason:
            missing[item.code] = reason
    if source_on:
        try:
            refuse_other_day(source_on, sheet.first_day, _today())
        except Incomplete as refusal:
            _refuse(form, sheet, refusal)
    if form.wrong or source_on is None:
        return None
    return TypedIn(
        key=form.typed["key"],
        document=from_answers(answers, missing, request_context.now()),
        mode=Mode(mode),
        read=sheet.wording.read,
        source_on=source_on,
        rest_skipped=form.ticked(REST_SKIPPED),
    )


def _given(form: Form, item: Item, wording: Wording) -> Value | None:
    """The answer to an item, if there is one; what cannot be kept gets its sentence."""
    name = field_of(item)
    written = form.typed.get(name, "")
    ticked = [str(option) for option in item.options if form.ticked(f"{name}.{option}")]
    if item.kind is ItemKind.SINGLE:
        ticked = [] if written in ("", *REASONS) else [written]
    given = read_answer(item, written, ticked)
    if given is None:
        return None
    if impossible_answer(item, given):
        form.wrong[name] = _impossible_in_words(item, wording)
        return None
    try:
        return item.checked(given)
    except NotOffered:
        form.wrong[name] = _("Choose one of these.")
        return None


def _impossible_in_words(item: Item, wording: Wording) -> str:
    if item.kind is ItemKind.NUMBER:
        return _(
            "Fill in a whole number from %(low)s to %(high)s, in digits.",
            low=item.low,
            high=item.high,
        )
    if item.kind is ItemKind.TEXT:
        return _(
            "This is too long, or has a character that we cannot keep. "
            "Make it shorter, or type it again."
        )
    return _(
        "You chose “%(none)s” and also another answer. Take away what is not right.",
        none=wording.option(item.code, item.none or ""),
    )


def _reason(form: Form, item: Item) -> MissingReason | None:
    """Why an item has no answer, where that was chosen."""
    name = field_of(item) if item.kind is ItemKind.SINGLE else f"{field_of(item)}.missing"
    chosen = form.typed.get(name, "")
    return MissingReason(chosen) if chosen in REASONS else None


def _page(code: str, wanted: int | str, form: Form | None = None) -> str:
    """The page with the form as it was typed, or a new one with today's date."""
    with request_context.reading() as session:
        owner = own_patient(session, code)
        sheet = sheet_of(session, owner, wanted, form)
    protocol = request_context.library().protocol(owner.protocol, owner.protocol_version)
    return render_template(
        "staff/patient/fill_in.html",
        patient=owner,
        sheet=sheet,
        action=_action(code, wanted),
        form=form or Form({"source_on": _today().isoformat(), "key": new_key()}),
        kind=ItemKind,
        reasons=REASONS,
        modes=[(mode.value, MODES[mode]) for mode in BY_STAFF],
        moment=partial(moment_in_words, protocol),
    )


def _today() -> date:
    """The site's day."""
    return request_context.now().astimezone(zone()).date()


def _action(code: str, wanted: int | str) -> str:
    """Where the form is sent; the reader is put at what is wrong, if anything is."""
    if isinstance(wanted, int):
        return url_for("staff.save_filled_in", code=code, assignment_id=wanted, _anchor="look")
    return url_for("staff.save_filled_in_extra", code=code, event=wanted, _anchor="look")
