"""Laboratory values by hand: entered with a decimal comma, corrected with a reason, read with what
follows from them, and beside cycles and symptoms."""

import pytest

from tests.desk import Desk


@pytest.fixture
def anna(clinic):
    clinic.today("2026-01-05")
    patient = clinic.enrols("Anna Bakker")
    clinic.randomises(patient, "B", "2026-01-12")
    clinic.chooses(patient, "pump", "fudr")
    clinic.operates(patient, "2026-02-02")
    clinic.today("2026-03-09")
    clinic.gives_cycle(patient, "pump", 1, "2026-03-09")
    clinic.today("2026-03-23")
    return patient


@pytest.fixture
def els(clinic, app, anna):
    return Desk(app, clinic, clinic.els)


def enters(desk, patient, **typed):
    return desk.opens(f"/staff/patients/{patient.code}/labs").presses("Opslaan", **typed)


def test_a_nurse_enters_a_day_of_values_and_reads_what_follows(els, anna):
    enters(els, anna, taken_on="2026-03-09", value_alp="100", limit_alp="120")
    assert "1 waarde opgeslagen." in els.text
    enters(els, anna, value_alp="312,5", value_bilirubin="12,5", limit_bilirubin="20")
    assert "2 waarden opgeslagen." in els.text
    assert "23 mrt 2026 312,5 U/L Verbeter : AF, 23 mrt 2026 120 2,6 3,12 van 9 mrt 2026 1 2" in (
        els.text
    )
    assert "ze geven geen advies over een dosis" in els.text
    els.opens(f"/staff/patients/{anna.code}")
    assert "312,5↑" in els.text
    assert (
        "23 mrt 2026: 312,5 U/L, 2,6 × bovengrens, 3,12 × laatste dosis, 1 keer op rij gestegen, "
        "graad 2" in els.text
    )


def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_kept(els, anna):
    enters(els, anna, value_bilirubin="1,2", limit_bilirubin="1,2", value_ast="31,555")
    assert els.status == 422
    assert "Bilirubine: De bovengrens van normaal ligt tussen 5 en 60 µmol/L." in els.text
    assert "ASAT: Schrijf een getal boven 0 met hooguit twee decimalen, zoals 12,5." in els.text
    enters(els, anna, value_ast="31")
    assert "ASAT: De bovengrens van normaal van het laboratorium is nodig" in els.text
    enters(els, anna)
    assert "Vul ten minste één waarde in." in els.text
    enters(els, anna, taken_on="2026-03-24", value_ast="31", limit_ast="40")
    assert "Deze dag moet nog komen." in els.text
    els.opens(f"/staff/patients/{anna.code}/labs")
    assert "Er is nog geen bloedwaarde vastgelegd." in els.text


def test_a_correction_keeps_the_first_value_and_says_who_when_and_why(els, anna):
    enters(els, anna, value_alp="100", limit_alp="120")
    enters(els, anna, value_alp="110", limit_alp="120")
    assert els.status == 422
    assert "Geef in een paar woorden de reden." in els.text
    address = f"/staff/patients/{anna.code}/labs?test=alp&taken_on=2026-03-23"
    els.opens(address).presses("Opslaan", value_alp="110", reason="verkeerd getypt")
    assert "1 waarde opgeslagen." in els.text
    assert (
        "maandag 23 maart, 10.00 uur , Els AF, 23 mrt 2026: 110 U/L, bovengrens 120 (verbetering): "
        "verkeerd getypt" in els.text
    )
    assert "AF, 23 mrt 2026: 100 U/L, bovengrens 120" in els.text
    els.opens(address).presses("Opslaan", take_back="1", reason="andere patiënt")
    assert "AF, 23 mrt 2026: vervallen (verbetering): andere patiënt" in els.text
    assert "Er is nog geen bloedwaarde vastgelegd." in els.text


def test_the_strip_of_the_bile_ducts_goes_on_after_the_last_dose(clinic, app, els, anna):
    enters(els, anna, value_alp="130", limit_alp="120")
    clinic.stops(anna, "pump", "2026-03-22")
    clinic.today("2026-07-20")
    els = Desk(app, clinic, clinic.els)
    enters(els, anna, value_alp="400", limit_alp="120", value_bilirubin="50", limit_bilirubin="20")
    els.opens(f"/staff/patients/{anna.code}/strips/biliary")
    assert els.status == 200
    assert "Laatste dosis 22 mrt 2026" in els.text
    assert "+1" in els.text
    assert "+4" in els.text
    assert "+5" not in els.text
    assert "20 jul 2026 AF: 400 U/L, 3,33 × bovengrens" in els.text
    els.opens(f"/staff/patients/{anna.code}/strips/other")
    assert els.status == 404


def test_one_page_for_the_consultation_has_alerts_values_and_messages(clinic, els, anna):
    enters(els, anna, value_alp="400", limit_alp="120")
    clinic.answers(anna, JAUND=2)
    els.opens(f"/staff/patients/{anna.code}/consultation")
    assert els.status == 200
    assert "Geelzucht gemeld" in els.text
    assert "400↑" in els.text
    assert "Sms:" in els.text


def test_an_analyst_and_an_administrator_see_no_value(clinic, app, anna):
    for staff in (clinic.kim, clinic.ad):
        desk = Desk(app, clinic, staff)
        for page in ("", "/labs", "/strips/biliary", "/consultation"):
            desk.opens(f"/staff/patients/{anna.code}{page}")
            assert desk.status == 403
        desk.opens("/staff/import/labs")
        assert desk.status == 403
