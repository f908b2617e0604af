"""Filling in: one question a screen, back and forth, leave out, pause."""

from flask import abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from proms.actions.drafts import Sitting, begin_in_other_language, open_assignment
from proms.actions.refusals import NotFound
from proms.domain.instrument import Item, ItemKind, Value
from proms.domain.response import Given, MissingReason
from proms.web.access import reading_assignment, writing_assignment
from proms.web.answer_form import impossible_answer, read_answer
from proms.web.guard import patients_only
from proms.web.language_switch import keeps_typed
from proms.web.language_switch import remember as remember_language
from proms.web.locale import LANGUAGES, language, speaking
from proms.web.patient.arrival import counts_when_read
from proms.web.patient.keeping import keep_answers
from proms.web.patient.on_device import may_be_red, on_device, own_data, rules_held
from proms.web.patient.pack_place import place_of
from proms.web.patient.questionnaire import OpenQuestionnaire, laid_out
from proms.web.patient.routes import pages
from proms.web.patient.today import last_day
from proms.web.patient.whole_form import decided_on_phone, whole_form, without_answers


def _her_page(assignment_id: int) -> ResponseReturnValue:
    """Her page, from which what is due is opened."""
    return redirect(url_for("patient.today"), 303)


@pages.post("/form/<id:assignment_id>")
@patients_only
@counts_when_read(_her_page)
def open_form(assignment_id: int) -> ResponseReturnValue:
    """Open what is due, or go on where this browser stopped."""
    with writing_assignment(assignment_id) as sitting:
        open_assignment(sitting, language=language())
        return redirect(onward(laid_out(sitting)), 303)


@pages.get("/form/<id:assignment_id>")
@patients_only
def go_on(assignment_id: int) -> ResponseReturnValue:
    """Where this browser stands in what was opened."""
    with reading_assignment(assignment_id) as (sitting, _asked):
        return redirect(onward(laid_out(sitting)))


def _as_begun(assignment_id: int, code: str) -> ResponseReturnValue:  # noqa: ARG001
    """Where she stood, in the language in which it is."""
    return redirect(url_for("patient.go_on", assignment_id=assignment_id), 303)


@pages.post("/form/<id:assignment_id>/language/<code>")
@patients_only
@counts_when_read(_as_begun)
def begin_again(assignment_id: int, code: str) -> ResponseReturnValue:
    """Begin in another language, as long as nothing is answered."""
    if code not in LANGUAGES:
        abort(404)
    with writing_assignment(assignment_id) as sitting:
        begin_in_other_language(sitting, language=code)
        back = onward(laid_out(sitting))
    return remember_language(make_response(redirect(back, 303)), code)


@pages.get("/form/<id:assignment_id>/<item_code>")
@patients_only
def question(assignment_id: int, item_code: str) -> ResponseReturnValue:
    """One question with its answers; nothing is chosen but what this browser chose before. As long
    as it has answered nothing the page carries all of the form, for a phone that turns it over."""
    with reading_assignment(assignment_id) as (sitting, _asked):
        sheet = laid_out(sitting)
        return _page(sitting, sheet, sheet.item(item_code), whole=not sheet.document)


@pages.get("/form/<id:assignment_id>/whole")
@patients_only
def whole(assignment_id: int) -> ResponseReturnValue:
    """The page that a phone keeps, where it came in with something answered already."""
    with reading_assignment(assignment_id) as (sitting, _asked):
        sheet = without_answers(laid_out(sitting))
        if not decided_on_phone(sheet):
            raise NotFound("A phone cannot decide what is asked here.")
        return _page(sitting, sheet, sheet.items[0], whole=True, shown=False)


def _as_chosen(assignment_id: int, item_code: str) -> str:
    """The question with what is chosen or written on this screen, not kept yet."""
    with reading_assignment(assignment_id) as (sitting, _asked):
        sheet = laid_out(sitting)
        item = sheet.item(item_code)
        return _page(sitting, sheet, item, chosen=_filled_in(item, request.form))


@pages.post("/form/<id:assignment_id>/<item_code>")
@patients_only
@keeps_typed(_as_chosen)
@counts_when_read(_as_chosen)
def save(assignment_id: int, item_code: str) -> ResponseReturnValue:
    """Keep the answer and go on; no answer leads to the page that asks once whether to leave it
    out."""
    with writing_assignment(assignment_id) as sitting:
        sheet = laid_out(sitting)
        item = sheet.item(item_code)
        given = _read_answer(item, request.form)
        if given is None:
            return redirect(_address("patient.skip", sheet, item), 303)
        impossible = impossible_answer(item, given)
        if impossible is not None:
            return _page(sitting, sheet, item, impossible), 422
        return redirect(_keep(sitting, sheet, item, given), 303)


@pages.get("/form/<id:assignment_id>/<item_code>/skip")
@patients_only
def skip(assignment_id: int, item_code: str) -> ResponseReturnValue:
    """Ask once, neutrally, whether to leave this question out."""
    with reading_assignment(assignment_id) as (sitting, _asked):
        sheet = laid_out(sitting)
        item = sheet.item(item_code)
    back = _address("patient.question", sheet, item)
    return render_template("patient/skip.html", sheet=sheet, item=item, back=back)


