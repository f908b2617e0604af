"""A patient's calls: what is asked of her, the draft, the response."""

from dataclasses import replace
from itertools import chain
from typing import Any

from proms.actions.audit import patient_actor
from proms.actions.drafts import open_assignment, save_draft
from proms.actions.submissions import Submission, submit
from proms.actions.unscheduled import start_extra
from proms.db.tables import Patient
from proms.domain.response import Mode, answers_of
from proms.web import request_context
from proms.web.access import opened_in, own_days, reading_assignment, writing_assignment
from proms.web.api.assignment_form import (
    form,
    form_read,
    listed,
    read_document,
    receipt_with_advice,
    refuse_unless_fillable,
)
from proms.web.api.assignment_schemas import (
    AnsweredOut,
    AnswersIn,
    AssignmentsOut,
    DraftIn,
    ExtraIn,
    FormOut,
    KeyIn,
    ReceiptOut,
)
from proms.web.api.routes import alt_responses, api, arguments, header_arguments
from proms.web.guard import patients_only

ONE = "/assignments/<id:assignment_id>"


@api.route("/assignments")
@api.response(200, AssignmentsOut)
@alt_responses()
@patients_only
def get_assignments() -> dict[str, Any]:
    """What may be answered now, what comes, and what was answered; what was missed is not
    listed."""
    now = request_context.now()
    with request_context.reading() as session:
        days = own_days(session, request_context.current_patient())
    fillable = chain.from_iterable(pack.open_at(now) for pack in days.open)
    upcoming = chain.from_iterable(pack.rows for pack in days.coming)
    # Of a pack that is still open some may be answered already.
    begun = chain.from_iterable(pack.rows for pack in (*days.open, *days.done))
    return {
        "open": [listed(asked) for asked in fillable],
        "upcoming": [listed(asked) for asked in upcoming],
        "done": [listed(asked) for asked in begun if asked.response],
    }


@api.route("/assignments", methods=["POST"])
@api.response(201, FormOut)
@arguments(ExtraIn)
@alt_responses(404, 409)
@patients_only
def post_assignment(body: dict[str, Any]) -> dict[str, Any]:
    """Begin an extra check; while the same questionnaire is open, that one opens instead."""
    with request_context.writing() as session:
        patient = session.get_one(Patient, request_context.current_patient().id)
        opened = start_extra(
            session,
            request_context.library(),
            patient=patient,
            event=body["event"],
            language=body["language"] or patient.language,
            by=patient_actor(patient.id),
            now=request_context.now(),
        )
    with reading_assignment(opened.id) as (sitting, asked):
        return form(sitting, asked, answers={})


@api.route(ONE)
@api.response(200, FormOut)
@api.alt_response(409, schema=AnsweredOut)
@alt_responses(404)
@patients_only
def get_assignment(assignment_id: int) -> dict[str, Any]:
    """The questions with their words, to fill in; looking opens nothing."""
    with reading_assignment(assignment_id) as (sitting, asked):
        refuse_unless_fillable(sitting, asked)
        return form(sitting, asked, answers={})


@api.route(f"{ONE}/draft", methods=["PUT"])
@api.response(200, FormOut)
@api.alt_response(409, schema=AnsweredOut)
@arguments(DraftIn)
@alt_responses(404)
@patients_only
def put_draft(body: dict[str, Any], assignment_id: int) -> dict[str, Any]:
    """Keep answers on the way; the first draft opens the assignment. What is asked now may depend
    on them."""
    with writing_assignment(assignment_id) as sitting:
        asked = opened_in(sitting)
        refuse_unless_fillable(sitting, asked)
        read = form_read(sitting, body)
        document = read_document(sitting, asked, body, read)
        language = body["language"] or sitting.patient.language
        open_assignment(sitting, language=language, read=read)
        draft = save_draft(sitting, document=document)
        return form(sitting, replace(asked, draft=draft), answers=answers_of(document))


@api.route(f"{ONE}/response", methods=["POST"])
@api.response(201, ReceiptOut)
@api.alt_response(
    200, schema=ReceiptOut, success=True, description="Stored before: the same receipt"
)
@api.alt_response(409, schema=AnsweredOut)
@header_arguments(KeyIn)
@arguments(AnswersIn)
@alt_responses(404)
@patients_only
def post_response(
    headers: dict[str, str], body: dict[str, Any], assignment_id: int
) -> tuple[dict[str, Any], int]:
    """Submit the answers; under the same key they are stored once, and the receipt is the same."""
    with writing_assignment(assignment_id) as sitting:
        asked = opened_in(sitting)
        read = form_read(sitting, body)
        document = read_document(sitting, asked, body, read)
        key = headers["idempotency_key"]
        receipt = submit(sitting, Submission(key, document, Mode.API, read))
    status = 200 if receipt.repeated else 201
    return receipt_with_advice(receipt), status
