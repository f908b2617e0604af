"""A last dose that is still to come stops nothing yet; it has a link of its own, and all that is
odd is asked about at once."""

from datetime import date

import pytest

from proms.db.queries.history import history_of
from proms.domain.schedule import Cycle, CycleStatus
from proms.domain.schedule.history_entry import CycleRecorded, MilestoneRecorded
from tests.desk import Desk


@pytest.fixture
def anna(clinic):
    clinic.today("2026-11-09")
    anna = clinic.enrols("Anna")
    clinic.randomises(anna, "A", "2026-11-09")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.today("2026-11-16")
    clinic.gives_cycle(anna, "systemic", 1, "2026-11-16")
    clinic.today("2026-11-30")
    clinic.gives_cycle(anna, "systemic", 2, "2026-11-30")
    clinic.stops(anna, "systemic", "2027-01-15")
    return anna


@pytest.fixture
def mo(clinic, app):
    return Desk(app, clinic, clinic.mo)


def test_it_says_stopped_only_once_the_day_has_come(clinic, anna, mo):
    assert "FOLFOX 2 dag 1, laatste dosis 15 jan 2027" in mo.opens("/staff/patients").text
    calendar = mo.opens(f"/staff/patients/{anna.code}/calendar")
    assert calendar.offers("FOLFOX 3 is gegeven")
    clinic.today("2027-01-15")
    assert (
        "FOLFOX gestopt"
        in Desk(mo.client.application, clinic, clinic.mo).opens("/staff/patients").text
    )


def test_a_last_dose_is_corrected_and_taken_back_by_its_own_link(clinic, anna, mo):
    mo.opens(f"/staff/patients/{anna.code}/calendar").follows("Verbeter: Laatste dosis")
    assert mo.holds("last_dose") == "2027-01-15"
    mo.presses("Toon wat er verandert", last_dose="2026-12-28").presses("Opslaan")
    assert stopped(clinic, anna) == {"systemic": date(2026, 12, 28)}
    clinic.today("2026-12-29")
    mo = Desk(mo.client.application, clinic, clinic.mo)
    mo.opens(f"/staff/patients/{anna.code}/calendar").follows("Verbeter: Laatste dosis")
    mo.presses("Toon wat er verandert", taken_back="1")
    assert "stopt niet" in mo.text
    assert mo.presses("Opslaan").status == 422
    mo.presses("Opslaan", reason="toch nog een kuur")
    assert stopped(clinic, anna) == {}
    assert "FOLFOX 2 dag 30" in mo.opens("/staff/patients").text


def test_everything_odd_is_asked_about_at_once_and_one_reason_stands_for_all(clinic, anna, mo):
    clinic.today("2026-12-08")
    mo = Desk(mo.client.application, clinic, clinic.mo)
    address = f"/staff/patients/{anna.code}/calendar?form=given&component=systemic&number=3"
    mo.opens(address).presses("Toon wat er verandert", day_1="2026-12-08", dose="0")
    assert "een dosis van 0 procent" in mo.text
    assert "8 dagen na kuur 2" in mo.text
    assert "Eén reden geldt voor alles hierboven" in mo.text
    assert mo.presses("Opslaan").status == 422
    assert mo.presses("Opslaan", reason="proefdosis").status == 200
    with clinic.database.reading() as session:
        assert history_of(session, anna).cycle("systemic", 3).dose_percent == 0


def test_a_refusal_names_the_dates_that_collide(clinic, anna, mo):
    address = f"/staff/patients/{anna.code}/calendar?form=milestone&kind=progression"
    mo.opens(address).presses("Toon wat er verandert", on="2026-11-01")
    assert mo.status == 422
    assert "Progressie op 1 nov 2026 is vóór Randomisatie op 9 nov 2026." in mo.text


def test_a_pump_taken_out_before_the_last_fudr_is_asked_about(clinic):
    clinic.today("2026-01-05")
    bea = clinic.enrols("Bea")
    clinic.randomises(bea, "B", "2026-01-05")
    clinic.chooses(bea, "pump", "fudr")
    clinic.operates(bea, "2026-01-05")
    clinic.today("2026-02-02")
    day = date(2026, 2, 2)
    clinic.records(bea, CycleRecorded(Cycle("pump", 1, day, day, CycleStatus.GIVEN)))
    out = MilestoneRecorded("pump_removal", date(2026, 1, 30))
    with pytest.raises(Exception, match="pump cycle 1 on 2026-02-02 is after pump_removal"):
        clinic.records(bea, out)
    clinic.records(bea, out, "zo staat het in het dossier")


def stopped(clinic, patient):
    with clinic.database.reading() as session:
        return history_of(session, patient).stopped
