"""What the API promises to those who read FHIR: who sees which questionnaire, and whose answers."""

from datetime import datetime

import pytest
from sqlmodel import SQLModel, col, func, select

from proms.db.tables import AuditEntry, Draft, Patient, Response
from proms.domain.person import Role
from proms.domain.response import MissingReason
from tests.caller import Caller, Callers
from tests.clinic import Clinic
from tests.desk import stranger
from tests.fhir_codes import sound
from tests.renderer import FHIR_JSON, PLACE, asked, refusal, sends

EVERY_ONE = [  # in our labels and in the licensed wording, which is invented
    "eq-5d-5l-1.0-1",
    "demo-eq5d-1.0-DEMO",
    "hsc-0.1-0.1",
    "hsc-0.2-0.2",
    "hsc-0.3-0.3",
    "qlq-c30-3.0-1",
    "demo-c30-3.0-DEMO",
    "qlq-cr29-2.1-1",
    "demo-cr29-2.1-DEMO",
    "qlq-lmc21-1.0-1",
    "demo-lmc21-1.0-DEMO",
]


@pytest.fixture
def anna(clinic: Clinic) -> Patient:
    clinic.today("2026-03-02")
    return clinic.enrols("Anna de Vries", rectal_primary=True)


@pytest.fixture
def nurse(callers: Callers, anna: Patient, clinic: Clinic) -> Caller:
    return callers.staff(clinic.els)


def stored(clinic: Clinic, table: type[SQLModel]) -> int:
    with clinic.database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


# Who sees what


def test_what_the_server_can_do_is_open_to_all_and_says_nothing_of_anybody(
    callers: Callers,
) -> None:
    told = callers.nobody.get("/fhir/metadata")
    sound(told.json)
    assert (told.status_code, told.content_type, told.json["fhirVersion"]) == (
        200,
        FHIR_JSON,
        "4.0.1",
    )


def test_licensed_words_are_never_public(callers: Callers) -> None:
    for path in (
        "/fhir/Questionnaire",
        "/fhir/Questionnaire/demo-c30-3.0-DEMO",
        "/fhir/QuestionnaireResponse?patient=A",
    ):
        assert refusal(callers.nobody.get(path)) == (401, "not_signed_in")
    assert refusal(sends(callers.nobody, {})) == (401, "not_signed_in")


def test_staff_of_every_role_and_patients_read_every_questionnaire(
    callers: Callers, clinic: Clinic, phone: Caller
) -> None:
    for reader in (phone, *map(callers.staff, (clinic.els, clinic.mo, clinic.kim, clinic.ad))):
        found = reader.get("/fhir/Questionnaire")
        sound(found.json)
        assert (found.status_code, found.content_type, found.json["total"]) == (200, FHIR_JSON, 11)
        ids = [each["resource"]["id"] for each in found.json["entry"]]
        assert ids == EVERY_ONE
        one = reader.get(f"/fhir/Questionnaire/{ids[0]}")
        assert one.json == found.json["entry"][0]["resource"]
    part = phone.get("/fhir/Questionnaire?_count=2&page=2").json
    assert (len(part["entry"]), part["link"][1]["relation"], part["total"]) == (2, "next", 11)
    named = phone.get(f"/fhir/Questionnaire?url={PLACE}/Questionnaire/demo-c30").json
    assert [each["resource"]["name"] for each in named["entry"]] == ["DEMO_C30"]
    assert refusal(phone.get("/fhir/Questionnaire/qlq-c30-3.0-2")) == (404, "not_found")


def test_a_patient_gets_her_own_assignment_and_nobody_elses(
    callers: Callers, clinic: Clinic, anna: Patient, phone: Caller, nurse: Caller
) -> None:
    check = clinic.asked(anna).id
    made = asked(phone, clinic, anna, "hsc")
    sound(made)
    assert not {"SITE", "POS", "NOW", "CONTACT"} & {each["linkId"] for each in made["item"]}
    assert "020 123 4567" in str(made["item"][0])
    assert phone.get(f"/fhir/Questionnaire/{made['id']}?assignment={check}").json == made
    assert refusal(phone.get(f"/fhir/Questionnaire/demo-c30-3.0-DEMO?assignment={check}")) == (
        404,
        "not_found",
    )
    assert stored(clinic, Draft) == 0
    bert = callers.patient(clinic.enrols("Bert", hospital_number="2"))
    for stranger_here in (bert, nurse):
        for path in (
            f"/fhir/Questionnaire?assignment={check}",
            f"/fhir/Questionnaire/{made['id']}?assignment={check}",
        ):
            assert refusal(stranger_here.get(path)) == (404, "not_found")


