"""A check that was begun and not sent, beside the next one: two cards would look alike, and the
older could no longer be answered about its own week."""

import pytest

from proms.db.tables import Patient
from tests.desk import Desk
from tests.filling_in import NOTHING_SUDDEN, newer_link, stored, well
from tests.phone import Phone

ITS_PLACE = (
    "De vragen van maandag 5 januari zijn niet verstuurd. "
    "Er kwamen nieuwere vragen voor in de plaats. Het ziekenhuis heeft die antwoorden niet."
)
BEGIN, GO_ON = "Begin Klachtencheck", "Ga verder Klachtencheck"


@pytest.fixture
def treated(clinic, anna) -> Patient:
    """Her first cycle began on the 5th: checks on its days 1 and 8, the 5th and the 12th."""
    clinic.answers(anna, "hsc")
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-05")
    clinic.works()
    return anna


@pytest.fixture
def phone(clinic, treated, hand) -> Phone:
    """The check of day 1 begun on the 6th, and not sent."""
    clinic.today("2026-01-06", "10:00")
    phone = hand().opens(newer_link(clinic, treated, clinic.now)).taps("Start")
    return phone.answers(NOTHING_SUDDEN)


def goes_on(clinic, phone, day):
    phone.now = clinic.today(day, "10:00")
    return phone.opens("/today")


def cards(phone):
    return [
        words
        for words in (" ".join(each.words.split()) for each in phone.page.things)
        if words in (BEGIN, GO_ON)
    ]


def test_a_card_says_which_days_it_asks_about(clinic, phone):
    assert "Over de afgelopen 7 dagen." in phone.opens("/today").text
    goes_on(clinic, phone, "2026-01-10")  # its window has closed, the next opens tomorrow
    assert cards(phone) == [GO_ON]
    days = "Begonnen op dinsdag 6 januari. Over de 7 dagen tot en met die dag."
    assert days in phone.text


def test_once_the_next_is_open_the_older_gives_way_and_both_sides_are_told(
    clinic, app, treated, phone
):
    goes_on(clinic, phone, "2026-01-11")
    assert cards(phone) == [BEGIN]
    assert ITS_PLACE in phone.text
    again = Phone(app, phone.now).opens(newer_link(clinic, treated, phone.now)).taps("Start")
    assert ITS_PLACE in again.text  # read before the questions that took it
    mo = Desk(app, clinic, clinic.mo)
    calendar = mo.opens(f"/staff/patients/{treated.code}/calendar").answer.text
    assert "begonnen, maakte plaats voor de volgende" in calendar
    well(phone.taps(BEGIN)).taps("Verstuur mijn antwoorden")
    assert cards(phone.opens("/today")) == []  # it does not come back


def test_what_a_phone_that_was_offline_sends_of_it_is_kept_as_late(clinic, treated, phone):
    """The page of its next question was still open."""
    still_open = phone.path
    goes_on(clinic, phone, "2026-01-11")
    well(phone.opens(still_open)).taps("Verstuur mijn antwoorden")
    late = stored(clinic)[-1]
    assert (late.patient_id, late.late) == (treated.id, True)
    assert cards(phone.opens("/today")) == [BEGIN]


def test_a_nurse_may_still_type_it_in(clinic, app, treated, phone):
    goes_on(clinic, phone, "2026-01-11")
    els = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{treated.code}")
    assert els.answer.text.count("/fill-in/") >= 2
