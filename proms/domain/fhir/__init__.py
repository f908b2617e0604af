"""Instruments and responses as FHIR R4 has them: a Questionnaire, a QuestionnaireResponse, as plain values."""

from proms.domain.fhir.answered import Answered, response
from proms.domain.fhir.naming import Extension, Resource, System, Worded, coding, identified
from proms.domain.fhir.questionnaire import Asking, questionnaire
from proms.domain.fhir.reading import Said, read

__all__ = [
    "Answered",
    "Asking",
    "Extension",
    "Resource",
    "Said",
    "System",
    "Worded",
    "coding",
    "identified",
    "questionnaire",
    "read",
    "response",
]
