"""What things are called in FHIR: systems of codes and identifiers, extensions, and the names of a
questionnaire."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from proms.domain.instrument import Instrument, Item, Wording

Resource = dict[str, Any]
LONGEST_ID = 64


class System(StrEnum):
    """Where a code or an identifier comes from; docs/fhir.md names the source of each."""

    SNOMED = "http://snomed.info/sct"
    NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
    CDISC = "https://www.cdisc.org/standards/terminology/controlled-terminology"
    ITEM_CONTROL = "http://hl7.org/fhir/questionnaire-item-control"
    OWN_CODE = "urn:proms:code"  # test codes and categories that the trial made itself
    INSTRUMENT = "urn:proms:instrument"
    STUDY_CODE = "urn:proms:study-code"
    ASSIGNMENT = "urn:proms:assignment"
    RECEIPT = "urn:proms:receipt"
    MODE = "urn:proms:mode"
    HL7_MODE = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
    STAFF = "urn:proms:staff"
    REFUSAL = "urn:proms:refusal"
    # Ends in questionnaire, version and item: a 1 means something else at every item.
    OPTION = "urn:proms:option"


class Extension(StrEnum):
    """What FHIR R4 says beside its elements."""

    TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
    OPTION_EXCLUSIVE = "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive"
    ITEM_CONTROL = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
    MIN_VALUE = "http://hl7.org/fhir/StructureDefinition/minValue"
    MAX_VALUE = "http://hl7.org/fhir/StructureDefinition/maxValue"
    SLIDER_STEP = "http://hl7.org/fhir/StructureDefinition/questionnaire-sliderStepValue"
    DESIGN_NOTE = "http://hl7.org/fhir/StructureDefinition/designNote"
    ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    COMPLETION_MODE = "http://hl7.org/fhir/StructureDefinition/questionnaireresponse-completionMode"


@dataclass(frozen=True)
class Worded:
    """An instrument version in one version of its wording: one Questionnaire, its languages the
    base language first."""

    instrument: Instrument
    wording_version: str
    wordings: tuple[Wording, ...] = ()

    @property
    def name(self) -> str:
        """The instrument's name; under stand-in labels another, as in the export."""
        return self.instrument.name_in_export(self.wording_version)

    @property
    def version(self) -> str:
        return f"{self.instrument.version}-{self.wording_version}"

    @property
    def id(self) -> str:
        return re.sub(r"[^A-Za-z0-9.-]", "-", f"{self.name}-{self.version}")[:LONGEST_ID]

    def wording_in(self, language: str) -> Wording | None:
        return next((words for words in self.wordings if words.language == language), None)

    def url(self, place: str) -> str:
        """The canonical address: the same in every version."""
        return f"{place}/Questionnaire/{self.name}"

    def canonical(self, place: str) -> str:
        """The canonical address with the version, as a response names what it answers."""
        return f"{self.url(place)}|{self.version}"

    def option_system(self, item: Item) -> str:
        return f"{System.OPTION}:{self.name}:{self.instrument.version}:{item.code}"

    def option(self, item: Item, value: int | str) -> Resource:
        """An option's code as it is stored, without its words."""
        return coding(self.option_system(item), str(value))


def link_id(item: Item) -> str:
    """The item's code; of an item with variants, each variant has its own."""
    return f"{item.code}.{item.variant}" if item.variant else item.code


def coding(system: str, code: str) -> Resource:
    return {"system": str(system), "code": code}


def identified(kind: str, system: System, value: object) -> Resource:
    """A reference to something by an identifier of ours."""
    return {"type": kind, "identifier": {"system": str(system), "value": str(value)}}


def extended(url: Extension, **value: object) -> Resource:
    return {"url": str(url), **value}


def optional(element: str, value: object) -> Resource:
    """The element, unless it would be empty, which FHIR does not allow."""
    return {element: value} if value else {}


def translated(words: str, others: Mapping[str, str]) -> Resource:
    """What stands beside a text in the base language: the same in the others."""
    if not words:
        return {}
    translations: list[Resource] = []
    for language, text in others.items():
        if text:
            parts = [
                {"url": "lang", "valueCode": language},
                {"url": "content", "valueString": text},
            ]
            translations.append({"url": str(Extension.TRANSLATION), "extension": parts})
    return optional("extension", translations)
