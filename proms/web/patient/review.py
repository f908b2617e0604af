"""Check the answers, then send them: one clear act."""

from dataclasses import replace

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from proms.actions.submissions import Submission, submit
from proms.domain.response import fingerprints
from proms.domain.schedule import AssignmentState
from proms.web.access import reading_assignment, writing_assignment
from proms.web.answer_form import is_key, new_key
from proms.web.guard import patients_only
from proms.web.patient.arrival import counts_when_read
from proms.web.patient.form import onward
from proms.web.patient.overview import overview, rows_of
from proms.web.patient.own_answers import mode_here, this_device
from proms.web.patient.questionnaire import OpenQuestionnaire, laid_out, laid_out_to_send
from proms.web.patient.receipt import SentBefore, receipt_address
from proms.web.patient.routes import pages

# What the browser kept of the pages goes with the answers: the phone may be another's next. What a
# page of ours keeps for forms that are not sent yet stays; the receipt's page lets go of this one.
LEAVE_NOTHING = '"cache"'


@pages.get("/form/<id:assignment_id>/review")
@patients_only
def review(assignment_id: int) -> ResponseReturnValue:
    """Every answer with a way to change it; the key in the page makes a second tap harmless."""
    with reading_assignment(assignment_id) as (sitting, _asked):
        sheet = laid_out(sitting)
    if sheet.untouched:
        return redirect(onward(sheet))
    return _page(sheet)


@pages.post("/form/<id:assignment_id>/review")
@patients_only
@counts_when_read(review)
def send(assignment_id: int) -> ResponseReturnValue:
    """Send what the page showed. Where that has changed since, on another page, it shows what has
    and asks again; the same answers sent once more give the same receipt."""
    return _send(assignment_id, as_shown=True)


def _call_page(assignment_id: int) -> ResponseReturnValue:
    """Where she can send what is not finished."""
    return redirect(url_for("patient.call", assignment_id=assignment_id), 303)


@pages.post("/form/<id:assignment_id>/send-now")
@patients_only
@counts_when_read(_call_page)
def send_now(assignment_id: int) -> ResponseReturnValue:
    """Send what is filled in so far: who has to call need not go on. What was not reached is
    stored as skipped."""
    return _send(assignment_id, as_shown=False)


def _page(sheet: OpenQuestionnaire, changed: frozenset[str] = frozenset()) -> str:
    """The answers as they would be sent; those that were `changed` stand first."""
    return render_template(
        "patient/review.html",
        sheet=sheet,
        key=new_key(),
        shown=_as_text(sheet),
        groups=overview(sheet),
        asked_again=bool(changed),
        changed=[row for row in rows_of(sheet, sheet.items) if row.item.code in changed],
    )


def _as_text(sheet: OpenQuestionnaire) -> str:
    """What a page shows, for its form: each item with the fingerprint of its answer."""
    return " ".join(
        f"{code}:{mark}" for code, mark in sorted(fingerprints(sheet.submittable).items())
    )


def _changed(shown: str, sheet: OpenQuestionnaire) -> frozenset[str]:
    """The items that are not sent as the page showed them."""
    now = set(_as_text(sheet).split())
    return frozenset(pair.partition(":")[0] for pair in now.symmetric_difference(shown.split()))


def _send(assignment_id: int, *, as_shown: bool) -> ResponseReturnValue:
    key = request.form.get("key", "")
    if not is_key(key):
        abort(400)
    with writing_assignment(assignment_id) as sitting:
        sheet = laid_out_to_send(sitting)
        changed = as_shown and _changed(request.form.get("shown", ""), sheet)
        if as_shown and sitting.assignment.state != AssignmentState.ANSWERED:
            if sheet.untouched:
                return redirect(onward(sheet), 303)
            if changed:
                return _page(sheet, changed), 409
        on_this = replace(sitting, device=this_device())
        receipt = submit(on_this, Submission(key, sheet.submittable, mode_here()))
    # Sent from another page meanwhile, which showed something else.
    besides = SentBefore.OTHERWISE if changed else None
    response: Response = redirect(receipt_address(receipt.code, besides), 303)
    response.headers["Clear-Site-Data"] = LEAVE_NOTHING
    return response
