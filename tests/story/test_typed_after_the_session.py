"""A session that ends while somebody types: after the log-in her words stand there again, for her
alone and for an hour."""

from datetime import timedelta

import pytest
from sqlmodel import select

from proms.db.tables import AuditEntry
from proms.domain.person import Role
from tests.clinic import MOBILE, PASSWORD
from tests.desk import Desk

CLOSE = "Melding afhandelen"


@pytest.fixture
def anna(clinic):
    clinic.today("2026-01-05")
    patient = clinic.enrols("Anna")
    clinic.answers(patient, JAUND=2)
    return patient


def typed_too_late(clinic, desk, page):
    """She types, is called away for longer than a session lasts, and presses."""
    desk.opens(page)
    clinic.now += timedelta(minutes=61)
    return desk.presses(CLOSE, resolution="admission", note="Komt naar de eerste hulp.")


def log_in(desk, login):
    return desk.presses("Inloggen", login=login, password=PASSWORD)


@pytest.mark.parametrize("where", ["list", "patient"])
def test_after_the_log_in_her_note_stands_there_and_one_press_saves_it(clinic, app, anna, where):
    page = "/staff/" if where == "list" else f"/staff/patients/{anna.code}"
    desk = typed_too_late(clinic, Desk(app, clinic, clinic.els), page)
    assert desk.title.startswith("Inloggen")
    assert "Komt naar" not in desk.answer.text
    assert clinic.worklist() == [("B1", "red", "open")]
    log_in(desk, "els")
    assert "U was uitgelogd. Wat u typte staat er nog, en is nog niet opgeslagen." in desk.text
    assert desk.holds("note") == "Komt naar de eerste hulp."
    assert desk.holds("resolution") == "admission"
    assert clinic.worklist() == [("B1", "red", "open")]
    desk.presses(CLOSE)
    assert clinic.worklist() == []


def test_a_wrong_password_and_another_language_between_lose_nothing(clinic, app, anna):
    desk = typed_too_late(clinic, Desk(app, clinic, clinic.els), "/staff/")
    desk.presses("Inloggen", login="els", password="not her password").switches("nl")
    assert log_in(desk, "els").holds("note") == "Komt naar de eerste hulp."


def test_a_colleague_who_logs_in_on_that_page_reads_nothing_of_it(clinic, app, anna):
    clinic.employs("ria", Role.NURSE, phone=MOBILE)
    desk = typed_too_late(clinic, Desk(app, clinic, clinic.els), "/staff/")
    log_in(desk, "ria")
    assert desk.path == "/staff/"
    assert "Komt naar" not in desk.answer.text


def test_after_an_hour_it_is_gone(clinic, app, anna):
    desk = typed_too_late(clinic, Desk(app, clinic, clinic.els), "/staff/")
    clinic.now += timedelta(minutes=61)
    assert "Komt naar" not in log_in(desk, "els").answer.text


def test_a_form_of_the_coordinator_comes_back_too_and_no_password_with_it(clinic, app, anna):
    mo = Desk(app, clinic, clinic.mo).opens("/staff/patients/new")
    ad = Desk(app, clinic, clinic.ad).opens("/staff/people")
    clinic.now += timedelta(minutes=61)
    mo.presses("Inschrijven", name="Berta")
    assert log_in(mo, "mo").holds("name") == "Berta"
    ad.presses("Toevoegen", name="Ria", login="ria", password="a first password")
    log_in(ad, "ad")
    assert ad.holds("name") == "Ria"
    assert "a first password" not in ad.answer.text
    with clinic.database.reading() as session:
        entries = session.exec(select(AuditEntry.detail)).all()
    assert "Komt" not in str(entries)


@pytest.mark.parametrize("kept", ["x", "k1:AAAA", "k1:" + "A" * 60, "k9:AAAA"])
def test_what_is_no_form_of_ours_is_a_log_in_like_any_other(clinic, app, kept):
    desk = Desk(app, clinic).opens("/staff/login")
    token = desk.holds("csrf_token")
    desk._go(
        "POST",
        "/staff/login",
        {"csrf_token": token, "login": "els", "password": PASSWORD, "kept": kept},
    )
    assert (desk.status, desk.path) == (200, "/staff/")
