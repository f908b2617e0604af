"""QuestionnaireResponses: read by the nurses and coordinators of the patient's site, sent by the
patient herself."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Response

from proms.actions.drafts import Sitting
from proms.actions.evaluations import patient_facts
from proms.actions.page_views import note_view
from proms.actions.refusals import NotFound
from proms.actions.schedule import personal_facts
from proms.actions.submissions import Submission, submit
from proms.db.queries.response_versions import ResponseVersion, version_of, versions_page
from proms.db.queries.today import PackAssignment
from proms.domain.fhir import Resource, StoredResponse, Worded, read, response
from proms.domain.instrument import Answers, Instrument, NotOffered, UnknownItem
from proms.domain.person import Role
from proms.domain.response import Document, Mode, answers_of
from proms.web import request_context
from proms.web.access import opened_in, own_patient, writing_assignment
from proms.web.api.assignment_form import document, instrument_of
from proms.web.api.assignment_schemas import KeyIn
from proms.web.api.errors import StrangeAnswers, WrongQuestionnaire
from proms.web.api.fhir.outcome import receipt_outcome
from proms.web.api.fhir.questionnaires import worded_as, worded_in, wording_at_hand
from proms.web.api.fhir.schemas import (
    FHIR,
    FHIR_JSON,
    PREFIX,
    BundleOut,
    OutcomeOut,
    QuestionnaireResponseIn,
    QuestionnaireResponseOut,
    ResponsesIn,
    bundle,
    place,
    sent,
)
from proms.web.api.fields import LARGEST_INTEGER
from proms.web.api.routes import api
from proms.web.guard import patients_only, staff_only

ALL = f"{PREFIX}/QuestionnaireResponse"
ONE = f"{ALL}/<string(maxlength=32):response_id>"
NAMED = re.compile(r"([0-9]{1,10})-([0-9]{1,6})")
NUMBER = re.compile(r"[0-9]{1,10}")
PAGE = "fhir"


@api.route(ALL)
@api.response(200, BundleOut, content_type=FHIR_JSON)
@FHIR.query_arguments(ResponsesIn)
@FHIR.alt_responses(404)
@staff_only(Role.NURSE, Role.COORDINATOR)
def get_responses(query: dict[str, Any]) -> Response:
    """Everything a patient of one's own site sent, in every version, in order of arrival. Reading
    is on record."""
    page, size = query["page"], query["count"]
    with request_context.writing() as session:
        owner = own_patient(session, query["patient"])
        kept, total = versions_page(session, owner, page=page, size=size)
        found = [_resource(each) for each in kept]
        at = f"{place()}/QuestionnaireResponse?patient={owner.code}&_count={size}&page="
        note_view(
            session,
            patient=owner,
            page=PAGE,
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    following = f"{at}{page + 1}" if page * size < total else None
    return sent(bundle(found, at=f"{at}{page}", total=total, following=following))


@api.route(ONE)
@api.response(200, QuestionnaireResponseOut, content_type=FHIR_JSON)
@FHIR.alt_responses(404)
@staff_only(Role.NURSE, Role.COORDINATOR)
def get_response(response_id: str) -> Response:
    """One version of a response of one's own site. Reading is on record."""
    named = NAMED.fullmatch(response_id)
    with request_context.writing() as session:
        assignment_id, version = (int(part) for part in named.groups()) if named else (0, 0)
        within = assignment_id <= LARGEST_INTEGER
        kept = (
            version_of(session, request_context.current_staff().site_id, assignment_id, version)
            if within
            else None
        )
        if kept is None:
            raise NotFound("There is no such response.")
        found = _resource(kept)
        note_view(
            session,
            patient=kept.patient,
            page=PAGE,
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    return sent(found)


@api.route(ALL, methods=["POST"])
@api.response(201, OutcomeOut, content_type=FHIR_JSON)
@api.alt_response(
    200, schema=OutcomeOut, content_type=FHIR_JSON, success=True, description="Stored before"
)
@api.alt_response(409, schema=OutcomeOut, content_type=FHIR_JSON)
@FHIR.header_arguments(KeyIn)
@FHIR.arguments(QuestionnaireResponseIn)
@FHIR.alt_responses(404)
@patients_only
def post_questionnaire_response(headers: dict[str, str], body: dict[str, Any]) -> Response:
    """Submit the answers to the assignment that `basedOn` names; under the same key they are stored
    once.

    They are scored and held against the rules in the same commit; what cannot wait comes back as a
    warning.
    """
    with writing_assignment(_assignment(body)) as sitting:
        asked = opened_in(sitting)
        answers = _document(sitting, asked, body)
        receipt = submit(
            sitting, Submission(headers["idempotency_key"], answers, Mode.API, body.get("language"))
        )
        where = f"{place()}/QuestionnaireResponse/{asked.assignment.id}-1"
    status = 200 if receipt.repeated else 201
    return sent(receipt_outcome(receipt), status, Location=where)


def _resource(kept: ResponseVersion) -> Resource:
    """A response version in the words it was given in, as far as they are still held."""
    row = kept.response
    instrument = request_context.library().instrument(row.instrument, row.instrument_version)
    worded = worded_in(
        request_context.library(), instrument, row.wording_version, first=row.language
    )
    answered = StoredResponse(
        patient=kept.patient.code,
        assignment=row.assignment_id,
        version=row.version,
        receipt=row.receipt,
        document=row.document,
        facts=kept.facts if kept.facts is not None else personal_facts(kept.patient),
        mode=Mode(row.mode),
        language=row.language,
        submitted_at=row.submitted_at,
    )
    return response(worded, answered, place=place())


def _assignment(body: dict[str, Any]) -> int:
    value = body["basedOn"][0]["identifier"]["value"]
    if not NUMBER.fullmatch(value) or int(value) > LARGEST_INTEGER:
        raise NotFound("There is no such questionnaire.")
    return int(value)


def _document(sitting: Sitting, asked: PackAssignment, body: dict[str, Any]) -> Document:
    """What the body answers; refused by name is another questionnaire, and everything this one does
    not offer."""
    instrument = instrument_of(sitting, asked)
    worded = worded_as(
        sitting.library,
        instrument,
        wording_at_hand(sitting, asked, instrument, body.get("language")),
    )
    _refuse_another(worded, body["questionnaire"], asked.assignment.id)
    said = read(worded, body)
    _refuse_strange(said.refused)
    answers = document(sitting, asked, {"answers": said.answers, "missing": said.missing})
    if not asked.response:
        _refuse_strange(_in_other_words(sitting, instrument, said.variants, answers_of(answers)))
    return answers


def _refuse_strange(refused: Mapping[str, UnknownItem | NotOffered]) -> None:
    if refused:
        named = {name: [str(refusal)] for name, refusal in refused.items()}
        raise StrangeAnswers(named, next(iter(refused.values())))


def _refuse_another(worded: Worded, named: str, assignment_id: int) -> None:
    """The canonical with its version says which words were read; it must be the one that is asked
    here."""
    own = f"{worded.url(place())}?assignment={assignment_id}|{worded.version}"
    if named not in (own, worded.canonical(place())):
        raise WrongQuestionnaire(worded.canonical(place()))


def _in_other_words(
    sitting: Sitting, instrument: Instrument, variants: Mapping[str, str], answers: Answers
) -> dict[str, NotOffered]:
    """An item with variants is answered in the variant that goes with the other answers: nothing
    else says which."""
    if not variants:
        return {}
    wrong = {}
    for item in instrument.asked(patient_facts(sitting), answers):
        answered = variants.get(item.code)
        if answered and answered != item.variant:
            reason = f": with these answers it is asked as {item.code}.{item.variant}"
            wrong[f"{item.code}.{answered}"] = NotOffered(item.code, reason)
    return wrong
