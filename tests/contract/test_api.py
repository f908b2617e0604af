"""What the API promises to a patient's device."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlmodel import SQLModel, func, select

from proms.db.session import connect
from proms.db.tables import Alert, AlertOccurrence, Assignment, Draft, KeptAside, Patient, Response
from proms.domain.response import MissingReason
from tests.caller import Caller, Callers, statements
from tests.clinic import PASSWORD, Clinic

WELL = {
    "JAUND": 0,
    "URINE": 0,
    "STOOL": 0,
    "ITCH": 0,
    "TEMP": 0,
    "CHILL": 0,
    "BLEED": ["none"],
    "ALARM": ["none"],
}


@pytest.fixture
def anna(clinic: Clinic) -> Patient:
    clinic.today("2026-03-02")
    return clinic.enrols("Anna")


@pytest.fixture
def check(clinic: Clinic, anna: Patient) -> int:
    """The symptom check that waits for Anna."""
    return clinic.asked(anna).id or 0


def stored(clinic: Clinic, table: type[SQLModel]) -> int:
    with clinic.database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


# Ways in


def test_a_way_in_that_is_none_is_refused(callers: Callers) -> None:
    both = {"link": "a", "login": "els", "password": "b"}
    for way in ({}, {"login": "els"}, both, {"link": ""}, {"link": 5}, {"link": "a\x00"}, ["link"]):
        answered = callers.nobody.post("/session", way)
        assert (answered.status_code, answered.json["code"]) == (422, "invalid"), way


def test_a_link_nobody_has_and_a_wrong_password_say_nothing_more(callers: Callers) -> None:
    unknown = callers.nobody.post("/session", {"link": "unknown"})
    assert (unknown.status_code, unknown.json["code"]) == (404, "link_unknown")
    wrong = callers.nobody.post("/session", {"login": "els", "password": "guessed it"})
    nobody = callers.nobody.post("/session", {"login": "nobody", "password": "guessed it"})
    assert (wrong.status_code, wrong.json) == (401, nobody.json)


def test_a_token_says_whose_it_is_and_until_when(callers: Callers, clinic: Clinic) -> None:
    said = callers.nobody.post("/session", {"login": "els", "password": PASSWORD}).json
    assert (said["kind"], said["role"], said["language"]) == ("staff", "nurse", "nl")
    assert (datetime.fromisoformat(said["expires_at"]) - clinic.now).total_seconds() == 12 * 3600


def test_a_cookie_opens_nothing_so_no_other_site_can_use_a_browser(
    callers: Callers, clinic: Clinic, phone: Caller, check: int
) -> None:
    for name, token in (("patient", phone.token), ("staff", callers.staff(clinic.mo).token)):
        browser = callers.nobody
        for cookie in (name, f"__Host-{name}"):
            browser.client.set_cookie(cookie, token or "", domain="localhost")
        assert browser.submits(check, WELL, "k").status_code == 401
        assert browser.post("/patients", {}).status_code == 401
        assert browser.get("/assignments").status_code == 401
    assert stored(clinic, Response) == 0


def test_a_patient_calls_nothing_of_staff_nor_staff_anything_of_a_patient(
    callers: Callers, clinic: Clinic, phone: Caller
) -> None:
    assert phone.get("/alerts").status_code == 401
    assert phone.get("/exports/scores").status_code == 401
    refused = callers.staff(clinic.els).get("/assignments")
    assert (refused.status_code, refused.json["code"]) == (401, "not_signed_in")


# What is asked


def test_a_device_reads_what_is_open_what_comes_and_what_is_done_in_one_statement(
    callers: Callers, clinic: Clinic, anna: Patient, phone: Caller
) -> None:
    clinic.answers(anna, "qlq-c30")
    with statements(callers.app.extensions["parts"].database) as said:
        listed = phone.get("/assignments").json
    assert len([each for each in said if "FROM assignment" in each]) == 1
    assert (
        len([each for each in said if each.startswith("SELECT")]) == 4
    )  # whose token this is takes three
    assert [each["instrument"] for each in listed["open"]] == ["hsc", "qlq-lmc21", "eq-5d-5l"]
    assert [each["instrument"] for each in listed["done"]] == ["qlq-c30"]
    assert listed["done"][0]["submitted_at"]
    assert listed["open"][0]["pack"] == "HSC-BASE 1"


def test_looking_at_the_questions_opens_nothing(clinic: Clinic, phone: Caller, check: int) -> None:
    form = phone.get(f"/assignments/{check}").json
    asked = {item["code"]: item for item in form["items"]}
    assert asked["JAUND"]["options"][2] == {"value": 2, "text": "Ja"}
    assert asked["BLEED"]["none"] == "none"
    assert asked["TEMP"]["safety"] is True
    assert not {"SITE", "POS", "NOW", "CONTACT"} & set(asked)  # no pump, nothing urgent
    assert "020 123 4567" in form["safety_line"]
    assert (form["state"], form["draft"], form["instrument_version"]) == ("planned", None, "0.3")
    assert stored(clinic, Draft) == 0


def test_another_patients_questions_are_as_absent_as_none(
    callers: Callers, clinic: Clinic, check: int, phone: Caller
) -> None:
    bert = callers.patient(clinic.enrols("Bert", hospital_number="2"))
    answered = bert.get(f"/assignments/{check}")
    assert (answered.status_code, answered.json["code"]) == (404, "not_found")
    assert (
        bert.submits(check, WELL, "k").json == phone.get("/assignments/999999").json | answered.json
    )
    assert bert.get("/assignments/99999999999999999999").status_code == 404


def test_what_opens_later_and_what_has_closed_is_refused_by_name(
    clinic: Clinic, phone: Caller, anna: Patient
) -> None:
    clinic.randomises(anna, arm="A", on="2026-03-02")
    with clinic.database.reading() as session:
        waiting = session.exec(
            select(Assignment.id).where(
                Assignment.event == "QOL-W12", Assignment.instrument == "qlq-c30"
            )
        ).one()
    early = phone.submits(waiting, {"q1": 1}, "k")
    assert (early.status_code, early.json["code"]) == (409, "not_open_yet")
    assert phone.get(f"/assignments/{waiting}").json["code"] == "not_open_yet"
    clinic.today("2026-03-30")
    clinic.today("2026-06-29")
    late = callers_again(phone, clinic, anna).submits(waiting, {"q1": 1}, "k")
    assert (late.status_code, late.json["code"]) == (409, "window_closed")


# The draft


def test_a_draft_that_does_not_fit_opens_nothing(clinic: Clinic, phone: Caller, check: int) -> None:
    for wrong in (
        {"answers": {"JAUND": 7}},
        {"answers": {"q1": 1}},
        {},
        {"answers": {}, "missing": {"NO": "skipped"}},
    ):
        assert phone.put(f"/assignments/{check}/draft", wrong).status_code == 422
    assert stored(clinic, Draft) == 0


def test_advice_and_title_are_in_the_language_the_questions_were_asked_in(
    clinic: Clinic, phone: Caller, check: int
) -> None:
    """Her own language is Dutch."""
    draft = {"answers": {"JAUND": 2}, "language": "en"}
    form = phone.put(f"/assignments/{check}/draft", draft).json
    assert form["advice"][0].startswith("Call the hospital now: ")
    assert form["title"] == "Symptom check"
    key = {"Idempotency-Key": "0123456789abcdef"}
    sent = phone.post(f"/assignments/{check}/response", {"answers": {"JAUND": 2}}, **key).json
    assert sent["advice"][0].startswith("Call the hospital now: ")


def test_the_first_draft_opens_in_the_language_that_was_read(
    clinic: Clinic, phone: Caller, check: int
) -> None:
    form = phone.put(
        f"/assignments/{check}/draft", {"answers": {"JAUND": 0}, "language": "en"}
    ).json
    assert (form["state"], form["language"]) == ("started", "en")
    assert form["items"][1]["options"][2]["text"] == "Yes"
    again = phone.put(
        f"/assignments/{check}/draft", {"answers": {"URINE": 0}, "language": "nl"}
    ).json
    assert again["language"] == "en"
    with clinic.database.reading() as session:
        assert set(session.exec(select(Draft)).one().document) == {"JAUND", "URINE"}


def test_answers_that_cannot_wait_are_told_at_once_and_bring_their_follow_ups(
    phone: Caller, check: int
) -> None:
    form = phone.put(f"/assignments/{check}/draft", {"answers": {"JAUND": 2}}).json
    assert form["urgent"] is True
    assert "020 123 4567" in form["advice"][0]
    assert {"NOW", "CONTACT"} <= {item["code"] for item in form["items"]}


def test_a_draft_never_shows_its_answers_again_for_a_phone_may_be_shared(
    phone: Caller, check: int
) -> None:
    phone.put(f"/assignments/{check}/draft", {"answers": {"JAUND": 2, "REMARK": "geheim"}})
    shown = phone.get(f"/assignments/{check}")
    assert shown.json["draft"]["language"] == "nl"
    assert set(shown.json["draft"]) == {"language", "opened_at", "saved_at"}
    assert "geheim" not in shown.text
    assert shown.json["urgent"] is False


# The response


STRANGE = [
    ({"q1": 1}, "unknown_item", "q1"),
    ({"JAUND": 3}, "answer_not_offered", "JAUND"),
    ({"JAUND": "1"}, "answer_not_offered", "JAUND"),
    ({"JAUND": True}, "answer_not_offered", "JAUND"),
    ({"JAUND": 1.5}, "answer_not_offered", "JAUND"),
    ({"JAUND": None}, "answer_not_offered", "JAUND"),
    ({"JAUND": {"a": 1}}, "answer_not_offered", "JAUND"),
    ({"BLEED": "none"}, "answer_not_offered", "BLEED"),
    ({"BLEED": []}, "answer_not_offered", "BLEED"),
    ({"BLEED": ["none", "tar"]}, "answer_not_offered", "BLEED"),
    ({"REMARK": "a\x00b"}, "answer_not_offered", "REMARK"),
    ({"REMARK": "\ud800"}, "answer_not_offered", "REMARK"),
    ({"REMARK": "x" * 2001}, "answer_not_offered", "REMARK"),
]


def test_an_answer_that_is_not_offered_is_refused_and_nothing_is_stored(
    clinic: Clinic, phone: Caller, check: int
) -> None:
    for answers, code, item in STRANGE:
        answered = phone.submits(check, {**WELL, **answers}, "k")
        assert (answered.status_code, answered.json["code"]) == (422, code), answers
        assert list(answered.json["errors"]["answers"]) == [item]
    assert (stored(clinic, Response), stored(clinic, Draft)) == (0, 0)


def test_every_strange_answer_is_named_not_only_the_first(phone: Caller, check: int) -> None:
    answered = phone.submits(check, {**WELL, "JAUND": 9, "q1": 1}, "k")
    assert set(answered.json["errors"]["answers"]) == {"JAUND", "q1"}


def test_a_body_that_cannot_be_read_is_refused_by_name(
    clinic: Clinic, phone: Caller, check: int
) -> None:
    path, key = f"/assignments/{check}/response", {"Idempotency-Key": "k"}
    sent = {
        (400, "not_readable"): {"data": b"{no", "content_type": "application/json"},
        (415, "not_json"): {"data": b'{"answers": {}}', "content_type": "text/plain"},
        (413, "too_large"): {"json": {"answers": {"REMARK": "x" * 70_000}}},
        (422, "invalid"): {"json": {"answers": {"JAUND": 0}, "missing": {"JAUND": "skipped"}}},
    }
    for (status, code), body in sent.items():
        answered = phone.call("POST", path, headers=key, **body)
        assert (answered.status_code, answered.json["code"]) == (status, code)
    for unnamed in (
        {},
        {"Idempotency-Key": ""},
        {"Idempotency-Key": "x" * 65},
        {"Idempotency-Key": "a b"},
    ):
        answered = phone.call("POST", path, headers=unnamed, json={"answers": WELL})
        assert (answered.status_code, list(answered.json["errors"])) == (422, ["Idempotency-Key"])
    assert stored(clinic, Response) == 0


def test_the_same_submission_twice_is_stored_once_with_one_receipt(
    clinic: Clinic, phone: Caller, check: int
) -> None:
    first = phone.submits(check, {**WELL, "JAUND": 2}, "k1")
    again = phone.submits(check, {**WELL, "JAUND": 2}, "k1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert first.json["urgent"] is True
    assert "020 123 4567" in first.json["advice"][0]
    assert (stored(clinic, Response), stored(clinic, Alert)) == (1, 1)


def test_the_same_key_with_other_answers_is_refused(
    clinic: Clinic, phone: Caller, check: int
) -> None:
    phone.submits(check, WELL, "k1")
    other = phone.submits(check, {**WELL, "ITCH": 4}, "k1")
    assert (other.status_code, other.json["code"]) == (409, "idempotency_key_reused")
    assert (stored(clinic, Response), stored(clinic, KeptAside)) == (1, 0)


def test_the_same_answers_under_another_key_are_the_same_submission(
    clinic: Clinic, phone: Caller, check: int
) -> None:
    red = {**WELL, "JAUND": 2}
    first = phone.submits(check, red, "k1")
    clinic.today("2026-03-02", "11:00")
    again = phone.submits(check, red, "k2", missing={"REMARK": "skipped"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert (stored(clinic, Response), stored(clinic, KeptAside)) == (1, 0)
    assert stored(clinic, AlertOccurrence) == 1
    declined = phone.submits(check, red, "k3", missing={"REMARK": "declined"})
    assert declined.json["code"] == "already_answered"


def test_answered_on_another_device_gets_the_first_receipts_time_and_is_kept_aside(
    clinic: Clinic, phone: Caller, check: int
) -> None:
    first = phone.submits(check, WELL, "k1").json
    clinic.today("2026-03-02", "11:00")
    second = phone.submits(check, {**WELL, "JAUND": 2}, "k2")
    assert (second.status_code, second.json["code"]) == (409, "already_answered")
    assert second.json["receipt"] == first["receipt"]
    assert datetime.fromisoformat(second.json["submitted_at"]) == datetime.fromisoformat(
        first["submitted_at"]
    )
    assert (stored(clinic, Response), stored(clinic, KeptAside)) == (1, 1)
    assert clinic.worklist() == [("B1", "red", "open")]
    for refused in (
        phone.get(f"/assignments/{check}"),
        phone.put(f"/assignments/{check}/draft", {"answers": {}}),
    ):
        assert (refused.status_code, refused.json["receipt"]) == (409, first["receipt"])


def test_an_answer_keeps_the_time_it_was_first_given(
    clinic: Clinic, phone: Caller, check: int
) -> None:
    phone.put(f"/assignments/{check}/draft", {"answers": {"JAUND": 0, "ITCH": 1}})
    begun = clinic.now
    clinic.today("2026-03-02", "11:30")
    phone.submits(check, {**WELL, "ITCH": 3}, "k1", missing={"NAUS": "declined"})
    with clinic.database.reading() as session:
        document = session.exec(select(Response)).one().document
    assert (
        document["JAUND"]["first_answered"]
        == document["JAUND"]["last_changed"]
        == begun.isoformat()
    )
    assert document["ITCH"]["first_answered"] == begun.isoformat()
    assert document["ITCH"]["last_changed"] == clinic.now.isoformat()
    assert document["NAUS"]["missing"] == MissingReason.DECLINED


def test_a_database_that_is_away_is_said_so_with_when_to_come_back(
    callers: Callers, phone: Caller, check: int
) -> None:
    parts = callers.app.extensions["parts"]
    away = connect("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1")
    callers.app.extensions["parts"] = replace(parts, database=away)
    answered = phone.submits(check, WELL, "k1")
    callers.app.extensions["parts"] = parts
    assert (answered.status_code, answered.json["code"]) == (503, "database_away")
    assert int(answered.headers["Retry-After"]) > 0
    assert phone.submits(check, WELL, "k1").status_code == 201


def callers_again(phone: Caller, clinic: Clinic, patient: Patient) -> Caller:
    """The same patient with a fresh link, months later."""
    return Callers(phone.client.application, clinic).patient(patient)