@pages.post("/form/<id:assignment_id>/<item_code>/skip")
@patients_only
@counts_when_read(skip)
def leave_out(assignment_id: int, item_code: str) -> ResponseReturnValue:
    """Keep that the question was left out: skipped, or for a safety question declined."""
    with writing_assignment(assignment_id) as sitting:
        sheet = laid_out(sitting)
        item = sheet.item(item_code)
        reason = MissingReason.DECLINED if item.safety else MissingReason.SKIPPED
        return redirect(_keep(sitting, sheet, item, reason), 303)


def onward(sheet: OpenQuestionnaire) -> str:
    """The first question not dealt with; when there is none, the page to check the answers on."""
    if not sheet.untouched:
        return url_for("patient.review", assignment_id=sheet.assignment.id)
    first = sheet.untouched[0]
    return url_for("patient.question", assignment_id=sheet.assignment.id, item_code=first.code)


def _keep(
    sitting: Sitting, before: OpenQuestionnaire, item: Item, given: Value | MissingReason
) -> str:
    """Store it, look what it makes of the rules, and say where to go: a new alarm comes before
    everything else."""
    sheet, alarmed = keep_answers(sitting, before, {item.code: Given(given)})
    if alarmed:
        return url_for("patient.call", assignment_id=sheet.assignment.id)
    if _checking():
        return onward(sheet)
    following = sheet.beside(item, +1)
    # What was told on the page that says to call is not asked again.
    told = [each for each in sheet.follow_ups if each.code in sheet.document]
    if following is None or following in told:
        return onward(sheet)
    return _address("patient.question", sheet, following)


def _page(
    sitting: Sitting,
    sheet: OpenQuestionnaire,
    item: Item,
    impossible: tuple[str, ...] | None = None,
    *,
    chosen: tuple[Value, ...] | None = None,
    whole: bool = False,
    shown: bool = True,
) -> str:
    """The question, with what is `chosen` on this screen, else what this browser answered before,
    and above the first what these questions are about and whom to call instead of waiting;
    `impossible` is what cannot be kept: "none" ticked with something else, a number out of range,
    a text that is too long. A page that is not `shown` says nothing of which question it is."""
    if chosen is None:
        chosen = impossible or _chosen(sheet, item)
    red = rules_held(sheet)
    form = whole_form(sheet, red) if whole and decided_on_phone(sheet) else None
    # What may come in place of this page before the network answers speaks as its questions do.
    with speaking(sheet.draft.language):
        device = on_device(sheet) if red and (form or may_be_red(item, red)) else None
        calling = render_template("patient/red.html", device=device, sheet=sheet)
    return render_template(
        "patient/question.html",
        sheet=sheet,
        place=place_of(sitting, sheet),
        item=item,
        kind=ItemKind,
        introduced=not sheet.document and item == sheet.items[0],
        until=last_day(sheet.assignment, sitting.now),
        chosen=chosen,
        contradicts=impossible is not None,
        back=_address_before(sheet, item),
        skip=_address("patient.skip", sheet, item),
        checking=_checking(),
        own=own_data(sheet, item if shown else None, None if form else red),
        whole=form,
        calling=Markup(calling),  # noqa: S704  (rendered above)
    )


def _chosen(sheet: OpenQuestionnaire, item: Item) -> tuple[Value, ...]:
    """What this browser answered before, as the options that are ticked."""
    value = sheet.answers.get(item.code)
    if value is None:
        return ()
    if isinstance(value, tuple):
        return value
    return (value,)


def _filled_in(item: Item, form: MultiDict[str, str]) -> tuple[Value, ...]:
    """What the form holds, as it is shown again."""
    given = _read_answer(item, form)
    if given is None or isinstance(given, MissingReason):
        return ()
    return given if isinstance(given, tuple) else (given,)


def _address_before(sheet: OpenQuestionnaire, item: Item) -> str:
    if _checking():
        return url_for("patient.review", assignment_id=sheet.assignment.id)
    before = sheet.beside(item, -1)
    if before is None:
        return url_for("patient.today")
    return _address("patient.question", sheet, before)


def _address(endpoint: str, sheet: OpenQuestionnaire, item: Item) -> str:
    check = 1 if _checking() else None  # a parameter that is None is left out of the address
    return url_for(endpoint, assignment_id=sheet.assignment.id, item_code=item.code, check=check)


def _checking() -> bool:
    """Whether the reader came from the page to check her answers on, and wants to go back there."""
    return "check" in request.args


def _read_answer(item: Item, form: MultiDict[str, str]) -> Value | MissingReason | None:
    """What was filled in; None when nothing was, but the last free line may simply be left
    empty."""
    given = read_answer(item, form.get("answer", ""), form.getlist("answer"))
    if given is None and item.kind is ItemKind.TEXT:
        return MissingReason.SKIPPED
    return given
