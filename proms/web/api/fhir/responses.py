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
from proms.actions.submissions import Submission, submit
from proms.content import Library
from proms.db.queries.response_versions import ResponseVersion, version_of, versions_page
from proms.db.queries.today import PackAssignment
from proms.domain.fhir import Resource, StoredResponse, Worded, read, response
from proms.domain.instrument import Answers, Instrument, NotOffered, UnknownItem, Wording
from proms.domain.person import Role
from proms.domain.plain_text import LARGEST_INTEGER
from proms.domain.response import Document, Mode, answers_of
from proms.web import request_context
from proms.web.access import opened_in, own_patient, writing_assignment
from proms.web.api.assignment_form import instrument_of, read_document
from proms.web.api.assignment_schemas import KeyIn
from proms.web.api.errors import StrangeAnswers, WrongQuestionnaire
from proms.web.api.fhir.outcome import receipt_outcome
from proms.web.api.fhir.questionnaires import (
    worded_as,
    worded_in,
    worded_versions,
    wording_at_hand,
)
from proms.web.api.fhir.schemas import (
    FHIR,
    FHIR_JSON,
    PREFIX,
    BundleOut,
    OutcomeOut,
    QuestionnaireResponseIn,
    QuestionnaireResponseOut,
    ReadIn,
    ResponsesIn,
    base_address,
    bundle,
    fhir_response,
)
from proms.web.api.routes import api
from proms.web.guard import patients_only, staff_only

ALL = f"{PREFIX}/QuestionnaireResponse"
ONE = f"{ALL}/<string(maxlength=32):response_id>"
RESPONSE_ID = re.compile(r"([0-9]{1,10})-([0-9]{1,6})")  # assignment, version
ASSIGNMENT_ID = re.compile(r"[0-9]{1,10}")
PAGE = "fhir"


@api.route(ALL)
@api.response(200, BundleOut, content_type=FHIR_JSON)
@FHIR.query_arguments(ResponsesIn)
@FHIR.alt_responses(404)
@staff_only(Role.NURSE, Role.COORDINATOR)
def get_responses(query: dict[str, Any]) -> Response:
    """Everything a patient of one's own site sent, in every version, in order of arrival. Reading
    is on record."""
    page = query["page"]
    size = query["count"]
    with request_context.writing() as session:
        owner = own_patient(session, query["patient"])
        versions, total = versions_page(session, owner, page=page, size=size)
        resources = [_resource(version) for version in versions]
        pages = f"{base_address()}/QuestionnaireResponse?patient={owner.code}&_count={size}&page="
        note_view(
            session,
            patient=owner,
            page=PAGE,
            by=request_context.current_staff(),
            now=request_context.now(),
        )
    following = None
    if page * size < total:
        following = f"{pages}{page + 1}"
    return fhir_response(bundle(resources, at=f"{pages}{page}", total=total, following=following))


@api.route(ONE)
@api.response(200, QuestionnaireResponseOut, content_type=FHIR_JSON)
@FHIR.query_arguments(ReadIn)
@FHIR.alt_responses(404)
@staff_only(Role.NURSE, Role.COORDINATOR)
def get_response(_query: dict[str, str], response_id: str) -> Response:
    """One version of a response of one's own site. Reading is on record."""
    assignment_id, number = _numbers_in(response_id)
    staff = request_context.current_staff()
    with request_context.writing() as session:
        version = version_of(session, staff.site_id, assignment_id, number)
        if version is None:
            raise NotFound("There is no such response.")
        resource = _resource(version)
        note_view(
            session,
            patient=version.patient,
            page=PAGE,
            by=staff,
            now=request_context.now(),
        )
    return fhir_response(resource)


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
    with writing_assignment(_assignment_id(body)) as sitting:
        asked = opened_in(sitting)
        worded = _questionnaire_read(sitting, asked, body)
        document = _read_document(sitting, asked, worded, body)
        key = headers["idempotency_key"]
        read = worded.wordings[0].read
        receipt = submit(sitting, Submission(key, document, Mode.API, read))
        address = f"{base_address()}/QuestionnaireResponse/{asked.assignment.id}-1"
    status = 200 if receipt.repeated else 201
    return fhir_response(receipt_outcome(receipt), status, Location=address)


def _numbers_in(response_id: str) -> tuple[int, int]:
    """The assignment and the version in a response's id; raises NotFound where there are none."""
    numbers = RESPONSE_ID.fullmatch(response_id)
    if numbers is None or int(numbers[1]) > LARGEST_INTEGER:
        raise NotFound("There is no such response.")
    return int(numbers[1]), int(numbers[2])


