"""A phone that others use too: nothing of hers is shown before her PIN is given, whoever guesses is
stopped, and the site lets her in again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import select

from proms.actions.access import begin_visit
from proms.actions.audit import staff_actor
from proms.actions.pins import PinLocked, PinWaits, WrongPin, give_pin, set_pin
from proms.actions.refusals import TooBusy
from proms.db.tables import AuditEntry, PatientPin
from proms.domain.pin import TRIES, PinFault, pin_fault
from tests.caller import Callers
from tests.clinic import KEYRING
from tests.desk import Desk
from tests.filling_in import NOTHING_SUDDEN, drafts, newer_link

PIN, OTHER = "2580", "7391"


@pytest.fixture
def anna(clinic, anna):
    by = staff_actor(clinic.mo)
    set_pin(clinic.database, patient=anna, digits=PIN, by=by, now=clinic.now)
    return anna


def came_in(clinic, anna, hand):
    return hand().opens(newer_link(clinic, anna, clinic.now)).taps("Start")


def tries(phone, digits):
    phone.ticked = [("pin", digits)]
    return phone.taps("Ga verder")


def test_nothing_is_shown_before_the_right_one_and_all_of_it_after(clinic, anna, hand):
    phone = came_in(clinic, anna, hand)
    assert (phone.path, phone.title) == ("/pin", "Uw pincode")
    assert "Klachtencheck" not in phone.text
    assert "020 123 4567" in phone.text  # whom to call is no secret
    for path in ("/today", "/form/1", "/form/1/JAUND", "/form/1/call", "/cannot-call"):
        assert phone.opens(path).path == "/pin", path
    assert "Deze pincode klopt niet." in tries(phone, "1111").text
    assert tries(phone, PIN).path == "/today"
    assert "Klachtencheck" in phone.text


def test_after_a_quarter_of_an_hour_it_is_asked_again_and_what_was_chosen_is_kept(
    clinic, anna, hand
):
    phone = tries(came_in(clinic, anna, hand), PIN)
    phone.taps("Begin Klachtencheck")
    phone.now += timedelta(minutes=10)
    phone.opens(phone.path).chooses(NOTHING_SUDDEN)  # in use: no question
    phone.now += timedelta(minutes=16)
    assert phone.taps("Volgende").path == "/pin"
    assert list(drafts(clinic)[0].document) == ["ALARM"]


def test_five_wrong_ones_make_her_wait_ten_close_it_and_the_site_opens_it(clinic, app, anna, hand):
    phone = came_in(clinic, anna, hand)
    for _ in range(TRIES.before_wait):
        tries(phone, OTHER)
    assert "Probeer het over 15 minuten opnieuw." in tries(phone, PIN).text
    phone.now += TRIES.wait
    for _ in range(TRIES.most - TRIES.before_wait):
        tries(phone, OTHER)
    closed = tries(phone, PIN)
    assert closed.status == 403
    assert "Het studieteam kan u een nieuwe geven." in closed.text
    mo = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{anna.code}/pin")
    assert "Afgesloten: er is te vaak een verkeerde pincode ingevuld" in mo.text
    mo.sends(f"/staff/patients/{anna.code}/pin", pin="1234")
    assert "te makkelijk te raden" in mo.text
    mo.sends(f"/staff/patients/{anna.code}/pin", pin=OTHER)
    assert tries(phone, OTHER).path == "/today"
    mo.sends(f"/staff/patients/{anna.code}/pin/removal")
    assert came_in(clinic, anna, hand).path == "/today"


def test_another_pin_closes_what_was_open(clinic, anna, hand):
    phone = tries(came_in(clinic, anna, hand), PIN)
    by = staff_actor(clinic.mo)
    set_pin(clinic.database, patient=anna, digits=OTHER, by=by, now=clinic.now)
    assert phone.opens("/today").path == "/pin"


def test_a_wrong_one_is_on_record_and_its_digits_nowhere(clinic, anna, hand):
    tries(tries(came_in(clinic, anna, hand), OTHER), PIN)
    with clinic.database.reading() as session:
        entries = session.exec(select(AuditEntry)).all()
        held = session.exec(select(PatientPin)).one()
    assert {"pin.set", "pin.refused", "pin.given"} <= {each.verb for each in entries}
    assert PIN not in held.pin_hash
    assert not any(OTHER in str(each.detail) or PIN in str(each.detail) for each in entries)


def test_T_12_of_many_at_once_no_more_are_looked_at_than_may_be(clinic, anna):
    token = newer_link(clinic, anna, clinic.now).rpartition("/")[2]
    _, visit = begin_visit(clinic.database, KEYRING, token=token, now=clinic.now)

    def one(_):
        try:
            give_pin(clinic.database, KEYRING, token=visit, digits=OTHER, now=clinic.now)
        except (WrongPin, PinWaits, PinLocked) as refusal:
            return type(refusal)
        except TooBusy as other:  # not looked at
            return type(other)

    with ThreadPoolExecutor(8) as crowd:
        outcomes = list(crowd.map(one, range(40)))
    assert outcomes.count(WrongPin) <= TRIES.before_wait
    assert PinWaits in outcomes


def test_a_program_gives_it_with_the_link(clinic, app, anna):
    def session(**pin):
        token = newer_link(clinic, anna, clinic.now).rpartition("/")[2]
        return Callers(app, clinic).nobody.post("/session", {"link": token, **pin})

    assert session(pin=OTHER).status_code == 401
    assert session(pin=PIN).status_code == 201
    bare = session().json["token"]
    refused = Callers(app, clinic).nobody.call(
        "GET", "/assignments", headers={"Authorization": f"Bearer {bare}"}
    )
    assert (refused.status_code, refused.json["code"]) == (401, "pin_needed")


@pytest.mark.parametrize(
    ("digits", "fault"),
    [
        ("2580", None),
        ("13579135", None),
        ("258", PinFault.LENGTH),
        ("258025802", PinFault.LENGTH),
        ("25a0", PinFault.NOT_DIGITS),
        ("²580", PinFault.NOT_DIGITS),
        ("", PinFault.NOT_DIGITS),
        ("1111", PinFault.EASY),
        ("3456", PinFault.EASY),
        ("9876", PinFault.EASY),
    ],
)
def test_what_may_be_a_pin(digits, fault):
    assert pin_fault(digits) is fault
