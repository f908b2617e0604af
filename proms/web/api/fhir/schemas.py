"""The forms of what comes in and goes out as FHIR. Only what is read is named; FHIR lets a sender
say more."""

import re
from typing import Any, ClassVar

from flask import Response, json, request
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, pre_load, validates_schema
from marshmallow.fields import Boolean, Dict, Integer, List, Nested, Raw, String
from marshmallow.validate import Equal, Length, OneOf

from proms.domain.fhir import Resource, System
from proms.domain.person import Language
from proms.domain.plain_text import LARGEST_INTEGER
from proms.web import request_context
from proms.web.api import names
from proms.web.api.fields import Strict, digits, line, whole
from proms.web.api.routes import Conventions

FHIR_JSON = "application/fhir+json"
JSON_FORMATS = ("json", "application/json", FHIR_JSON)
PREFIX = "/fhir"


class Loose(Schema):
    """A part of a resource: elements of FHIR R4 that we do not need are left unread, but for those
    that change its meaning; what R4 does not have is refused by name."""

    class Meta:
        unknown = RAISE

    unread: ClassVar[str] = ""  # a pattern of the elements that FHIR has here besides

    modifierExtension = List(Raw(), validate=Length(0, 0))  # noqa: N815  (FHIR's name)

    @pre_load
    def leave_unread(self, data: Any, **_: Any) -> Any:
        """The elements that are read; an element's own id and extensions stand under "_name"."""
        if not isinstance(data, dict):
            return data
        read = {field.data_key or name for name, field in self.fields.items()}
        in_fhir = re.compile(f"_?(id|extension|{self.unread})|_({'|'.join(read)})")
        return {
            name: value
            for name, value in data.items()
            if name in read or not in_fhir.fullmatch(name)
        }


class CodingIn(Loose):
    unread = "version|display|userSelected"

    system = String()
    code = String()


class IdentifierIn(Loose):
    unread = "use|type|period|assigner"

    system = String(required=True)
    value = String(required=True)


class BasisIn(Loose):
    """A reference by identifier."""

    unread = "reference|type|display"

    identifier = Nested(IdentifierIn, required=True)


class ExtensionIn(Loose):
    unread = "value[A-Z][A-Za-z0-9]*"

    url = String(required=True)
    valueCode = String()  # noqa: N815


class AnswerIn(Loose):
    """One answer; what an item takes is said by its kind."""

    unread = "value(Boolean|Decimal|Date|DateTime|Time|Uri|Attachment|Quantity|Reference)"

    valueCoding = Nested(CodingIn)  # noqa: N815
    valueInteger = whole(-LARGEST_INTEGER)  # noqa: N815
    valueString = String()  # noqa: N815
    item = List(Nested(lambda: ItemIn()))


class ItemIn(Loose):
    """An item with its answers, or with why it has none; or a group of items."""

    unread = "definition|text"

    linkId = String(required=True)  # noqa: N815
    answer = List(Nested(AnswerIn))
    item = List(Nested(lambda: ItemIn()))
    extension = List(Nested(ExtensionIn))


class QuestionnaireResponseIn(Loose):
    """A patient's finished answers to one assignment, which `basedOn` names by its identifier."""

    unread = "meta|text|contained|identifier|partOf|subject|encounter|authored|author|source"

    resourceType = String(required=True, validate=Equal("QuestionnaireResponse"))  # noqa: N815
    questionnaire = String(required=True)
    status = String(required=True, validate=OneOf(["completed"]))
    basedOn = List(Nested(BasisIn), required=True, validate=Length(1, 1))  # noqa: N815
    language = String(validate=OneOf([member.value for member in Language]))
    implicitRules = String(validate=Length(0, 0))  # noqa: N815
    item = List(Nested(ItemIn), required=True)

    @validates_schema
    def names_an_assignment(self, data: dict[str, Any], **_: Any) -> None:
        identifier = data["basedOn"][0]["identifier"]
        if identifier["system"] != System.ASSIGNMENT:
            raise ValidationError(
                f"An identifier of the system {System.ASSIGNMENT} is expected.", "basedOn"
            )


class ReadIn(Strict):
    """What FHIR lets every call ask: of these the form we have, laid out for people or not, and the
    whole resource."""

    format = String(validate=OneOf(JSON_FORMATS), data_key="_format")
    pretty = String(validate=OneOf(["true", "false"]), data_key="_pretty")
    summary = String(validate=OneOf(["false"]), data_key="_summary")