def _resource(version: ResponseVersion) -> Resource:
    """A response version in the words it was given in, as far as they are still held."""
    row = version.response
    library = request_context.library()
    instrument = library.instrument(row.instrument, row.instrument_version)
    worded = worded_in(library, instrument, row.wording_version, first=row.language)
    stored = StoredResponse(
        patient=version.patient.code,
        assignment=row.assignment_id,
        version=row.version,
        receipt=row.receipt,
        document=row.document,
        facts=version.facts,
        mode=Mode(row.mode),
        language=row.language,
        submitted_at=row.submitted_at,
        entered_by=row.entered_by,
        source_on=row.source_on,
    )
    return response(worded, stored, place=base_address())


def _assignment_id(body: dict[str, Any]) -> int:
    value = body["basedOn"][0]["identifier"]["value"]
    if not ASSIGNMENT_ID.fullmatch(value) or int(value) > LARGEST_INTEGER:
        raise NotFound("There is no such questionnaire.")
    return int(value)


def _questionnaire_read(sitting: Sitting, asked: PackAssignment, body: dict[str, Any]) -> Worded:
    """The questionnaire that the body names with its version, the language it was read in first:
    the one at hand, or an older one that was read before a newer came.

    Raises WrongQuestionnaire for any other.
    """
    library = sitting.library
    instrument = instrument_of(sitting, asked)
    at_hand = wording_at_hand(sitting, asked, instrument)
    worded = worded_as(library, instrument, at_hand)
    is_at_hand = _is_named(worded, body["questionnaire"], asked.assignment.id)
    if is_at_hand and (asked.draft or asked.response):
        return worded  # the language was fixed when it was opened
    for version in worded_versions(library, instrument.code, first=at_hand.language):
        # What was answered before is compared with what is stored: item by item of one version.
        if asked.response and version.instrument.version != instrument.version:
            continue
        if _is_named(version, body["questionnaire"], asked.assignment.id):
            words = _words_read(library, version, body.get("language"))
            if words:
                return worded_as(library, version.instrument, words)
    raise WrongQuestionnaire(worded.canonical(base_address()))


def _words_read(library: Library, worded: Worded, language: str | None) -> Wording | None:
    """The words in the language that was read, else in the first that patients may be shown."""
    named = worded.wording_in(language) if language else None
    for words in (named, *worded.wordings):
        if words and library.may_be_read(words.instrument, words.read):
            return words
    return None


def _is_named(worded: Worded, canonical: str, assignment_id: int) -> bool:
    """Whether the canonical with its version names this questionnaire, the general one or the
    assignment's: it says which words were read."""
    here = base_address()
    of_assignment = f"{worded.url(here)}?assignment={assignment_id}|{worded.version}"
    return canonical in (of_assignment, worded.canonical(here))


def _read_document(
    sitting: Sitting, asked: PackAssignment, worded: Worded, body: dict[str, Any]
) -> Document:
    """What the body answers; refused by name is everything its questionnaire does not offer."""
    instrument = worded.instrument
    # The assignment's own questionnaire has what is asked of her. What was answered before is
    # compared with what is stored, whatever is known of her by now.
    facts = None
    if not asked.response and body["questionnaire"] != worded.canonical(base_address()):
        facts = patient_facts(sitting)
    read_answers = read(worded, body, facts)
    _refuse_strange(read_answers.refused)
    document = read_document(
        sitting,
        asked,
        {"answers": read_answers.answers, "missing": read_answers.missing},
        worded.wordings[0].read,
    )
    # What was answered before is compared with what is stored, and asks for no variant any more.
    if not asked.response:
        answers = answers_of(document)
        _refuse_strange(_wrong_variants(sitting, instrument, read_answers.variants, answers))
    return document


def _refuse_strange(refusals: Mapping[str, UnknownItem | NotOffered]) -> None:
    if refusals:
        errors = {name: [str(refusal)] for name, refusal in refusals.items()}
        raise StrangeAnswers(errors, next(iter(refusals.values())))


def _wrong_variants(
    sitting: Sitting, instrument: Instrument, variants: Mapping[str, str], answers: Answers
) -> dict[str, NotOffered]:
    """An item with variants is answered in the variant that goes with the other answers: nothing
    else says which."""
    if not variants:
        return {}
    wrong: dict[str, NotOffered] = {}
    for item in instrument.asked(patient_facts(sitting), answers):
        answered = variants.get(item.code)
        if answered and answered != item.variant:
            reason = f": with these answers it is asked as {item.code}.{item.variant}"
            wrong[f"{item.code}.{answered}"] = NotOffered(item.code, reason)
    return wrong
