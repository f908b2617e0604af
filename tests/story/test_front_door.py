"""The front door: it sends people on, says truthfully whether all is well, and the demo's phone
shows what was sent."""

from datetime import timedelta

import time_machine

from proms.actions.access import log_in
from proms.actions.attempts import Origin
from proms.db.tables import Heartbeat, InboxMessage
from tests.clinic import KEYRING, PASSWORD
from tests.phone import HOME, Phone, website
from tests.ports import free_port


def health(app, now):
    with time_machine.travel(now, tick=False):
        answer = app.test_client().get("/health", base_url=HOME)
    return answer.status_code, answer.json


def test_a_stranger_is_shown_both_ways_in_with_the_hospitals_number(clinic, app):
    phone = Phone(app, clinic.now).opens("/")
    assert phone.status == 200
    assert "Uw link staat in uw bericht." in phone.text
    assert phone.offers("Inloggen")
    assert "020 123 4567" in phone.text


def test_staff_who_are_logged_in_are_sent_to_their_pages(clinic, app):
    _, token = log_in(
        clinic.database, KEYRING, login="els", password=PASSWORD, origin=Origin(), now=clinic.now
    )
    phone = Phone(app, clinic.now)
    phone.client.set_cookie("__Host-staff", token, domain="proms.example.org", secure=True)
    assert phone.opens("/").path.startswith("/staff/")


def test_health_is_well_only_while_the_worker_beats(clinic, app):
    assert health(app, clinic.now) == (
        503,
        {"status": "unwell", "web": "ok", "database": "ok", "worker": "never started"},
    )
    with clinic.database.writing() as session:
        session.merge(Heartbeat(process="worker", beat_at=clinic.now))
        session.commit()
    soon = clinic.now + timedelta(seconds=119)
    assert health(app, soon) == (
        200,
        {"status": "ok", "web": "ok", "database": "ok", "worker": "ok"},
    )
    assert health(app, clinic.now + timedelta(minutes=2))[1]["worker"] == "silent"


def test_with_the_database_away_pages_say_so_and_when_to_come_back(library):
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/none?connect_timeout=2"
    with website(nowhere) as app:
        client = app.test_client()
        answer = client.get("/q/AAAAAAAAAAAAAAAAAAAAAAAAAAA", base_url=HOME)
        health = client.get("/health", base_url=HOME)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "Wat u net invulde, is nog niet bewaard." in answer.text
    assert "antwoorden zijn bewaard" not in answer.text
    assert "Bel uw ziekenhuis. Dat kan dag en nacht." in answer.text
    assert "112" in answer.text
    assert (health.status_code, health.json["database"]) == (503, "away")


def test_an_unknown_page_is_kind_and_has_the_number(clinic, app):
    phone = Phone(app, clinic.now).opens("/nothing/here")
    assert phone.status == 404
    assert phone.title == "Wij kunnen deze pagina niet vinden."
    assert "020 123 4567" in phone.text


def test_the_demos_phone_does_not_exist_outside_a_demo(clinic, app):
    assert Phone(app, clinic.now).opens("/demo/inbox").status == 404


def test_the_demos_phone_shows_messages_with_a_link_to_tap(clinic, database_url):
    with clinic.database.writing() as session:
        for index in range(45):
            # It left when the demo was on another port.
            text = f"Uw vragen staan klaar: http://127.0.0.1:8000/q/token{index} <b>"
            session.add(
                InboxMessage(
                    channel="sms",
                    address="+31201234999",
                    text=text,
                    ref=str(index),
                    sent_at=clinic.now,
                )
            )
        session.commit()
    with website(database_url, demo=True) as app:
        phone = Phone(app, clinic.now).opens("/demo/inbox")
        assert "020 123 4999" in phone.text
        assert "token44 <b>" in phone.text
        assert phone.offers(f"{HOME}/q/token44")
        assert 'href="/q/token44"' in phone.answer.text
        assert ":8000" not in phone.answer.text
        assert phone.answer.headers["Refresh"]
        assert phone.taps("Niet meer zelf zoeken").answer.headers.get("Refresh") is None
        assert "token4 " in phone.taps("Oudere berichten").text
        assert not phone.offers("Oudere berichten")
