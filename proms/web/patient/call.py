"""Call now: before the answers are sent and after, and what she says to it."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from proms.actions.calls import reply_to_call
from proms.actions.handing_over import TabletStage
from proms.actions.refusals import NotFound
from proms.domain.calls import CallReply
from proms.domain.instrument import Item, Value
from proms.domain.response import Given
from proms.web import request_context
from proms.web.access import reading_assignment, writing_assignment
from proms.web.advice import advice_text, facts_to_tell
from proms.web.answer_form import new_key
from proms.web.guard import patients_only, until
from proms.web.language_switch import keeps_typed
from proms.web.locale import speak
from proms.web.patient.arrival import counts_when_read
from proms.web.patient.form import onward
from proms.web.patient.keeping import keep_answers
from proms.web.patient.questionnaire import OpenQuestionnaire, laid_out
from proms.web.patient.receipt import own_response, receipt_again, receipt_page, statement_about
from proms.web.patient.routes import pages
from proms.web.phone_numbers import hospital


@pages.get("/form/<id:assignment_id>/call")
@patients_only
def call(assignment_id: int) -> ResponseReturnValue:
    """An answer that cannot wait: call now, send the rest afterwards."""
    return _page(assignment_id, {})


def _as_chosen(assignment_id: int) -> ResponseReturnValue:
    """The page with what is chosen on it, not kept yet."""
    return _page(assignment_id, request.form)


@pages.post("/form/<id:assignment_id>/call")
@patients_only
@keeps_typed(_as_chosen)
@counts_when_read(_as_chosen)
def reply(assignment_id: int) -> ResponseReturnValue:
    """She will call, or she cannot; or what she says of it: whether it is there now, whether she
    has called."""
    back = url_for("patient.call", assignment_id=assignment_id)
    if "reply" in request.form:
        failing = url_for("patient.calling_fails", assignment_id=assignment_id)
        return redirect(_keep_reply(assignment_id, back, failing), 303)
    with writing_assignment(assignment_id) as sitting:
        sheet = laid_out(sitting)
        told = _told(sheet, request.form)
        if told:
            keep_answers(sitting, sheet, {code: Given(value) for code, value in told.items()})
    return redirect(back, 303)


@pages.post("/receipt/<code>")
@patients_only
@until(TabletStage.SENT)
@counts_when_read(receipt_again)
@keeps_typed(receipt_page)
def reply_after(code: str) -> ResponseReturnValue:
    """She will call, or she cannot, after the answers were sent."""
    with request_context.reading() as session:
        assignment_id = own_response(session, code).assignment_id
    back = url_for("patient.receipt", code=code)
    return redirect(_keep_reply(assignment_id, back, url_for("patient.cannot_call")), 303)


@pages.get("/cannot-call")
@patients_only
@until(TabletStage.SENT)
def cannot_call() -> ResponseReturnValue:
    """What to do when calling does not work."""
    return render_template("patient/cannot_call.html")


@pages.get("/form/<id:assignment_id>/cannot-call")
@patients_only
def calling_fails(assignment_id: int) -> ResponseReturnValue:
    """The same before the answers are sent: they can be sent from here as they are."""
    with reading_assignment(assignment_id) as (sitting, asked):
        open_now = asked.draft and asked.open_at(sitting.now)
        sheet = laid_out(sitting) if open_now else None
    return render_template("patient/cannot_call.html", sheet=sheet, key=new_key())


def _page(assignment_id: int, chosen: Mapping[str, str]) -> ResponseReturnValue:
    """Call now, with what she chose on this page."""
    with reading_assignment(assignment_id) as (sitting, _asked):
        sheet = laid_out(sitting)
        statement = statement_about(sitting.session, sitting.patient.id, assignment_id)
    if not sheet.alarming:
        return redirect(onward(sheet))
    speak(sheet.draft.language)
    # What she said before this draft was opened was about answers that are not these.
    if statement and statement.at < sheet.draft.opened_at:
        statement = None
    return render_template(
        "patient/call.html",
        told=advice_text(sheet.evaluated, hospital(), request_context.now()),
        sheet=sheet,
        reported=sheet.reported,
        read_in=sheet.wording.language,
        asking=_asking(sheet),
        chosen=chosen,
        key=new_key(),
        onward=onward(sheet),
        said=statement,
        replies=CallReply,
        about_her=facts_to_tell(request_context.current_patient(), sheet.evaluated.facts),
    )


def _asking(sheet: OpenQuestionnaire) -> dict[Item, str]:
    """What is still to be asked about what cannot wait, in words that name it."""
    return {
        item: sheet.question(item) for item in sheet.follow_ups if item.code not in sheet.document
    }


def _told(sheet: OpenQuestionnaire, form: Mapping[str, str]) -> dict[str, Value]:
    """What she chose of the questions on this page."""
    return {
        item.code: option
        for item in sheet.follow_ups
        for option in item.options
        if form.get(item.code) == str(option)
    }


def _keep_reply(assignment_id: int, back: str, failing: str) -> str:
    """Store what she chose, and say where to go: back, or where it says what to do instead."""
    try:
        chosen = CallReply(request.form.get("reply", ""))
    except ValueError as error:
        raise NotFound("There is no such reply.") from error
    with writing_assignment(assignment_id) as sitting:
        reply_to_call(sitting, reply=chosen)
    return failing if chosen is CallReply.CANNOT else back
