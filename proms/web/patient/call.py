"""Call now: before the answers are sent and after, and what she says to it."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from proms.actions.calls import reply_to_call
from proms.actions.refusals import NotFound
from proms.domain.calls import CallReply
from proms.web import request_context
from proms.web.access import reading_assignment, writing_assignment
from proms.web.advice import advice_text, facts_to_tell
from proms.web.guard import patients_only
from proms.web.patient.form import onward
from proms.web.patient.questionnaire import laid_out
from proms.web.patient.receipt import own_response, statement_about
from proms.web.patient.routes import pages
from proms.web.phone_numbers import hospital


@pages.get("/form/<id:assignment_id>/call")
@patients_only
def call(assignment_id: int) -> ResponseReturnValue:
    """An answer that cannot wait: call now, send the rest afterwards."""
    with reading_assignment(assignment_id) as (sitting, _asked):
        sheet = laid_out(sitting)
        statement = statement_about(sitting.session, sitting.patient.id, assignment_id)
    if not sheet.alarming:
        return redirect(onward(sheet))
    # What she said before this draft was opened was about answers that are not these.
    if statement and statement.at < sheet.draft.opened_at:
        statement = None
    return render_template(
        "patient/call.html",
        told=advice_text(sheet.evaluated, hospital(), request_context.now()),
        sheet=sheet,
        onward=onward(sheet),
        said=statement,
        replies=CallReply,
        about_her=facts_to_tell(request_context.current_patient(), sheet.evaluated.facts),
    )


@pages.post("/form/<id:assignment_id>/call")
@patients_only
def reply(assignment_id: int) -> ResponseReturnValue:
    """She will call, or she cannot."""
    back = url_for("patient.call", assignment_id=assignment_id)
    return redirect(_keep_reply(assignment_id, back), 303)


@pages.post("/receipt/<code>")
@patients_only
def reply_after(code: str) -> ResponseReturnValue:
    """She will call, or she cannot, after the answers were sent."""
    with request_context.reading() as session:
        assignment_id = own_response(session, code).assignment_id
    back = url_for("patient.receipt", code=code)
    return redirect(_keep_reply(assignment_id, back), 303)


@pages.get("/cannot-call")
@patients_only
def cannot_call() -> ResponseReturnValue:
    """What to do when calling does not work."""
    return render_template("patient/cannot_call.html")


def _keep_reply(assignment_id: int, back: str) -> str:
    """Store what she chose, and say where to go: back, or where it says what to do instead."""
    try:
        chosen = CallReply(request.form.get("reply", ""))
    except ValueError as error:
        raise NotFound("There is no such reply.") from error
    with writing_assignment(assignment_id) as sitting:
        reply_to_call(sitting, reply=chosen)
    if chosen is CallReply.CANNOT:
        return url_for("patient.cannot_call")
    return back
