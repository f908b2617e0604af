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
from proms.domain.telephone import written
from proms.web import request_context
from proms.web.access import reading_assignment
from proms.web.api.assignment_form import instrument_of, refuse_unless_fillable
from proms.web.api.fhir.schemas import (
    FHIR,
    FHIR_JSON,
    PREFIX,
    BundleOut,
    OneQuestionnaireIn,
    QuestionnaireOut,
    QuestionnairesIn,
    base_address,
    bundle,
    fhir_response,
)
from proms.web.api.routes import api
from proms.web.guard import staff_and_patients
from proms.web.locale import language
from proms.web.phone_numbers import hospital

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
        assignment_id = query["assignment"]
        resources = [assigned(assignment_id)]
        at = f"{base_address()}/Questionnaire?assignment={assignment_id}"
        return fhir_response(bundle(resources, at=at, total=1))
    found = list(every_worded(request_context.library()))
    if "url" in query:
        found = [worded for worded in found if worded.url(base_address()) == query["url"]]
    page = query["page"]
    count = query["count"]
    first = (page - 1) * count
    resources = [questionnaire(worded, _anybody()) for worded in found[first : first + count]]
    pages = f"{base_address()}/Questionnaire?_count={count}&page="
    following = None
    if first + len(resources) < len(found):
        following = f"{pages}{page + 1}"
    return fhir_response(
        bundle(resources, at=f"{pages}{page}", total=len(found), following=following)
    )


@api.route(ONE)
@api.response(200, QuestionnaireOut, content_type=FHIR_JSON)
@api.alt_response(409, schema=FHIR.refusal, content_type=FHIR_JSON)
@FHIR.query_arguments(OneQuestionnaireIn)
@FHIR.alt_responses(404)
@staff_and_patients
def get_questionnaire(query: dict[str, int], questionnaire_id: str) -> Response:
    """One Questionnaire; with `assignment` as a patient is asked it there."""
    if "assignment" in query:
        resource = assigned(query["assignment"])
        if resource["id"] == questionnaire_id:
            return fhir_response(resource)
    else:
        for worded in every_worded(request_context.library()):
            if worded.id == questionnaire_id:
                return fhir_response(questionnaire(worded, _anybody()))
    raise NotFound("There is no such questionnaire.")


def assigned(assignment_id: int) -> Resource:
    """What the patient who asks is asked there; looking opens nothing."""
    if request_context.patient_if_any() is None:
        raise NotFound("There is no such questionnaire.")
    with reading_assignment(assignment_id) as (sitting, asked):
        refuse_unless_fillable(sitting, asked)
        instrument = instrument_of(sitting, asked)
        worded = worded_as(sitting.library, instrument, wording_at_hand(sitting, asked, instrument))
        asking = Asking(
            base_address(), written(hospital().phone), assignment_id, patient_facts(sitting)
        )
    return questionnaire(worded, asking)


def wording_at_hand(sitting: Sitting, asked: PackAssignment, instrument: Instrument) -> Wording:
    """The words an assignment was begun in, else those it would be opened in."""
    library = sitting.library
    opened = asked.response or asked.draft
    if opened:
        return library.wording(
            instrument.code, opened.language, instrument.version, opened.wording_version
        )
    return library.wording_to_ask(instrument.code, sitting.patient.language)


def worded_as(library: Library, instrument: Instrument, wording: Wording) -> Worded:
    """The instrument in the version of this wording, its language first."""
    return worded_in(library, instrument, wording.version, first=wording.language)


def worded_in(library: Library, instrument: Instrument, version: str, *, first: str) -> Worded:
    """The instrument in one version of its wording, in every language that is held, this one
    first."""
    others = [other.value for other in Language if other != first]
    wordings = []
    for code in (first, *others):
        versions = library.wordings.get((instrument.code, instrument.version, code), {})
        if version in versions:
            wordings.append(versions[version])
    return Worded(instrument, version, tuple(wordings))


def every_worded(library: Library) -> Iterator[Worded]:
    """Every instrument version in every version of its wording."""
    for code in sorted(library.instruments):
        yield from worded_versions(library, code, first=language())


def worded_versions(library: Library, code: str, *, first: str) -> Iterator[Worded]:
    """Every version of one instrument in every version of its wording, this language first."""
    for _version, instrument in sorted(library.instruments[code].items()):
        for wording_version in _wording_versions(library, instrument):
            yield worded_in(library, instrument, wording_version, first=first)


def _wording_versions(library: Library, instrument: Instrument) -> list[str]:
    """The versions its wording is held in, in any language."""
    versions: set[str] = set()
    for code in Language:
        versions.update(library.wordings.get((instrument.code, instrument.version, code.value), {}))
    return sorted(versions)


def _anybody() -> Asking:
    return Asking(base_address(), written(hospital().phone))
