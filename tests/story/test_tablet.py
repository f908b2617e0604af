"""A tablet of the hospital in a patient's hands: one code, one sitting, nothing left on it."""

import re
from datetime import timedelta

import pytest
import segno

from proms.actions.audit import staff_actor
from proms.actions.handing_over import GOOD_FOR
from proms.actions.pin_use import choose_pin_use
from proms.actions.pins import set_pin
from proms.db.tables import Site
from proms.domain.pin import PinUse
from tests.desk import Desk
from tests.filling_in import NOTHING_SUDDEN, calm, stored, well


@pytest.fixture
def code(clinic, app, anna):
    """As the nurse reads it out."""
    els = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}/tablet")
    assert "proms.example.org/tablet" in els.text
    els.presses("Maak een code")
    return els.answer.text.split('class="big">')[1].split("<")[0]


def types(phone, code):
    phone.opens("/tablet").ticked = [("code", code)]
    return phone.taps("Start")


def test_one_sitting_from_the_code_to_the_receipt_and_nothing_after(clinic, app, anna, hand, code):
    tablet = types(hand(), code.lower())
    assert tablet.path == "/today"
    tablet.taps("Begin Klachtencheck")
    form = tablet.path.rsplit("/", 1)[0]
    well(calm(tablet)).taps("Verstuur mijn antwoorden")
    assert tablet.title == "Dank u wel"
    receipt = tablet.path
    for path in ("/today", form, f"{form}/JAUND"):
        assert tablet.opens(path).title == "Uw antwoorden zijn verstuurd", path
    assert tablet.opens(receipt).title == "Dank u wel"
    tablet.opens("/today").taps("Ik geef de tablet terug")
    assert tablet.title == "Invullen op deze tablet"
    assert tablet.opens(receipt).path == "/link"
    [sent] = stored(clinic)
    assert sent.mode == "tablet"
    given = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}/responses/{sent.id}")
    assert "door de patiënt, op een tablet van het ziekenhuis" in given.text


def test_a_tablet_that_is_left_lying_shows_the_receipt_for_ten_minutes(clinic, anna, hand, code):
    tablet = types(hand(), code).taps("Begin Klachtencheck")
    receipt = well(calm(tablet)).taps("Verstuur mijn antwoorden").path
    tablet.now += timedelta(minutes=9)
    assert tablet.opens(receipt).title == "Dank u wel"
    tablet.now += timedelta(minutes=1)
    assert tablet.opens(receipt).title == "Uw antwoorden zijn verstuurd"
    assert tablet.taps("Ik geef de tablet terug").title == "Invullen op deze tablet"


def test_a_red_answer_still_says_whom_to_call(clinic, anna, hand, code):
    tablet = types(hand(), code).taps("Begin Klachtencheck")
    calm(tablet).answers("Ja")
    assert tablet.title == "Bel nu het ziekenhuis"
    tablet.taps("Verstuur wat ik heb ingevuld")
    assert tablet.title == "Bel nu het ziekenhuis"
    assert tablet.taps("Ik ga bellen").title == "Bel nu het ziekenhuis"


def test_a_code_is_good_once_and_for_a_quarter_of_an_hour(clinic, anna, hand, code):
    types(hand(), code)
    second = types(hand(), code)
    assert (second.status, second.title) == (422, "Invullen op deze tablet")
    assert "Deze code werkt niet." in second.text


def test_a_code_is_scanned_instead_of_typed_and_looking_at_it_uses_nothing(clinic, app, anna, hand):
    els = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}/tablet")
    assert "<svg" not in els.answer.text.split('id="address"')[1]
    els.presses("Maak een code")
    panel = els.answer.text.split('id="address"')[1]
    code = panel.split('class="big">')[1].split("<")[0].replace(" ", "")
    address = f"https://proms.example.org/tablet/{code}"
    assert drawn(address) in panel
    for _ in range(3):
        looked = hand().opens(f"/tablet/{code}")
        assert looked.title == "Invullen op deze tablet"
    assert looked.written == code
    assert looked.writes(code).taps("Start").path == "/today"
    again = hand().opens(f"/tablet/{code}").writes(code).taps("Start")
    assert "Deze code werkt niet." in again.text
    assert again.written == code


def drawn(address):
    """The dark squares of the picture that a camera reads as this address."""
    svg = segno.make(address, error="m", micro=False).svg_inline()
    return re.search(r' d="(M4 4.5[^"]*)"', svg)[1]


@pytest.mark.parametrize("typed", ["", "AAAA AAAA", "nothing like it", "²"])
def test_what_is_no_code_says_so(clinic, anna, hand, typed):
    assert "Deze code werkt niet." in types(hand(), typed).text


def test_a_late_code_and_a_long_sitting_let_nobody_in(clinic, anna, hand, code):
    late = hand()
    late.now += GOOD_FOR
    assert "Deze code werkt niet." in types(late, code).text
    tablet = types(hand(), code)
    tablet.now += timedelta(minutes=61)
    assert tablet.opens("/today").path == "/link"


def test_a_pin_is_for_her_phone_and_not_for_the_tablet(clinic, anna, hand, code):
    by = staff_actor(clinic.mo)
    set_pin(clinic.database, patient=anna, digits="2580", by=by, now=clinic.now)
    tablet = types(hand(), code)
    assert tablet.path == "/today"
    tablet.taps("Begin Klachtencheck").answers(NOTHING_SUDDEN)


def test_it_asks_for_no_pin_and_reads_nothing_back(clinic, anna, hand, code):
    with clinic.database.writing() as session:
        by, site = staff_actor(clinic.ad), session.get_one(Site, clinic.site.id)
        choose_pin_use(session, PinUse.REQUIRED, site=site, by=by, now=clinic.now)
    tablet = types(hand(), code)
    assert tablet.path == "/today"
    assert not tablet.offers("Uw eerdere antwoorden")
    assert not tablet.offers("Even geen berichten")
    assert tablet.opens("/pin/new").path == "/today"
    set_pin(clinic.database, patient=anna, digits="2580", by=by, now=clinic.now)
    assert tablet.opens("/earlier").status == 404