class PartIn(ReadIn):
    """Which part of a list."""

    count = digits(1, 100, load_default=50, data_key="_count")
    page = digits(1, 10_000, load_default=1)


class QuestionnairesIn(PartIn):
    """Which questionnaires; `assignment` is a patient's own."""

    url = line(500)
    assignment = digits(1, LARGEST_INTEGER)


class OneQuestionnaireIn(ReadIn):
    assignment = digits(1, LARGEST_INTEGER)


class ResponsesIn(PartIn):
    """Whose responses, by study code."""

    patient = line(16, 1, required=True)


class FhirOut(Schema):
    """What goes out: more may stand in it than is named here."""

    class Meta:
        unknown = EXCLUDE


class ResourceOut(FhirOut):
    """A resource of FHIR R4."""

    resourceType = String(required=True)  # noqa: N815
    id = String()


class BundleOut(FhirOut):
    """A list of resources that were found."""

    resourceType = String(required=True, validate=Equal("Bundle"))  # noqa: N815
    type = String(required=True)
    total = Integer(required=True)
    link = List(Dict(), required=True)
    entry = List(Dict())


class ConceptOut(FhirOut):
    """A code that stays the same, and a sentence for people."""

    coding = List(Dict())
    text = String(required=True)


class IssueOut(FhirOut):
    """What is wrong, or what a patient is told."""

    severity = String(required=True)
    code = String(required=True)
    details = Nested(ConceptOut, required=True)
    expression = List(String())
    diagnostics = String()


class OutcomeOut(FhirOut):
    """Why not, or how it went."""

    resourceType = String(required=True, validate=Equal("OperationOutcome"))  # noqa: N815
    issue = List(Nested(IssueOut), required=True)


class QuestionnaireOut(FhirOut):
    """An instrument in its words."""

    resourceType = String(required=True, validate=Equal("Questionnaire"))  # noqa: N815
    id = String(required=True)
    url = String(required=True)
    version = String(required=True)
    experimental = Boolean(required=True)
    item = List(Dict(), required=True)


class QuestionnaireResponseOut(FhirOut):
    """One version of a response."""

    resourceType = String(required=True, validate=Equal("QuestionnaireResponse"))  # noqa: N815
    id = String(required=True)
    questionnaire = String(required=True)
    status = String(required=True)
    authored = String(required=True)
    item = List(Dict(), required=True)


FHIR = Conventions(FHIR_JSON, OutcomeOut)


def base_address() -> str:
    """The address everything of FHIR is served under."""
    return f"{request_context.parts().settings.public_url}/api/v1{PREFIX}"


def fhir_response(resource: Resource, status: int = 200, **headers: str) -> Response:
    """The answer, laid out for people where the call asks for that."""
    indent = 2 if request.args.get("_pretty") == "true" else None
    response = Response(json.dumps(resource, indent=indent), status, headers, mimetype=FHIR_JSON)
    if names.wants_lenient():
        response.headers["Preference-Applied"] = "handling=lenient"
    return response


def bundle(
    resources: list[Resource], *, at: str, total: int, following: str | None = None
) -> Resource:
    """What a search found, with the address of the part that follows."""
    links = [{"relation": "self", "url": at}]
    if following:
        links.append({"relation": "next", "url": following})
    searchset: Resource = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": total,
        "link": links,
    }
    # FHIR has no empty lists: a search that found nothing has no entries at all.
    entries = [_entry(resource) for resource in resources]
    if names.passed_over():
        entries.append(_passed_over(names.passed_over()))
    if entries:
        searchset["entry"] = entries
    return searchset


def _passed_over(unknown: list[str]) -> dict[str, Any]:
    """What a lenient search did not know, said beside what it found."""
    issues = [
        {
            "severity": "warning",
            "code": "not-supported",
            "details": {"text": "This parameter is not known, and was passed over."},
            "expression": [f"http.{name}"],
        }
        for name in unknown
    ]
    outcome = {"resourceType": "OperationOutcome", "issue": issues}
    return {"resource": outcome, "search": {"mode": "outcome"}}


def _entry(resource: Resource) -> dict[str, Any]:
    return {
        "fullUrl": f"{base_address()}/{resource['resourceType']}/{resource['id']}",
        "resource": resource,
        "search": {"mode": "match"},
    }
