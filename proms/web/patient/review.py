"""Check the answers, then send them: one clear act."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from proms.actions.submissions import Submission, submit
from proms.domain.response import Mode
from proms.domain.schedule import AssignmentState
from proms.web.access import reading_assignment, writing_assignment
from proms.web.answer_form import is_key, new_key
from proms.web.guard import patients_only
from proms.web.patient.arrival import counts_when_read
from proms.web.patient.form import onward
from proms.web.patient.questionnaire import laid_out, laid_out_to_send
from proms.web.patient.routes import pages

# What the browser kept of the pages goes with the answers: the phone may be another's next.
LEAVE_NOTHING = '"cache", "storage"'


@pages.get("/form/<id:assignment_id>/review")
@patients_only
def review(assignment_id: int) -> ResponseReturnValue:
    """Every answer with a way to change it; the key in the page makes a second tap harmless."""
    with reading_assignment(assignment_id) as (sitting, _asked):
        sheet = laid_out(sitting)
    if sheet.untouched:
        return redirect(onward(sheet))
    return render_template("patient/review.html", sheet=sheet, key=new_key())


@pages.post("/form/<id:assignment_id>/review")
@patients_only
@counts_when_read(review)
def send(assignment_id: int) -> ResponseReturnValue:
    """Send what the page showed; the same key again gives the same receipt."""
    return _send(assignment_id, unfinished=False)


def _call_page(assignment_id: int) -> ResponseReturnValue:
    """Where she can send what is not finished."""
    return redirect(url_for("patient.call", assignment_id=assignment_id), 303)


@pages.post("/form/<id:assignment_id>/send-now")
@patients_only
@counts_when_read(_call_page)
def send_now(assignment_id: int) -> ResponseReturnValue:
    """Send what is filled in so far: who has to call need not go on. What was not reached is
    stored as skipped."""
    return _send(assignment_id, unfinished=True)


def _send(assignment_id: int, *, unfinished: bool) -> ResponseReturnValue:
    key = request.form.get("key", "")
    if not is_key(key):
        abort(400)
    with writing_assignment(assignment_id) as sitting:
        sheet = laid_out_to_send(sitting)
        answered = sitting.assignment.state == AssignmentState.ANSWERED
        if sheet.untouched and not answered and not unfinished:
            return redirect(onward(sheet), 303)
        receipt = submit(sitting, Submission(key, sheet.submittable, Mode.PHONE))
    response: Response = redirect(url_for("patient.receipt", code=receipt.code), 303)
    response.headers["Clear-Site-Data"] = LEAVE_NOTHING
    return response