def test_what_was_begun_in_english_is_served_in_english(
    clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    check = clinic.asked(anna).id
    phone.put(f"/assignments/{check}/draft", {"answers": {"JAUND": 0}, "language": "en"})
    assert asked(phone, clinic, anna, "hsc")["title"] == "Symptom check"


def test_nurses_and_coordinators_of_the_own_site_read_responses_and_nobody_else(
    callers: Callers, clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    clinic.answers(anna, JAUND=2)
    paths = (
        f"/fhir/QuestionnaireResponse?patient={anna.code}",
        f"/fhir/QuestionnaireResponse/{first_id(clinic)}",
    )
    for path in paths:
        for person in (clinic.els, clinic.mo):
            assert callers.staff(person).get(path).status_code == 200
        for person in (clinic.kim, clinic.ad):
            assert refusal(callers.staff(person).get(path)) == (403, "not_allowed")
        assert refusal(phone.get(path)) == (401, "not_signed_in")
    far = callers.staff(stranger(clinic, Role.NURSE))
    for path in paths:
        assert refusal(far.get(path)) == (404, "not_found")


# What was answered, to read


def first_id(clinic: Clinic) -> str:
    with clinic.database.reading() as session:
        row = session.exec(select(Response).order_by(col(Response.id))).first()
    assert row
    return f"{row.assignment_id}-{row.version}"


def test_a_response_tells_what_was_answered_by_whom_and_why_an_item_is_missing(
    clinic: Clinic, anna: Patient, nurse: Caller
) -> None:
    clinic.answers(
        anna,
        JAUND=2,
        BLEED=("tar", "nose"),
        REMARK="Dank u",
        left_out={"NAUS": MissingReason.DECLINED},
    )
    found = nurse.get(f"/fhir/QuestionnaireResponse?patient={anna.code.lower()}")
    sound(found.json)
    told = found.json["entry"][0]["resource"]
    assert nurse.get(f"/fhir/QuestionnaireResponse/{told['id']}").json == told
    assert told["subject"]["identifier"] == {"system": "urn:proms:study-code", "value": anna.code}
    assert "Anna" not in found.text
    assert (told["status"], told["language"]) == ("completed", "nl")
    assert told["questionnaire"] == f"{PLACE}/Questionnaire/hsc|0.3-0.3"
    assert datetime.fromisoformat(told["authored"]) == clinic.now
    items = {each["linkId"]: each for each in told["item"]}
    assert [each["valueCoding"]["code"] for each in items["BLEED"]["answer"]] == ["tar", "nose"]
    assert items["JAUND"]["answer"][0]["valueCoding"]["display"] == "Ja"
    assert items["REMARK"]["answer"] == [{"valueString": "Dank u"}]
    reasons = {
        name: each["extension"][0]["valueCode"]
        for name, each in items.items()
        if "extension" in each
    }
    assert reasons["NAUS"] == "asked-declined"
    assert items["CHILL"]["answer"], "skipped and declined stay, answered stays"
    not_asked = {"SITE", "POS", "MOUTH", "HANDFOOT"}
    assert not not_asked & items.keys(), "an item that was not asked is not in a completed response"


def test_reading_a_response_is_on_record(clinic: Clinic, anna: Patient, nurse: Caller) -> None:
    clinic.answers(anna)
    nurse.get(f"/fhir/QuestionnaireResponse?patient={anna.code}")
    nurse.get(f"/fhir/QuestionnaireResponse/{first_id(clinic)}")
    with clinic.database.reading() as session:
        seen = session.exec(select(AuditEntry).where(AuditEntry.verb == "patient.viewed")).all()
    assert [(each.actor_id, each.patient_id, each.detail) for each in seen] == [
        (clinic.els.id, anna.id, {"page": "fhir"})
    ] * 2


def test_a_correction_is_amended_and_the_version_before_it_stays(
    clinic: Clinic, anna: Patient, nurse: Caller
) -> None:
    clinic.answers(anna, ITCH=1)
    with clinic.database.writing() as session:
        first = session.exec(select(Response)).one()
        corrected = {**first.document, "ITCH": {**first.document["ITCH"], "value": 3}}
        copied = first.model_dump(exclude={"id"}) | {
            "version": 2,
            "document": corrected,
            "receipt": "second",
        }
        session.add(Response(**copied))
        session.commit()
    found = nurse.get(f"/fhir/QuestionnaireResponse?patient={anna.code}").json
    told = [each["resource"] for each in found["entry"]]
    assert [each["status"] for each in told] == ["completed", "amended"]
    itch = [next(item for item in each["item"] if item["linkId"] == "ITCH") for each in told]
    assert [each["answer"][0]["valueCoding"]["code"] for each in itch] == ["1", "3"]
    assert [each["id"].rpartition("-")[2] for each in told] == ["1", "2"]
    part = nurse.get(f"/fhir/QuestionnaireResponse?patient={anna.code}&_count=1").json
    assert (part["total"], len(part["entry"])) == (2, 1)
    assert part["link"][1]["url"].endswith("page=2")
