"""After sending: proof that it arrived and what happens next, or that she must call."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from proms.actions.can_wait import amber_alerts_of, say_whether_it_can_wait
from proms.actions.evaluations import Evaluated, stored
from proms.actions.handing_over import TabletStage
from proms.actions.refusals import AlreadyAnswered, NotFound
from proms.db.queries.assignments import patient_assignment
from proms.db.queries.calls import CallStatement, said_about_calling
from proms.db.queries.today import Days, Pack, response_by_receipt
from proms.db.queries.waiting_red import red_occurrences
from proms.db.tables import Alert, Draft, Response
from proms.domain.alert import Urgency
from proms.domain.calls import CallReply
from proms.domain.response import answered_otherwise
from proms.web import request_context
from proms.web.access import own_days
from proms.web.advice import AdviceText, advice_text, facts_to_tell
from proms.web.errors import refuse
from proms.web.guard import patients_only, until
from proms.web.locale import day, speak
from proms.web.patient.arrival import counts_when_read
from proms.web.patient.own_answers import document_of, entries_of
from proms.web.patient.pause import own_pause
from proms.web.patient.reported import Reported, reported
from proms.web.patient.routes import pages
from proms.web.patient.today import card, local
from proms.web.phone_numbers import hospital

ADVICE_SHOWN = timedelta(hours=24)


class SentBefore(StrEnum):
    """What became of a tap on a page whose questions had been sent before, beside the receipt."""

    KEPT = "kept"  # other answers: the hospital sees them beside the first
    OTHERWISE = "otherwise"  # the page that was tapped had shown other answers than those sent
    LATE = "late"  # a change, which is kept nowhere


@pages.get("/receipt/<code>")
@patients_only
@until(TabletStage.SENT)
def receipt(code: str) -> ResponseReturnValue:
    """The receipt, in the language of its questionnaire."""
    return receipt_page(code)


def receipt_page(code: str) -> ResponseReturnValue:
    """The receipt; what it says about the answers is shown for a day, and for as long as they
    cannot wait and no nurse has taken them; that they arrived for good."""
    now = request_context.now()
    patient = request_context.current_patient()
    with request_context.reading() as session:
        response = own_response(session, code)
        speak(response.language)
        evaluated = stored(session, request_context.library(), response)
        statement = statement_about(session, patient.id, response.assignment_id)
        days = own_days(session, patient)
        cards = [card(session, patient, pack, now) for pack in _open_now(days, response)]
        waits = any(each.receipt == code for each in red_occurrences(session, patient.id))
        ambers = session.exec(amber_alerts_of(response)).all()
    advice = None
    if waits or now - response.submitted_at < ADVICE_SHOWN:
        advice = advice_text(evaluated, hospital(), response.submitted_at)
    urgent = advice is not None and advice.urgent
    told_of, read_in = _reported(response, evaluated) if urgent else ([], "")
    return render_template(
        "patient/call.html" if urgent else "patient/receipt.html",
        told=advice,
        response=response,
        reported=told_of,
        read_in=read_in,
        lines=_lines(advice, evaluated.failed, [] if cards else days.coming),
        said=statement,
        can_wait=_can_wait(advice, evaluated, ambers),
        today=local(now),
        sent=local(response.submitted_at),
        cards=cards,
        goes_on=_same_sitting(days, response) is not None,
        replies=CallReply,
        about_her=facts_to_tell(patient, evaluated.facts),
        besides=request.args.get("besides"),
        kinds=SentBefore,
    )


@pages.errorhandler(AlreadyAnswered)
def sent_before(refusal: AlreadyAnswered) -> ResponseReturnValue:
    """Whatever page of questions that were sent she comes to, or taps on: the receipt, and what
    became of the tap; other answers that cannot wait are told on her page, which says to call. A
    script is told as by any other refusal."""
    if request.is_json:
        return refuse(refusal)
    if refusal.red:
        return redirect(url_for("patient.today"), 303)
    draft, response = _of_this_form()
    # This device lost the race: what it wrote is beside what the other sent.
    otherwise = draft and answered_otherwise(document_of(draft), response.document)
    besides = SentBefore.KEPT if refusal.kept or otherwise else None
    changes = request.method == "POST" and request.endpoint != "patient.open_form"
    if changes and not refusal.kept:
        besides = SentBefore.LATE
    return redirect(receipt_address(response.receipt, besides), 303)


def receipt_address(code: str, besides: SentBefore | None = None) -> str:
    # A parameter that is None is left out of the address.
    return url_for("patient.receipt", code=code, besides=besides)


def _of_this_form() -> tuple[Draft | None, Response]:
    """The draft and the response of the questions that this address is about."""
    wanted = (request.view_args or {})["assignment_id"]
    with request_context.reading() as session:
        asked = patient_assignment(session, request_context.current_patient().id, wanted)
    if asked is None or asked.response is None:
        raise NotFound("There is no such receipt.")
    return asked.draft, asked.response


def receipt_again(code: str) -> ResponseReturnValue:
    """The receipt, by its own address."""
    return redirect(url_for("patient.receipt", code=code), 303)


@pages.post("/receipt/<code>/wait")
@patients_only
@until(TabletStage.SENT)
@counts_when_read(receipt_again)
def say_wait(code: str) -> ResponseReturnValue:
    """Whether it can wait until somebody calls her."""
    answers = {"yes": True, "no": False}
    said = request.form.get("wait", "")
    if said not in answers:
        raise NotFound("There is no such reply.")
    with request_context.writing() as session:
        response = own_response(session, code)
        say_whether_it_can_wait(
            session, response, can_wait=answers[said], now=request_context.now()
        )
    return receipt_again(code)


def own_response(session: Session, code: str) -> Response:
    """The response of this receipt, if it is the reader's own."""
    response = response_by_receipt(session, request_context.current_patient().id, code)
    if response is None:
        raise NotFound("There is no such receipt.")
    return response


