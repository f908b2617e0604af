"""Questionnaires: every instrument in every wording held here, or what one assignment asks its
patient."""

from collections.abc import Iterator
from typing import Any

from flask import Response

from proms.actions.drafts import Sitting
from proms.actions.evaluations import patient_facts
from proms.actions.refusals import NotFound
from proms.content import Library
from proms.db.queries.today import PackAssignment
from proms.domain.fhir import Asking, Resource, Worded, questionnaire
from proms.domain.instrument import Instrument, Wording
from proms.domain.person import Language
from proms.web import request_context
from proms.web.access import reading_assignment
from proms.web.api.assignment_form import held_draft, instrument_of
from proms.web.api.fhir.schemas import (
    FHIR,
    FHIR_JSON,
    PREFIX,
    BundleOut,
    OneQuestionnaireIn,
    QuestionnaireOut,
    QuestionnairesIn,
    bundle,
    place,
    sent,
)
from proms.web.api.routes import api
from proms.web.guard import staff_and_patients
from proms.web.locale import language
from proms.web.phone_numbers import hospital, phone

ALL = f"{PREFIX}/Questionnaire"
ONE = f"{ALL}/<string(maxlength=64):questionnaire_id>"


@api.route(ALL)
@api.response(200, BundleOut, content_type=FHIR_JSON)
@api.alt_response(409, schema=FHIR.refusal, content_type=FHIR_JSON)
@FHIR.query_arguments(QuestionnairesIn)
@FHIR.alt_responses(404)
@staff_and_patients
def get_questionnaires(query: dict[str, Any]) -> Response:
    """The instruments as Questionnaires in the reader's language with the others beside it; `url`
    finds one.

    With `assignment` a patient gets what she is asked there: what is known of her is filled in.
    """
    if "assignment" in query:
        found = [assigned(query["assignment"])]
        return sent(
            bundle(found, at=f"{place()}/Questionnaire?assignment={query['assignment']}", total=1)
        )
    held = [
        each
        for each in every_worded(request_context.library())
        if query.get("url", each.url(place())) == each.url(place())
    ]
    first = (query["page"] - 1) * query["count"]
    part = [questionnaire(each, _anybody()) for each in held[first : first + query["count"]]]
    at = f"{place()}/Questionnaire?_count={query['count']}&page="
    more = f"{at}{query['page'] + 1}" if first + len(part) < len(held) else None
    return sent(bundle(part, at=f"{at}{query['page']}", total=len(held), following=more))


@api.route(ONE)
@api.response(200, QuestionnaireOut, content_type=FHIR_JSON)
@api.alt_response(409, schema=FHIR.refusal, content_type=FHIR_JSON)
@FHIR.query_arguments(OneQuestionnaireIn)
@FHIR.alt_responses(404)
@staff_and_patients
def get_questionnaire(query: dict[str, int], questionnaire_id: str) -> Response:
    """One Questionnaire; with `assignment` as a patient is asked it there."""
    if "assignment" in query:
        found = assigned(query["assignment"])
        if found["id"] == questionnaire_id:
            return sent(found)
    else:
        for each in every_worded(request_context.library()):
            if each.id == questionnaire_id:
                return sent(questionnaire(each, _anybody()))
    raise NotFound("There is no such questionnaire.")


def assigned(assignment_id: int) -> Resource:
    """What the patient who asks is asked there; looking opens nothing."""
    if request_context.patient_if_any() is None:
        raise NotFound("There is no such questionnaire.")
    with reading_assignment(assignment_id) as (sitting, asked):
        held_draft(sitting, asked)
        instrument = instrument_of(sitting, asked)
        worded = worded_as(sitting.library, instrument, wording_at_hand(sitting, asked, instrument))
        asking = Asking(place(), phone(hospital().phone), assignment_id, patient_facts(sitting))
    return questionnaire(worded, asking)


def wording_at_hand(
    sitting: Sitting, asked: PackAssignment, instrument: Instrument, language: str | None = None
) -> Wording:
    """The words an assignment was begun in, else those it would be opened in, in this language
    where it is offered."""
    begun, library = asked.response or asked.draft, sitting.library
    if begun:
        return library.wording(
            instrument.code, begun.language, instrument.version, begun.wording_version
        )
    wanted = (
        language
        if language and library.offers(instrument.code, language)
        else sitting.patient.language
    )
    return library.wording_to_ask(instrument.code, wanted)


def worded_as(library: Library, instrument: Instrument, wording: Wording) -> Worded:
    """The instrument in the version of this wording, its language first."""
    return worded_in(library, instrument, wording.version, first=wording.language)


def worded_in(library: Library, instrument: Instrument, version: str, *, first: str) -> Worded:
    """The instrument in one version of its wording, in every language that is held, this one
    first."""
    order = sorted((each.value for each in Language), key=lambda each: each != first)
    held = (library.wordings.get((instrument.code, instrument.version, each), {}) for each in order)
    return Worded(instrument, version, tuple(each[version] for each in held if version in each))


def every_worded(library: Library) -> Iterator[Worded]:
    """Every instrument version in every version of its wording."""
    mine = language()
    for code, versions in sorted(library.instruments.items()):
        for version, instrument in sorted(versions.items()):
            held = {
                each
                for lang in Language
                for each in library.wordings.get((code, version, lang.value), {})
            }
            yield from (worded_in(library, instrument, each, first=mine) for each in sorted(held))


def _anybody() -> Asking:
    return Asking(place(), phone(hospital().phone))
