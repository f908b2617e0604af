"""What a phone kept by itself comes in: all of it or nothing, as often as it likes, and once."""

import json
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlmodel import select

from proms.actions.access import begin_visit, make_link
from proms.db.tables import Assignment, Draft, KeptAside, Patient, Response
from proms.domain.response import answers_of, missing_of
from proms.web.guard import PATIENT_COOKIE
from tests.clinic import KEYRING, Clinic
from tests.desk import Desk
from tests.phone import HOME, website

KEY = "of-the-phone-0123456789"


@pytest.fixture
def app(clinic: Clinic, database_url: str):
    with website(database_url) as running:
        yield running


def phone_of(app, clinic: Clinic, patient: Patient) -> FlaskClient:
    with clinic.database.writing() as session:
        link = make_link(session, KEYRING, patient_id=patient.id, now=clinic.now)
        session.commit()
    _, visit = begin_visit(clinic.database, KEYRING, token=link, now=clinic.now)
    client = app.test_client()
    client.set_cookie(f"__Host-{PATIENT_COOKIE}", visit, domain="proms.example.org", secure=True)
    return client


def sends(client: FlaskClient, path: str, body: object, token: str | None = None):
    if token is None:
        page = client.get("/today", base_url=HOME).text
        token = page.split('data-token="')[1].split('"')[0]
    headers = {"X-CSRFToken": token, "Referer": HOME}
    return client.post(path, base_url=HOME, json=body, headers=headers)


def draft(clinic: Clinic, assignment: Assignment) -> Draft:
    with clinic.database.reading() as session:
        return session.exec(select(Draft).where(Draft.assignment_id == assignment.id)).one()


def given(value: object = None, at: str = "2026-01-05T08:00:00.000Z") -> dict[str, object]:
    return {"value": value, "at": at}


@pytest.fixture(autouse=True)
def hour(clinic: Clinic, anna: Patient):
    """It is the clinic's hour for the website too."""
    with time_machine.travel(clinic.now, tick=False):
        yield


@pytest.fixture
def check(clinic: Clinic, anna: Patient) -> Assignment:
    return clinic.opens(anna, "hsc")


@pytest.fixture
def phone(app, clinic: Clinic, anna: Patient, check: Assignment) -> FlaskClient:
    return phone_of(app, clinic, anna)


def test_what_was_kept_comes_in_at_once_and_again_changes_nothing(clinic, phone, check):
    entries = {
        "JAUND": given(0),
        "BLEED": given(["tar", "nose"]),
        "TEMP": given(),
        "ITCH": given(),
        "REMARK": given(" a\r\nb "),
    }
    for _ in range(2):
        answer = sends(phone, f"/form/{check.id}/keep", {"entries": entries})
        assert answer.status_code == 200
        assert answer.json["kept"] == sorted(entries)
    held = draft(clinic, check).document
    assert answers_of(held) == {"JAUND": 0, "BLEED": ("tar", "nose"), "REMARK": "a\nb"}
    assert missing_of(held) == {"TEMP": "declined", "ITCH": "skipped"}
    assert {entry["on_phone"] for entry in held.values()} == {"2026-01-05T08:00:00+00:00"}
    assert held["JAUND"]["first_answered"] == clinic.now.isoformat()


def test_a_red_answer_that_comes_in_says_where_to_go(clinic, phone, check):
    red = sends(phone, f"/form/{check.id}/keep", {"entries": {"JAUND": given(2)}})
    assert red.json["call"] == f"/form/{check.id}/call"
    assert draft(clinic, check).red_at == clinic.now
    more = sends(phone, f"/form/{check.id}/keep", {"entries": {"URINE": given(0)}})
    assert more.json["call"] is None


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ({"JAUND": given(0), "NAUS": given(9)}, 422),
        ({"JAUND": given(0), "NOBODY": given(0)}, 422),
        ({"JAUND": given(0), "NAUS": given("0")}, 422),
        ({"JAUND": given(0), "NAUS": given(True)}, 422),
        ({"JAUND": given(0), "BLEED": given(["none", "tar"])}, 422),
        ({"JAUND": given(0), "BLEED": given([["tar"]])}, 422),
        ({"JAUND": given(0), "REMARK": given("x" * 2001)}, 422),
        ({"JAUND": given(0), "REMARK": given({"a": 1})}, 422),
        ({"JAUND": given(0), "NAUS": 0}, 400),
        ([], 400),
        (None, 400),
    ],
)
def test_all_of_it_or_none(clinic, phone, check, entries, status):
    answer = sends(phone, f"/form/{check.id}/keep", {"entries": entries})
    assert answer.status_code == status
    assert draft(clinic, check).document == {}


@pytest.mark.parametrize(
    "at", ["", None, 5, "yesterday", "0001-01-01T00:00:00+14:00", "2026-01-05", {}]
)
def test_a_clock_that_says_nothing_costs_no_answer(clinic, phone, check, at):
    sends(phone, f"/form/{check.id}/keep", {"entries": {"JAUND": given(1, at)}})
    held = draft(clinic, check).document["JAUND"]
    assert held["value"] == 1
    assert "on_phone" not in held


