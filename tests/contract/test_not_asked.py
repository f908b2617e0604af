"""An answer to what was not asked of her: kept with the response and shown, never scored, never
exported."""

import csv
import io
from typing import Any

import pytest
from flask import Flask
from sqlmodel import SQLModel, func, select

from proms.db.tables import AlertOccurrence, KeptAside, Patient, Response, Score
from proms.domain.instrument import UnknownItem
from proms.domain.response import answers_of, missing_of, unasked_of
from tests.caller import Caller, Callers
from tests.clinic import Clinic
from tests.desk import Desk
from tests.renderer import PLACE, asked, filled_in, refusal, sends, wrong_parts

OTHERS = {"q48": 0, "q55": 4, "q56": 3, "q57": 4, "q58": 1}  # q58 is the one that is hers


@pytest.fixture
def anna(clinic: Clinic) -> Patient:
    """A woman without a stoma, and without a pump."""
    clinic.today("2026-03-02")
    return clinic.enrols("Anna de Vries", rectal_primary=True)


def cr29(clinic: Clinic, anna: Patient) -> int:
    return clinic.asked(anna, "qlq-cr29").id or 0


def the_response(clinic: Clinic) -> Response:
    with clinic.database.reading() as session:
        return session.exec(select(Response)).one()


def scores(clinic: Clinic) -> dict[str, float | None]:
    with clinic.database.reading() as session:
        return {row.scale: row.value for row in session.exec(select(Score))}


def stored(clinic: Clinic, table: type[SQLModel]) -> int:
    with clinic.database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def test_a_woman_without_a_stoma_gets_no_score_of_what_men_or_a_stoma_are_asked(
    clinic: Clinic, callers: Callers, anna: Patient, phone: Caller
) -> None:
    assert phone.submits(cr29(clinic, anna), OTHERS, "k").status_code == 201
    document = the_response(clinic).document
    assert answers_of(document) == {"q48": 0, "q58": 1}
    assert unasked_of(document) == {"q55": 4, "q56": 3, "q57": 4}
    assert {missing_of(document)[code] for code in ("q55", "q56", "q57")} == {"not_asked"}
    held = scores(clinic)
    assert [held[scale] for scale in ("CR_STO", "CR_SEXM", "CR_IMP", "CR_SEXW")] == [
        None,
        None,
        None,
        0,
    ]
    answered = callers.staff(clinic.kim).get("/exports/scores")
    row = list(csv.DictReader(io.StringIO(answered.text)))[-1]
    assert (row["CR_STO"], row["CR_SEXM"], row["CR_IMP"], row["CR_SEXW"]) == ("", "", "", "0.0")
    assert (row["CR_STO_N"], row["CR_SEXW_N"]) == ("0", "1")


