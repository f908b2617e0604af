"""The list of patients: who is late, who is paused, who was heard from when, what is due, and how
urgent an open alert is."""

import pytest

from proms.domain.alert.record import Resolution
from tests.caller import statements
from tests.desk import Desk


@pytest.fixture
def listed(clinic, app):
    """`listed(patient)` is the words of her line, on whatever day it is."""

    def look(patient):
        desk = Desk(app, clinic, clinic.mo).opens("/staff/patients")
        look.page = desk.answer.text
        return desk.text[desk.text.index(patient.code) :]

    return look


def test_a_line_says_delay_pause_last_contact_and_what_is_due(clinic, anna, listed):
    clinic.answers(anna)
    clinic.today("2026-01-12")
    clinic.randomises(anna, "A", "2026-01-06")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-12")
    assert "FOLFOX 2" not in listed(anna)
    clinic.today("2026-01-29")
    line = listed(anna)
    assert "FOLFOX 2 uitgesteld sinds 26 jan 2026" in line
    assert "5 jan 2026" in line
    assert "Klachtencheck" in line


def test_whoever_was_never_heard_from_says_so(clinic, anna, listed):
    assert "nog geen" in listed(anna)


def test_closing_an_alert_is_a_contact(clinic, anna, listed):
    clinic.answers(anna, JAUND=2)
    clinic.today("2026-01-07")
    clinic.acknowledges(anna)
    clinic.resolves(anna, Resolution.ADVICE)
    assert "7 jan 2026" in listed(anna)


@pytest.mark.parametrize("answers", [{"JAUND": 2}, {"JAUND": 2, "NAUS": 3}])
def test_the_tag_of_open_alerts_has_the_urgency_of_the_first(clinic, anna, listed, answers):
    clinic.answers(anna, **answers)
    assert "Nu bellen: " in listed(anna)
    assert 'class="tag tag-now"' in listed.page


def test_a_milder_alert_is_not_shown_as_one_to_call_about(clinic, anna, listed):
    clinic.answers(anna, NAUS=3)
    line = listed(anna)
    assert "Nu bellen" not in line
    assert 'class="tag tag-now"' not in listed.page


def test_a_long_list_costs_as_many_statements_as_a_short_one(clinic, app):
    mo = Desk(app, clinic, clinic.mo)

    def cost():
        with statements(app.extensions["parts"].database) as said:
            mo.opens("/staff/patients")
        return len(said)

    clinic.enrols("Eerste")
    first = cost()
    for number in range(5):
        clinic.enrols(f"Nog een {number}")
    assert cost() == first