@pytest.mark.parametrize(
    "off",
    [
        (-180, "De klok van de telefoon liep 3 uur achter. Geen tijd hier gaat daarop af."),
        (12, "De klok van de telefoon liep 12 minuten voor. Geen tijd hier gaat daarop af."),
        (1, ""),
    ],
)
def test_a_phone_whose_clock_is_wrong_is_flagged_and_its_times_decide_nothing(
    clinic, app, phone, anna, off
):
    ahead, words = off
    clock = (clinic.now + timedelta(minutes=ahead)).isoformat()
    body = {"key": KEY, "entries": {"JAUND": given(0, clock)}, "clock": clock}
    sends(phone, f"/form/{clinic.opens(anna, 'hsc').id}/arrive", body)
    with clinic.database.reading() as session:
        (sent,) = session.exec(select(Response)).all()
    assert sent.submitted_at == clinic.now
    assert sent.document["JAUND"]["last_changed"] == clinic.now.isoformat()
    assert sent.document["JAUND"]["phone_ahead"] == ahead * 60
    desk = Desk(app, clinic, clinic.els)
    page = desk.opens(f"/staff/patients/{anna.code}/responses/{sent.id}").text
    assert words in page
    assert ("De klok van de telefoon" in page) == bool(words)


def test_a_form_arrives_once_however_often_it_is_sent(clinic, phone, check):
    body = {"key": KEY, "entries": {"JAUND": given(1), "ITCH": given()}}
    first = sends(phone, f"/form/{check.id}/arrive", body)
    second = sends(phone, f"/form/{check.id}/arrive", body)
    assert first.json["receipt"] == second.json["receipt"]
    with clinic.database.reading() as session:
        (response,) = session.exec(select(Response).where(Response.assignment_id == check.id)).all()
        assert session.exec(select(KeptAside)).all() == []
    assert response.idempotency_key == KEY
    assert answers_of(response.document) == {"JAUND": 1}
    assert response.document["JAUND"]["on_phone"] == "2026-01-05T08:00:00+00:00"
    assert phone.get(first.json["receipt"], base_url=HOME).status_code == 200


def test_what_is_sent_is_what_the_phone_showed(clinic, phone, check):
    """Another tab answered more: it stays in the draft, and is not sent by who did not see it."""
    sends(phone, f"/form/{check.id}/keep", {"entries": {"NAUS": given(3)}})
    sends(phone, f"/form/{check.id}/arrive", {"key": KEY, "entries": {"JAUND": given(0)}})
    with clinic.database.reading() as session:
        response = session.exec(select(Response).where(Response.assignment_id == check.id)).one()
    assert answers_of(response.document) == {"JAUND": 0}
    assert answers_of(draft(clinic, check).document) == {"JAUND": 0, "NAUS": 3}


def test_after_another_device_sent_it_what_comes_is_kept_aside_and_the_receipt_says_when(
    clinic, phone, check, anna
):
    first = clinic.answers(anna, JAUND=0)
    late = sends(phone, f"/form/{check.id}/arrive", {"key": KEY, "entries": {"JAUND": given(1)}})
    assert late.json == {"receipt": f"/receipt/{first.code}?besides=kept", "before": True}
    with clinic.database.reading() as session:
        (aside,) = session.exec(select(KeptAside)).all()
    assert answers_of(aside.document) == {"JAUND": 1}


def test_nobody_elses_form_and_nobody_without_a_link(app, clinic, phone, check):
    other = phone_of(app, clinic, clinic.enrols("Bea"))
    for path in (f"/form/{check.id}/keep", f"/form/{check.id}/arrive"):
        body = {"key": KEY, "entries": {"JAUND": given(0)}}
        assert sends(other, path, body).status_code == 404
        assert sends(other, path, body, token="").status_code == 400
        stranger = app.test_client()
        refused = sends(stranger, path, body, token="")
        assert refused.status_code in (400, 401)
    assert draft(clinic, check).document == {}


def test_an_ended_visit_says_so_to_the_script_and_to_nobody_else(app, clinic, phone, check):
    token = phone.get("/today", base_url=HOME).text.split('data-token="')[1].split('"')[0]
    phone.delete_cookie(f"__Host-{PATIENT_COOKIE}", domain="proms.example.org")
    body = {"entries": {"JAUND": given(0)}}
    assert sends(phone, f"/form/{check.id}/keep", body, token).status_code == 401
    assert phone.get("/today", base_url=HOME).status_code == 302


def test_a_closed_form_says_why(clinic, phone, check):
    with clinic.database.writing() as session:
        row = session.get_one(Assignment, check.id)
        row.closes_at = row.expires_at = clinic.now - timedelta(hours=1)
        session.add(row)
        session.commit()
    body = {"key": KEY, "entries": {"JAUND": given(0)}}
    answer = sends(phone, f"/form/{check.id}/arrive", body)
    assert (answer.status_code, answer.json["code"]) == (409, "window_closed")
    assert answer.json["message"].startswith("Deze vragen zijn gesloten.")


def test_the_form_that_a_phone_keeps_holds_no_answer(clinic, phone, check):
    sends(
        phone, f"/form/{check.id}/keep", {"entries": {"JAUND": given(1), "REMARK": given("secret")}}
    )
    page = phone.get(f"/form/{check.id}/whole", base_url=HOME).text
    assert "secret" not in page
    assert " checked" not in page
    data = json.loads(page.split('id="own">')[1].split("</script>")[0])
    assert data["entries"] == {}
    shown = phone.get(f"/form/{check.id}/JAUND", base_url=HOME).text
    assert "secret" in shown  # so that the words above are looked for where they could stand
