"""One rule, three ways in: the same answers by page, by API and as FHIR are the same on record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlmodel import col, select

from proms.db.tables import Alert, AlertOccurrence, Patient, Response, Score
from proms.domain.alert import NOT_ASKED
from proms.domain.instrument import Instrument, Item, ItemKind
from proms.domain.person import Sex
from proms.domain.response import answers_of
from tests.caller import Callers
from tests.clinic import Clinic
from tests.filling_in import newer_link
from tests.phone import Phone, website
from tests.renderer import asked, sends

Wishes = Mapping[str, Any]  # item -> what she answers; an item without one she leaves out
ASKED_WHEN_URGENT = {"NOW", "CONTACT"}  # a Questionnaire leaves them out
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
numbers = count(1)


@dataclass(frozen=True)
class OnRecord:
    """What is kept of one response."""

    document: Mapping[str, Any]
    scores: Mapping[str, Any]
    alerts: list[Any]

    @property
    def alerts_of_asked(self) -> list[Any]:
        return [each for each in self.alerts if NOT_ASKED not in each[3]]


def wishes_for(instrument: Instrument) -> some.SearchStrategy[Wishes]:
    return some.fixed_dictionaries({}, optional={i.code: an_answer(i) for i in instrument.items})


def an_answer(item: Item) -> some.SearchStrategy[Any]:
    if item.kind is ItemKind.NUMBER:
        return some.integers(item.low, item.high)
    if item.kind is ItemKind.TEXT:
        return some.sampled_from(["Dank u", " tot\nmorgen ", "é<b>"])
    if item.kind is ItemKind.MULTIPLE:
        free = [option for option in item.options if option != item.none]
        ticked = some.sets(some.sampled_from(free), min_size=1).map(sorted)
        return some.one_of(ticked, some.just([item.none])) if item.none else ticked
    return some.sampled_from(item.options)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=some.data())
def test_the_same_answers_by_page_by_api_and_as_fhir_are_the_same_on_record(
    clinic: Clinic, database_url: str, drawn: some.DataObject
) -> None:
    clinic.today("2026-03-02")
    code = drawn.draw(some.sampled_from(["hsc", "qlq-cr29", "eq-5d-5l"]))
    instrument = clinic.library.instrument(code)
    facts = {
        "sex": drawn.draw(some.sampled_from(Sex)),
        "stoma": drawn.draw(some.booleans()),
        "rectal_primary": True,
    }
    has_pump = drawn.draw(some.booleans())
    wishes = drawn.draw(wishes_for(instrument))

    def patient() -> Patient:
        number = next(numbers)
        she = clinic.enrols(f"Anna {number}", hospital_number=f"9{number:06}", **facts)
        if has_pump:
            clinic.randomises(she, "B", "2026-03-02")
            clinic.operates(she, "2026-03-02")
        return she

    with website(database_url) as app:
        kept = [
            way(app, clinic, patient(), instrument, wishes)
            for way in (by_page, by_api, as_fhir, by_api_with_everything)
        ]
    page, api, fhir, more = kept
    assert api == page
    assert without(fhir) == without(page)
    assert (fhir.scores, fhir.alerts) == (page.scores, page.alerts)
    # A client that sends what was not asked too: it is set apart, and only tells the nurse more.
    assert answers_of(dict(more.document)) == answers_of(dict(page.document))
    assert (more.scores, more.alerts_of_asked) == (page.scores, page.alerts)


def without(kept: OnRecord) -> dict[str, Any]:
    return {code: each for code, each in kept.document.items() if code not in ASKED_WHEN_URGENT}


def reason(item: Item) -> str:
    """As the pages have it: left out, or for a safety question declined."""
    return "declined" if item.safety else "skipped"


Way = Callable[[Flask, Clinic, Patient, Instrument, Wishes], OnRecord]


def by_page(
    app: Flask, clinic: Clinic, she: Patient, instrument: Instrument, wishes: Wishes
) -> OnRecord:
    check = clinic.asked(she, instrument.code).id
    phone = Phone(app, clinic.now).opens(newer_link(clinic, she, clinic.now)).taps("Start")
    token = phone.sending("Begin")[2]
    phone.sends(("POST", f"/form/{check}", token))
    while not phone.opens(f"/form/{check}/review").path.endswith("/review"):
        code = phone.path.rpartition("/")[2]
        if code in wishes:
            given = wishes[code]
            values = given if isinstance(given, list) else [str(given).replace("\n", "\r\n")]
            phone.sends(("POST", phone.path, [*token, *(("answer", each) for each in values)]))
        else:
            phone.sends(("POST", f"{phone.path}/skip", token))
        assert phone.status == 200, phone.text
    phone.taps("Verstuur mijn antwoorden")
    return on_record(clinic, she)


def by_api(
    app: Flask, clinic: Clinic, she: Patient, instrument: Instrument, wishes: Wishes
) -> OnRecord:
    """What is asked is read off the form that each draft brings."""
    check = clinic.asked(she, instrument.code).id or 0
    caller = Callers(app, clinic).patient(she)
    shown, body, read = None, {"answers": {}, "missing": {}}, None
    while True:
        form = caller.put(f"/assignments/{check}/draft", body).json
        assert form is not None
        codes, read = [each["code"] for each in form["items"]], form["form"]
        if codes == shown:
            break
        shown = codes
        body = {
            "answers": {code: wishes[code] for code in codes if code in wishes},
            "missing": {
                code: reason(instrument.item(code)) for code in codes if code not in wishes
            },
        }
    told = caller.submits(check, body["answers"], "k", missing=body["missing"], form=read)
    assert told.status_code == 201, told.text
    return on_record(clinic, she)


def by_api_with_everything(
    app: Flask, clinic: Clinic, she: Patient, instrument: Instrument, wishes: Wishes
) -> OnRecord:
    check = clinic.asked(she, instrument.code).id or 0
    left_out = {item.code: reason(item) for item in instrument.items if item.code not in wishes}
    caller = Callers(app, clinic).patient(she)
    assert caller.submits(check, wishes, "k", missing=left_out).status_code == 201
    return on_record(clinic, she)


def as_fhir(
    app: Flask, clinic: Clinic, she: Patient, instrument: Instrument, wishes: Wishes
) -> OnRecord:
    """A renderer that does what enableWhen says."""
    caller = Callers(app, clinic).patient(she)
    made = asked(caller, clinic, she, instrument.code)
    items: dict[str, dict[str, Any]] = {}
    for each in made["item"]:
        if each["type"] != "display" and enabled(each, items):
            items[each["linkId"]] = filled(each, instrument, wishes)
    body = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{made['url']}|{made['version']}",
        "status": "completed",
        "basedOn": [
            {
                "identifier": {
                    "system": "urn:proms:assignment",
                    "value": str(clinic.asked(she, instrument.code).id),
                }
            }
        ],
        "item": list(items.values()),
    }
    told = sends(caller, body)
    assert told.status_code == 201, told.text
    return on_record(clinic, she)


def filled(item: dict[str, Any], instrument: Instrument, wishes: Wishes) -> dict[str, Any]:
    code = item["linkId"].partition(".")[0]
    if code not in wishes:
        why = "asked-declined" if instrument.item(code).safety else "unknown"
        return {"linkId": item["linkId"], "extension": [{"url": ABSENT, "valueCode": why}]}
    given = wishes[code] if isinstance(wishes[code], list) else [wishes[code]]
    options = {
        each["valueCoding"]["code"]: each["valueCoding"] for each in item.get("answerOption", ())
    }
    if options:
        values = [{"valueCoding": options[str(each)]} for each in given]
    else:
        element = "valueInteger" if item["type"] == "integer" else "valueString"
        values = [{element: each} for each in given]
    return {"linkId": item["linkId"], "answer": values}


def enabled(item: dict[str, Any], before: Mapping[str, dict[str, Any]]) -> bool:
    tests = [met(test, before) for test in item.get("enableWhen", ())]
    return not tests or (any if item.get("enableBehavior") == "any" else all)(tests)


def met(test: dict[str, Any], before: Mapping[str, dict[str, Any]]) -> bool:
    given = before.get(test["question"], {}).get("answer", [])
    if test["operator"] == "exists":
        return bool(given) is test["answerBoolean"]
    assert test["operator"] == "=", "the only comparison our instruments make"
    return any(each["valueCoding"]["code"] == test["answerCoding"]["code"] for each in given)


def on_record(clinic: Clinic, she: Patient) -> OnRecord:
    with clinic.database.reading() as session:
        row = session.exec(select(Response).where(Response.patient_id == she.id)).one()
        scores = session.exec(select(Score).where(Score.response_id == row.id)).all()
        alerts = session.exec(
            select(
                Alert.rule, AlertOccurrence.urgency, AlertOccurrence.evidence, AlertOccurrence.tags
            )
            .join(AlertOccurrence, col(AlertOccurrence.alert_id) == Alert.id)
            .where(Alert.patient_id == she.id)
            .order_by(col(Alert.rule))
        ).all()
    held = {each.scale: (each.value, each.answered) for each in scores}
    # A browser has a name, and no system has.
    document = {
        code: {key: value for key, value in entry.items() if key != "device"}
        for code, entry in row.document.items()
    }
    return OnRecord(document, held, [tuple(each) for each in alerts])
