"""What the API promises to those who send FHIR: what is taken in, and what is refused by name."""

from typing import Any

import pytest
from sqlmodel import SQLModel, col, func, select

from proms.db.tables import Alert, Draft, KeptAside, Patient, Response, Score
from proms.domain.person import Language
from proms.domain.response import MissingReason, Mode, answers_of, missing_of
from proms.domain.score import score_one
from tests.caller import Caller, Callers
from tests.clinic import Clinic
from tests.fhir_codes import sound
from tests.renderer import FHIR_JSON, PLACE, asked, filled_in, refusal, sends, wrong_parts


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


def test_what_a_renderer_sends_is_scored_and_held_against_the_rules_in_one_go(
    clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    check = clinic.asked(anna).id
    body = filled_in(
        asked(phone, clinic, anna, "hsc"), check, {"JAUND": 2, "BLEED": ["tar"], "REMARK": "help"}
    )
    answered = sends(phone, body)
    sound(answered.json)
    assert (answered.status_code, answered.content_type) == (201, FHIR_JSON)
    assert answered.headers["Location"] == f"{PLACE}/QuestionnaireResponse/{check}-1"
    receipt, *advice = answered.json["issue"]
    assert receipt["details"]["coding"][0]["system"] == "urn:proms:receipt"
    assert advice[0]["severity"] == "warning"
    assert "020 123 4567" in advice[0]["details"]["text"]
    assert ("B1", "red", "open") in clinic.worklist()
    with clinic.database.reading() as session:
        row = session.exec(select(Response)).one()
    assert row.mode == Mode.API
    assert answers_of(row.document) == {"JAUND": 2, "BLEED": ("tar",), "REMARK": "help"}
    assert missing_of(row.document)["TEMP"] == MissingReason.SKIPPED


def test_scores_in_the_database_are_those_of_the_answers_sent(
    clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    c30 = {f"q{n}": 1 + n % 4 for n in range(1, 31)} | {"q30": 7}
    body = filled_in(asked(phone, clinic, anna, "qlq-c30"), clinic.asked(anna, "qlq-c30").id, c30)
    assert sends(phone, body).status_code == 201
    with clinic.database.reading() as session:
        held = {row.scale: row.value for row in session.exec(select(Score))}
    assert held == {
        each.scale: each.value for each in score_one(clinic.library.instrument("qlq-c30"), c30)
    }
    assert held["QL2"] is not None


def test_an_item_is_stored_under_its_code_in_whichever_words_it_was_asked(
    clinic: Clinic, anna: Patient, phone: Caller, nurse: Caller
) -> None:
    made, number = asked(phone, clinic, anna, "qlq-cr29"), clinic.asked(anna, "qlq-cr29").id
    other = sends(phone, filled_in(made, number, {"q48": 0, "q49.stoma": 2, "q50.no_stoma": 1}))
    assert refusal(other) == (422, "answer_not_offered")
    assert wrong_parts(other) == ["q49.stoma"]
    assert stored(clinic, Response) == 0
    assert (
        sends(phone, filled_in(made, number, {"q48": 1, "q49.stoma": 2, "q55": 3})).status_code
        == 201
    )
    with clinic.database.reading() as session:
        assert answers_of(session.exec(select(Response)).one().document) == {
            "q48": 1,
            "q49": 2,
            "q55": 3,
        }
    told = nurse.get(f"/fhir/QuestionnaireResponse?patient={anna.code}").json["entry"][0][
        "resource"
    ]
    assert "q49.stoma" in [each["linkId"] for each in told["item"] if "answer" in each]


def test_the_first_answer_opens_in_the_language_that_was_read(
    clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    made = asked(phone, clinic, anna, "qlq-c30")
    body = {**filled_in(made, clinic.asked(anna, "qlq-c30").id, {"q1": 2}), "language": "en"}
    assert sends(phone, body).status_code == 201
    with clinic.database.reading() as session:
        assert session.exec(select(Response)).one().language == "en"


def test_groups_below_groups_and_items_below_answers_are_read(
    clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    made, number = asked(phone, clinic, anna, "qlq-c30"), clinic.asked(anna, "qlq-c30").id
    flat = filled_in(made, number, {"q1": 2, "q2": 3, "q3": 4})
    one, two, three = flat["item"]
    one["answer"][0]["item"] = [two]
    nested = {
        **flat,
        "item": [{"linkId": "group", "item": [{"linkId": "part", "item": [one]}, three]}],
    }
    nested["item"].append({"linkId": "about.recall"})
    assert sends(phone, nested, content_type="application/json").status_code == 201
    with clinic.database.reading() as session:
        assert answers_of(session.exec(select(Response)).one().document) == {
            "q1": 2,
            "q2": 3,
            "q3": 4,
        }


def test_the_same_submission_twice_is_stored_once_and_another_is_kept_aside(
    clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    made, number = asked(phone, clinic, anna, "hsc"), clinic.asked(anna).id
    first, again = (sends(phone, filled_in(made, number, {"ITCH": 1}), "k1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert refusal(sends(phone, filled_in(made, number, {"ITCH": 2}), "k1")) == (
        409,
        "idempotency_key_reused",
    )
    second = sends(phone, filled_in(made, number, {"JAUND": 2}), "k2")
    assert refusal(second) == (409, "already_answered")
    receipts = [each.json["issue"][0]["details"]["coding"][-1]["code"] for each in (first, second)]  # type: ignore[index]
    assert receipts[0] == receipts[1]
    assert (stored(clinic, Response), stored(clinic, KeptAside)) == (1, 1)
    assert ("B1", "red", "open") in clinic.worklist()


def test_a_response_in_which_nothing_is_answered_closes_nothing(
    clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    check = clinic.asked(anna).id
    body = filled_in(asked(phone, clinic, anna, "hsc"), check, {})
    for item in ([], [{"linkId": "ITCH"}, {"linkId": "TEMP", "answer": []}]):
        assert refusal(sends(phone, {**body, "item": item})) == (422, "nothing_answered")
    for answers in ({}, {"REMARK": " \r\n"}):
        told = phone.submits(check or 0, answers, "k")
        assert (told.status_code, told.json["code"]) == (422, "nothing_answered")  # type: ignore[index]
    declined = phone.submits(check or 0, {}, "k", missing={"TEMP": "declined"})
    assert declined.status_code == 201, "that she would rather not answer is said"
    assert refusal(sends(phone, {**body, "item": []}, "k2")) == (409, "already_answered")
    assert (stored(clinic, Response), stored(clinic, KeptAside)) == (1, 0)


@pytest.mark.parametrize(("language", "words"), [("nl", "Uw antwoorden"), ("en", "Your answers")])
def test_a_receipt_speaks_one_language(
    callers: Callers, clinic: Clinic, anna: Patient, language: str, words: str
) -> None:
    berta = clinic.enrols("Berta", language=Language(language), hospital_number="2")
    hers = callers.patient(berta)
    body = filled_in(asked(hers, clinic, berta, "hsc"), clinic.asked(berta).id, {"JAUND": 2})
    told = sends(hers, body).json
    assert told["language"] == language  # type: ignore[index]
    stored_line, call = (each["details"]["text"] for each in told["issue"][:2])  # type: ignore[index]
    texts = clinic.library.rules(clinic.library.instrument("hsc")).texts[language]
    assert stored_line.startswith(words)
    assert call == texts["red"].replace("{phone}", "020 123 4567")


@pytest.mark.parametrize(("item", "value"), [("MO", 9), ("MO", 0), ("VAS", 999), ("VAS", 101)])
def test_a_number_that_stands_for_no_answer_is_no_answer(
    clinic: Clinic, anna: Patient, phone: Caller, item: str, value: int
) -> None:
    made, number = asked(phone, clinic, anna, "eq-5d-5l"), clinic.asked(anna, "eq-5d-5l").id
    body = filled_in(made, number, {"SC": 1})
    system = f"urn:proms:option:eq-5d-5l:1.0:{item}"
    given = {"valueInteger": value} if item == "VAS" else code(str(value), of=system)
    body["item"].append({"linkId": item, "answer": [given]})
    assert refusal(sends(phone, body)) == (422, "answer_not_offered")
    told = phone.submits(number or 0, {"SC": 1, item: value}, "k")
    assert (told.status_code, told.json["code"]) == (422, "answer_not_offered")  # type: ignore[index]
    assert stored(clinic, Response) == 0


SYSTEM = "urn:proms:option:hsc:0.3:ITCH"


def item(name: str, *answers: object) -> dict[str, Any]:
    return {"item": [{"linkId": name, "answer": list(answers)}]}


def code(value: str, of: str = SYSTEM) -> dict[str, Any]:
    return {"valueCoding": {"system": of, "code": value}}


def bound_to(value: str, system: str = "urn:proms:assignment") -> dict[str, Any]:
    return {"basedOn": [{"identifier": {"system": system, "value": value}}]}


WRONG: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"questionnaire": f"{PLACE}/Questionnaire/demo-c30|3.0-DEMO"}, (422, "wrong_questionnaire")),
    ({"questionnaire": f"{PLACE}/Questionnaire/hsc|0.9-0.9"}, (422, "wrong_questionnaire")),
    ({"questionnaire": f"{PLACE}/Questionnaire/hsc"}, (422, "wrong_questionnaire")),
    (item("q1", code("1")), (422, "unknown_item")),
    ({"item": [{"linkId": "nothing"}]}, (422, "unknown_item")),
    (item("ITCH", code("7")), (422, "answer_not_offered")),
    (item("ITCH", code("1", of="urn:proms:option:other")), (422, "answer_not_offered")),
    (item("ITCH", {"valueInteger": 1}), (422, "answer_not_offered")),
    (item("ITCH", {"valueBoolean": True}), (422, "answer_not_offered")),
    (item("ITCH", code("1"), code("2")), (422, "answer_not_offered")),
    ({"item": item("ITCH", code("1"))["item"] * 2}, (422, "answer_not_offered")),
    (item("BLEED", {"valueString": "tar"}), (422, "answer_not_offered")),
    (item("REMARK", {"valueString": "a\x00b"}), (422, "answer_not_offered")),
    (bound_to("999999"), (404, "not_found")),
    (bound_to("9" * 30), (404, "not_found")),
    (bound_to("1", system="urn:other"), (422, "invalid")),
    ({"basedOn": []}, (422, "invalid")),
    ({"status": "in-progress"}, (422, "invalid")),
    ({"resourceType": "Questionnaire"}, (422, "invalid")),
    ({"language": "de"}, (422, "invalid")),
    ({"modifierExtension": [{"url": "urn:not-so"}]}, (422, "invalid")),
]


def test_what_does_not_belong_is_refused_by_name_and_nothing_is_stored(
    callers: Callers, clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    good = filled_in(asked(phone, clinic, anna, "hsc"), clinic.asked(anna).id, {"ITCH": 1})
    for change, expected in WRONG:
        assert refusal(sends(phone, {**good, **change})) == expected, change
    bert = callers.patient(clinic.enrols("Bert", hospital_number="2"))
    assert refusal(sends(bert, good)) == (404, "not_found")
    assert (stored(clinic, Response), stored(clinic, Draft), stored(clinic, Alert)) == (0, 0, 0)


def test_every_part_that_is_wrong_is_named(clinic: Clinic, anna: Patient, phone: Caller) -> None:
    made, number = asked(phone, clinic, anna, "hsc"), clinic.asked(anna).id
    body = filled_in(made, number, {})
    body["item"] = [
        {"linkId": name, "answer": [{"valueInteger": 99}]} for name in ("ITCH", "NAUS", "q1")
    ]
    assert sorted(wrong_parts(sends(phone, body))) == ["ITCH", "NAUS", "q1"]


def test_a_body_that_cannot_be_read_is_refused_by_name(phone: Caller) -> None:
    path, key = "/fhir/QuestionnaireResponse", {"Idempotency-Key": "k"}
    deep = b'{"item":' + b"[" * 30_000
    sent: list[tuple[tuple[int, str], dict[str, Any]]] = [
        ((400, "not_readable"), {"data": b"{no", "content_type": FHIR_JSON}),
        ((400, "not_readable"), {"data": deep, "content_type": FHIR_JSON}),
        ((400, "not_readable"), {"data": nested(4_000), "content_type": FHIR_JSON}),
        (
            (415, "not_json"),
            {"data": b"<QuestionnaireResponse/>", "content_type": "application/fhir+xml"},
        ),
        ((413, "too_large"), {"json": {"item": "x" * 70_000}}),
        ((422, "invalid"), {"json": [], "content_type": FHIR_JSON}),
    ]
    for expected, body in sent:
        assert refusal(phone.call("POST", path, headers=key, **body)) == expected
    unnamed = phone.call("POST", path, json={"item": [{"linkId": 5}]})
    assert refusal(unnamed) == (422, "invalid")
    assert unnamed.json["issue"][1]["expression"] == ["http.Idempotency-Key"]  # type: ignore[index]
    misread = phone.call("POST", path, headers=key, json={"item": [{"linkId": 5}]})
    named = [each["expression"][0] for each in misread.json["issue"][1:]]  # type: ignore[index]
    assert "QuestionnaireResponse.item[0].linkId" in named


def nested(depth: int) -> bytes:
    return b'{"item":[' * depth + b"]}" * depth


# There and back


def test_what_one_server_exports_another_takes_in(
    clinic: Clinic, anna: Patient, phone: Caller, nurse: Caller
) -> None:
    clinic.answers(
        anna, ITCH=2, BLEED=("tar",), REMARK="Dank u", left_out={"NAUS": MissingReason.DECLINED}
    )
    told = nurse.get(f"/fhir/QuestionnaireResponse?patient={anna.code}").json["entry"][0][
        "resource"
    ]
    clinic.today("2026-03-03")
    bert = clinic.enrols("Bert", hospital_number="2")
    his = Callers(phone.client.application, clinic).patient(bert)
    bound = {
        "basedOn": [
            {"identifier": {"system": "urn:proms:assignment", "value": str(clinic.asked(bert).id)}}
        ]
    }
    assert sends(his, {**told, **bound}).status_code == 201
    with clinic.database.reading() as session:
        first, second = session.exec(select(Response).order_by(col(Response.id))).all()
    assert answers_of(second.document) == answers_of(first.document)
    assert missing_of(second.document) == missing_of(first.document)