def _reported(response: Response, evaluated: Evaluated) -> tuple[list[Reported], str]:
    """What of it cannot wait and was answered in this browser, in the words in which it was asked,
    and their language."""
    own = entries_of(response.document)
    library, code = request_context.library(), response.instrument
    instrument = library.instrument(code, response.instrument_version)
    wording = library.wording_to_read(
        code, response.language, response.instrument_version, response.wording_version
    )
    told_of = [
        each for each in reported(evaluated.breaches, instrument, wording) if each.item in own
    ]
    return told_of, wording.language


def statement_about(session: Session, patient_id: int, assignment_id: int) -> CallStatement | None:
    """What she last said about calling, if it was about this assignment."""
    statement = said_about_calling(session, [patient_id]).get(patient_id)
    if statement and statement.assignment_id == assignment_id:
        return statement
    return None


def _can_wait(
    advice: AdviceText | None, evaluated: Evaluated, ambers: Sequence[Alert]
) -> str | None:
    """Where a call is promised: whether she is asked if it can wait, or what she said."""
    promised = advice and evaluated.breaches and evaluated.breaches[0].urgency is Urgency.AMBER
    if not promised or not ambers:
        return None
    said = {alert.can_wait for alert in ambers}
    if said == {True}:
        return "yes"
    return "no" if False in said else "ask"


def _lines(advice: AdviceText | None, failed: bool, coming: Sequence[Pack]) -> list[str]:
    """What happens next, each thing once; nowhere does it say that all is well or that somebody has
    read it."""
    lines: list[str] = []
    if advice:
        lines += [advice.first, *advice.more]
    if failed:
        not_evaluated = _(
            "Your answers are saved, but the computer could not check them. Do not wait for us. "
            "If you feel ill or worried, call {phone}. You can call day and night."
        )
        lines.append(not_evaluated)
    if not lines:
        nobody_reads = _(
            "Nobody reads this questionnaire straight away. Do you feel very ill now? "
            "Call {phone}. Is your life in danger? Call 112."
        )
        lines.append(nobody_reads)
    if coming:
        lines.append(_next_questions(coming[0].opens))
    return lines


def _next_questions(opens: date) -> str:
    pause = own_pause()
    if pause and pause.holds(opens):
        return _(
            "The next questions come on %(day)s. You get no message on that day.", day=day(opens)
        )
    return _("The next questions come on %(day)s. You get a message.", day=day(opens))


def _open_now(days: Days, response: Response) -> list[Pack]:
    """What is still to be filled in, that of the same sitting first."""
    own = _same_sitting(days, response)
    return sorted(days.open, key=lambda pack: pack is not own)


def _same_sitting(days: Days, response: Response) -> Pack | None:
    """The pack of these answers, if something of it is still open."""
    for pack in days.open:
        if any(asked.assignment.id == response.assignment_id for asked in pack.rows):
            return pack
    return None
