"""A stored response as a QuestionnaireResponse: each version a resource of its own, the patient by
study code only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from proms.domain.fhir.identifiers import (
    Extension,
    Resource,
    System,
    Worded,
    coding,
    extended,
    identified,
    link_id,
    optional,
)
from proms.domain.instrument import Facts, Item, ItemKind, Value, Wording
from proms.domain.response import (
    Document,
    MissingReason,
    Mode,
    answers_of,
    item_as_asked,
    missing_of,
)

# Why an item that was asked has no answer. One that was not asked is left out, whatever she said.
ABSENT = {
    MissingReason.SKIPPED: "unknown",
    MissingReason.DECLINED: "asked-declined",
}
# HL7's words for how answers were given, beside ours.
HL7_MODES = {
    Mode.PHONE: "ELECTRONIC",
    Mode.TABLET: "ELECTRONIC",
    Mode.API: "ELECTRONIC",
    Mode.CALL: "VERBAL",
    Mode.PAPER: "WRITTEN",
}


@dataclass(frozen=True)
class StoredResponse:
    """A response version: whose, to which assignment, what it says, and what was known of her for
    an item's variant; of what staff typed in, who did and on which day she gave her answers."""

    patient: str
    assignment: int
    version: int
    receipt: str
    document: Document
    facts: Facts
    mode: Mode
    language: str
    submitted_at: datetime
    entered_by: int | None = None
    source_on: date | None = None

    @property
    def id(self) -> str:
        return f"{self.assignment}-{self.version}"


def response(worded: Worded, answered: StoredResponse, *, place: str) -> Resource:
    """The QuestionnaireResponse; a corrected one is amended, and the version before it stays as it
    was."""
    her = identified("Patient", System.STUDY_CODE, answered.patient)
    modes = [
        coding(System.MODE, answered.mode.value),
        coding(System.HL7_MODE, HL7_MODES[answered.mode]),
    ]
    mode = {"coding": modes}
    author = None
    if answered.entered_by:
        author = identified("Practitioner", System.STAFF, answered.entered_by)
    return {
        "resourceType": "QuestionnaireResponse",
        "id": answered.id,
        "language": answered.language,
        "extension": [extended(Extension.COMPLETION_MODE, valueCodeableConcept=mode)],
        "identifier": {"system": str(System.RECEIPT), "value": answered.receipt},
        "basedOn": [identified("ServiceRequest", System.ASSIGNMENT, answered.assignment)],
        "questionnaire": worded.canonical(place),
        "status": "completed" if answered.version == 1 else "amended",
        "subject": her,
        "authored": (answered.source_on or answered.submitted_at).isoformat(),
        **optional("author", author),
        "source": her,
        "item": list(_items(worded, answered)),
    }


def _items(worded: Worded, answered: StoredResponse) -> Iterator[Resource]:
    answers = answers_of(answered.document)
    missing = missing_of(answered.document)
    wording = worded.wording_in(answered.language)
    for plain in worded.instrument.items:
        item = item_as_asked(plain, answered.document, answered.facts)
        words = {"text": wording.question(item)} if wording else {}
        answer = answers.get(item.code, "")
        if answer != "":
            values = _values(worded, item, answer, wording)
            yield {"linkId": link_id(item), **words, "answer": values}
        elif missing.get(item.code) in ABSENT:
            reason = extended(Extension.ABSENT, valueCode=ABSENT[missing[item.code]])
            yield {"linkId": link_id(item), "extension": [reason], **words}


def _values(worded: Worded, item: Item, value: Value, wording: Wording | None) -> list[Resource]:
    if item.kind is ItemKind.NUMBER:
        return [{"valueInteger": value}]
    if item.kind is ItemKind.TEXT:
        return [{"valueString": value}]
    chosen = value if isinstance(value, tuple) else (value,)
    return [{"valueCoding": _option(worded, item, option, wording)} for option in chosen]


def _option(worded: Worded, item: Item, value: int | str, wording: Wording | None) -> Resource:
    option = worded.option(item, value)
    if wording:
        option["display"] = wording.option(item.code, value)
    return option
