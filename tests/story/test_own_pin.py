"""A site decides about PINs: nobody gets one, who wants one chooses it, or everybody does; and no
answer that cannot wait, nor a number to call, is ever behind one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import select

from proms.actions.access import begin_visit
from proms.actions.audit import staff_actor
from proms.actions.pin_use import choose_pin_use
from proms.actions.pins import PinHeld, choose_pin, set_pin
from proms.db.tables import AuditEntry, PatientPin, Site
from proms.domain.pin import PinUse
from tests.clinic import KEYRING
from tests.desk import Desk
from tests.filling_in import DAY_AND_NIGHT, NOTHING_SUDDEN, STUDY_TEAM, newer_link, stored, well

PIN, OTHER = "2580", "7391"
RED = "Bel nu het ziekenhuis"


def decides(clinic, use):
    with clinic.database.writing() as session:
        site = session.get_one(Site, clinic.site.id)
        by = staff_actor(clinic.ad)
        choose_pin_use(session, use, site=site, by=by, now=clinic.now)


def came_in(clinic, anna, hand):
    return hand().opens(newer_link(clinic, anna, clinic.now)).taps("Start")


def chooses(phone, pin, again=None):
    phone.ticked = [("pin", pin), ("again", again or pin)]
    return phone.taps("Stel mijn pincode in")


def tries(phone, digits):
    phone.ticked = [("pin", digits)]
    return phone.taps("Ga verder")


def pins(clinic):
    with clinic.database.reading() as session:
        return list(session.exec(select(PatientPin)))


@pytest.mark.parametrize("who", ["mo", "ad"])
def test_the_site_decides_and_who_did_so_when_is_on_record(clinic, app, anna, who):
    desk = Desk(app, clinic, getattr(clinic, who)).opens("/staff/pin-use")
    assert "0 van 1 patiënt die meedoet" in desk.text
    assert desk.holds("use") == "offered"  # as it was before anybody decided
    desk.presses("Opslaan", use="required")
    name = {"mo": "Mo", "ad": "Ad"}[who]
    assert f"Besloten door {name} op maandag 5 januari, 10.46 uur." in desk.text
    assert desk.presses("Opslaan", use="required").status == 422
    with clinic.database.reading() as session:
        entry = session.exec(
            select(AuditEntry).where(AuditEntry.verb == "site.pin_use_changed")
        ).one()
    assert entry.actor_id == getattr(clinic, who).id
    assert entry.detail == {"before": "offered", "use": "required"}


def test_required_who_has_none_chooses_one_first_and_goes_on(clinic, anna, hand):
    decides(clinic, PinUse.REQUIRED)
    phone = came_in(clinic, anna, hand)
    assert (phone.path, phone.title) == ("/pin/new", "Kies een pincode")
    assert "Klachtencheck" not in phone.text
    assert DAY_AND_NIGHT in phone.text
    assert STUDY_TEAM in phone.text
    assert chooses(phone, PIN).path == "/today"
    assert "Klachtencheck" in phone.text
    phone.now += timedelta(minutes=16)
    assert phone.opens("/today").path == "/pin"
    assert tries(phone, PIN).path == "/today"
    assert tries(came_in(clinic, anna, hand), PIN).path == "/today"
    (held,) = pins(clinic)
    assert held.by_patient
    assert PIN not in held.pin_hash


def test_required_she_is_asked_where_start_would_lead_straight_to_a_question(clinic, anna, hand):
    for instrument in ("qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(anna, instrument)
    assert came_in(clinic, anna, hand).path.startswith("/form/")
    decides(clinic, PinUse.REQUIRED)
    assert came_in(clinic, anna, hand).path == "/pin/new"


def test_required_what_she_was_filling_in_is_not_stopped(clinic, anna, hand):
    phone = came_in(clinic, anna, hand).taps("Begin Klachtencheck")
    decides(clinic, PinUse.REQUIRED)
    well(phone).taps("Verstuur mijn antwoorden")
    assert len(stored(clinic)) == 1
    assert phone.title == "Dank u wel"
    assert phone.taps("Naar uw pagina").path == "/pin/new"


def test_required_an_answer_that_cannot_wait_is_never_behind_it(clinic, anna, hand):
    phone = came_in(clinic, anna, hand).taps("Begin Klachtencheck")
    decides(clinic, PinUse.REQUIRED)
    phone.answers(NOTHING_SUDDEN).answers("Ja")
    assert phone.title == RED
    for path in ("/today", "/form/1/call", "/form/1/cannot-call", "/cannot-call"):
        phone.opens(path)
        assert phone.status == 200
        assert not phone.path.startswith("/pin"), path
        assert DAY_AND_NIGHT in phone.text
    assert RED in phone.opens("/today").text
    phone.opens("/form/1/call").taps("Verstuur wat ik heb ingevuld")
    assert phone.title == RED
    assert RED in came_in(clinic, anna, hand).text
    clinic.acknowledges(anna)  # a nurse has it: then the page may ask
    assert phone.opens("/today").path == "/pin/new"


def test_the_page_that_asks_for_a_pin_says_that_an_answer_cannot_wait(clinic, anna, hand):
    by = staff_actor(clinic.mo)
    set_pin(clinic.database, patient=anna, digits=PIN, by=by, now=clinic.now)
    phone = tries(came_in(clinic, anna, hand), PIN)
    phone.taps("Begin Klachtencheck").answers(NOTHING_SUDDEN)
    assert RED not in came_in(clinic, anna, hand).text
    phone.now += timedelta(minutes=16)
    phone.answers("Ja")
    assert phone.path == "/pin"
    assert RED in phone.text
    assert DAY_AND_NIGHT in phone.text
    assert "geler" not in phone.text  # what it was stays behind it
    assert RED in tries(phone, OTHER).text
    for _ in range(5):
        tries(phone, OTHER)
    assert RED in phone.text
    assert "Te vaak" in phone.text or "te vaak" in phone.text


def test_forgotten_the_site_lets_her_in_again(clinic, app, anna, hand):
    decides(clinic, PinUse.REQUIRED)
    chooses(came_in(clinic, anna, hand), PIN)
    phone = came_in(clinic, anna, hand)
    for _ in range(5):
        tries(phone, OTHER)
    assert "Probeer het over 15 minuten opnieuw." in tries(phone, PIN).text
    mo = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{anna.code}/pin")
    assert "De patiënt koos hem zelf op de telefoon, op maandag 5 januari" in mo.text
    mo.sends(f"/staff/patients/{anna.code}/pin", pin=OTHER)
    assert tries(phone, OTHER).path == "/today"
    assert [each.by_patient for each in pins(clinic)] == [False]
    # Or takes it away: then she chooses another.
    mo.sends(f"/staff/patients/{anna.code}/pin/removal")
    assert came_in(clinic, anna, hand).path == "/pin/new"


def test_offered_nobody_is_asked_and_who_wants_one_chooses_it(clinic, anna, hand):
    other = came_in(clinic, anna, hand)
    phone = came_in(clinic, anna, hand)
    assert phone.path == "/today"
    phone.taps("Uw eerdere antwoorden").taps("Kies een pincode")
    assert chooses(phone, PIN, OTHER).status == 422
    assert "U vulde twee verschillende pincodes in." in phone.text
    assert "te makkelijk te raden" in chooses(phone, "1111").text
    assert "4 tot en met 8 cijfers" in chooses(phone, "12").text
    assert pins(clinic) == []
    assert chooses(phone, PIN).path == "/today"
    assert other.opens("/today").path == "/pin"  # her other visits are asked for it
    assert phone.opens("/pin/new").path == "/today"  # only the site gives another


def test_off_nobody_gets_one_and_whoever_has_one_keeps_it(clinic, app, anna, hand):
    bea = clinic.enrols("Bea")
    by = staff_actor(clinic.mo)
    set_pin(clinic.database, patient=bea, digits=PIN, by=by, now=clinic.now)
    decides(clinic, PinUse.OFF)
    phone = came_in(clinic, anna, hand)
    assert not phone.offers("Uw eerdere antwoorden")
    assert phone.opens("/earlier").status == 404
    assert phone.opens("/pin/new").path == "/today"
    mo = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{anna.code}/pin")
    assert "Dit ziekenhuis geeft geen pincodes." in mo.text
    assert mo.sends(f"/staff/patients/{anna.code}/pin", pin=PIN).status == 422
    # What was closed stays closed, and a forgotten PIN is replaced.
    assert came_in(clinic, bea, hand).path == "/pin"
    mo.sends(f"/staff/patients/{bea.code}/pin", pin=OTHER)
    assert tries(came_in(clinic, bea, hand), OTHER).path == "/today"


def test_a_tap_too_soon_chooses_nothing(clinic, anna, hand):
    phone = came_in(clinic, anna, hand)
    phone.read_for = 0
    chooses(phone.opens("/pin/new"), PIN)
    assert pins(clinic) == []


@pytest.mark.both_engines
def test_of_two_devices_that_choose_at_once_one_does(clinic, anna):
    visits = []
    for _ in range(2):
        token = newer_link(clinic, anna, clinic.now).rpartition("/")[2]
        visits.append(begin_visit(clinic.database, KEYRING, token=token, now=clinic.now)[1])

    def one(visit):
        try:
            choose_pin(clinic.database, KEYRING, token=visit, digits=PIN, now=clinic.now)
        except PinHeld:
            return False
        return True

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(one, visits)) == [False, True]
    assert len(pins(clinic)) == 1