def test_fhir_refuses_an_item_her_questionnaire_lacks_and_stores_nothing(
    clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    made = asked(phone, clinic, anna, "qlq-cr29")
    body = filled_in(made, cr29(clinic, anna), {"q48": 0, "q58": 1})
    for code in ("q56", "q57"):
        option = {"system": f"urn:proms:option:qlq-cr29:2.1:{code}", "code": "4"}
        body["item"].append({"linkId": code, "answer": [{"valueCoding": option}]})
    refused = sends(phone, body)
    assert refusal(refused) == (422, UnknownItem.code)
    assert sorted(wrong_parts(refused)) == ["q56", "q57"]
    assert stored(clinic, Response) == 0
    body["item"] = [
        {**each, "answer": []} if each["linkId"] in ("q56", "q57") else each
        for each in body["item"]
    ]
    assert sends(phone, body).status_code == 201, "an empty item says nothing"


def test_fhir_keeps_aside_what_her_questionnaire_hides_once_she_has_answered(
    clinic: Clinic, callers: Callers, anna: Patient, phone: Caller
) -> None:
    made = asked(phone, clinic, anna, "qlq-cr29")
    body = filled_in(made, cr29(clinic, anna), {"q48": 0, "q55": 4, "q58": 1})
    assert sends(phone, body).status_code == 201
    document = the_response(clinic).document
    assert (answers_of(document), unasked_of(document)) == ({"q48": 0, "q58": 1}, {"q55": 4})
    assert scores(clinic)["CR_STO"] is None
    told = callers.staff(clinic.els).get(f"/fhir/QuestionnaireResponse?patient={anna.code}").json
    links = [each["linkId"] for each in told["entry"][0]["resource"]["item"]]
    assert not {"q55", "q56", "q57"} & set(links)


def test_the_general_questionnaire_has_what_is_not_hers_and_it_is_kept_aside(
    clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    made = asked(phone, clinic, anna, "hsc")
    general = phone.get(f"/fhir/Questionnaire/{made['id']}").json
    check = clinic.asked(anna).id
    body = filled_in(general, check, {"TEMP": 0, "HANDFOOT": 3})
    assert body["questionnaire"] == f"{PLACE}/Questionnaire/hsc|{made['version']}"
    assert sends(phone, body).status_code == 201
    assert unasked_of(the_response(clinic).document) == {"HANDFOOT": 3}


WELL: dict[str, Any] = {
    "JAUND": 0,
    "TEMP": 0,
    "CHILL": 0,
    "BLEED": ["none"],
    "ALARM": ["none"],
}


def test_a_rule_met_only_by_what_was_not_asked_is_an_info_row_for_the_nurse(
    clinic: Clinic, app: Flask, anna: Patient, phone: Caller
) -> None:
    told = phone.submits(clinic.asked(anna).id or 0, {**WELL, "HANDFOOT": 3, "MOUTH": 4}, "k")
    assert clinic.worklist() == [("H1", "info", "open"), ("O2", "info", "open")]
    assert not told.json["urgent"]  # type: ignore[index]
    assert clinic.phone == [], "nobody is woken for what she was not asked"
    desk = Desk(app, clinic, clinic.els).opens("/staff/")
    assert "antwoord op een vraag die niet gesteld is" in desk.text


def test_what_was_not_asked_neither_raises_nor_lowers_what_her_other_answers_say(
    clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    answers = {**WELL, "JAUND": 2, "MOUTH": 4, "NOW": 1, "CONTACT": 1}
    told = phone.submits(clinic.asked(anna).id or 0, answers, "k").json
    assert told["urgent"]  # type: ignore[index]
    assert clinic.worklist() == [("B1", "red", "open"), ("O2", "info", "open")]
    document = the_response(clinic).document
    assert unasked_of(document) == {"MOUTH": 4}
    assert answers_of(document)["CONTACT"] == 1


def test_what_is_asked_once_answers_are_urgent_is_not_asked_when_they_are_not(
    clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    phone.submits(clinic.asked(anna).id or 0, {**WELL, "MOUTH": 4, "NOW": 1, "CONTACT": 1}, "k")
    assert unasked_of(the_response(clinic).document) == {"MOUTH": 4, "NOW": 1, "CONTACT": 1}


def test_a_nurse_reads_what_was_not_asked_marked_as_such(
    clinic: Clinic, app: Flask, anna: Patient, phone: Caller
) -> None:
    phone.submits(clinic.asked(anna).id or 0, {**WELL, "HANDFOOT": 3}, "k")
    desk = Desk(app, clinic, clinic.els)
    desk.opens(f"/staff/patients/{anna.code}/responses/{the_response(clinic).id}")
    marked = "Niet gevraagd. Dit antwoord telt niet mee in de scores."
    assert desk.text.count(marked) == 1
    words = clinic.library.wording("hsc", "nl")
    shown = desk.text.split(words.items["HANDFOOT"])[1]
    assert shown.index(words.option("HANDFOOT", 3)) < shown.index(marked) < 140


def test_answers_kept_aside_are_marked_in_the_same_way(
    clinic: Clinic, app: Flask, anna: Patient, phone: Caller
) -> None:
    check = clinic.asked(anna).id or 0
    phone.submits(check, WELL, "k1")
    assert phone.submits(check, {**WELL, "HANDFOOT": 3}, "k2").status_code == 409
    with clinic.database.reading() as session:
        kept = session.exec(select(KeptAside)).one()
        row = session.exec(select(AlertOccurrence)).one()
    assert unasked_of(kept.document) == {"HANDFOOT": 3}
    assert (row.kept_aside_id, row.urgency) == (kept.id, "info")
    desk = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}/aside/{kept.id}")
    assert "Niet gevraagd. Dit antwoord telt niet mee in de scores." in desk.text


def test_the_same_answers_again_under_the_same_key_are_the_same(
    clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    check = cr29(clinic, anna)
    first, again = (phone.submits(check, OTHERS, "k") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    other = phone.submits(check, {**OTHERS, "q57": 1}, "k")
    assert (other.status_code, other.json["code"]) == (409, "idempotency_key_reused")  # type: ignore[index]
