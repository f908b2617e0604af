"""Instruments and responses as FHIR R4 has them: a Questionnaire, a QuestionnaireResponse, as plain
values."""

from proms.domain.fhir.identifiers import Extension, Resource, System, Worded, coding, identified
from proms.domain.fhir.questionnaire import Asking, questionnaire
from proms.domain.fhir.response_in import ReadAnswers, read
from proms.domain.fhir.response_out import StoredResponse, response

__all__ = [
    "StoredResponse",
    "Asking",
    "Extension",
    "Resource",
    "ReadAnswers",
    "System",
    "Worded",
    "coding",
    "identified",
    "questionnaire",
    "read",
    "response",
]
