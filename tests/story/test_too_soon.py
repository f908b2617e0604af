"""A tap meant for the page before comes on the page after it: nothing is kept or lost by it."""

import pytest

from proms.web.patient.arrival import ARRIVAL
from tests.filling_in import begun, drafts, stored, well

MILLISECONDS = int(ARRIVAL.total_seconds() * 1000)


@pytest.fixture
def hasty(clinic, anna, hand):
    """A phone at the first question, whose owner taps as soon as a page is there."""
    phone = begun(hand(), clinic)
    return taps_after(phone, 0)


def taps_after(phone, milliseconds):
    """The page that she sees now and those to come, tapped so soon after they were made."""
    phone.read_for = milliseconds
    return phone.opens(phone.path)


def test_a_second_tap_after_an_answer_is_no_question_left_out(clinic, hasty):
    hasty.answers("Nee")
    assert hasty.title == "Is uw huid of uw oogwit geler dan normaal?"
    taps_after(hasty, MILLISECONDS).answers("Nee")
    assert hasty.title.startswith("Wat was de donkerste kleur")
    taps_after(hasty, MILLISECONDS - 1).taps("Volgende")
    assert hasty.title.startswith("Wat was de donkerste kleur")
    assert list(drafts(clinic)[0].document) == ["ALARM", "JAUND"]


def test_what_was_chosen_too_soon_stands_on_the_page_and_is_not_kept(clinic, hasty):
    hasty.answers("Nee")
    assert (hasty.status, hasty.chosen) == (200, ["Nee"])
    assert list(drafts(clinic)[0].document) == ["ALARM"]


def test_a_question_is_not_left_out_by_a_tap_on_a_page_nobody_can_have_read(clinic, hasty):
    hasty.taps("Ik sla deze vraag over").taps("Vraag overslaan")
    assert hasty.title == "U heeft deze vraag niet beantwoord"
    assert list(drafts(clinic)[0].document) == ["ALARM"]
    taps_after(hasty, MILLISECONDS).taps("Vraag overslaan")
    assert drafts(clinic)[0].document["JAUND"]["missing"] == "declined"


def test_answers_are_not_sent_by_a_tap_on_a_page_nobody_can_have_read(clinic, anna, hand):
    phone = taps_after(well(begun(hand(), clinic)), 0).taps("Verstuur mijn antwoorden")
    assert phone.title == "Kijk uw antwoorden na"
    assert stored(clinic) == []
    taps_after(phone, MILLISECONDS).taps("Verstuur mijn antwoorden")
    assert len(stored(clinic)) == 1


def test_who_must_call_says_nothing_by_a_tap_on_a_page_she_cannot_have_read(clinic, hasty):
    phone = taps_after(hasty, MILLISECONDS).answers("Ja")
    taps_after(phone, 0).taps("Ik ga bellen")
    assert "dat u gaat bellen" not in phone.text
    phone.taps("Verstuur wat ik heb ingevuld")
    assert (phone.title, stored(clinic)) == ("Bel nu het ziekenhuis", [])


@pytest.mark.parametrize("made", ["", "soon", "-1", "²", "9" * 400])
def test_a_form_that_does_not_say_when_it_was_made_is_done_as_it_stands(clinic, hasty, made):
    method, address, fields = hasty.chooses("Nee").sending("Volgende")
    others = [each for each in fields if each[0] != "made"]
    hasty.sends((method, address, [*others, ("made", made)]))
    assert list(drafts(clinic)[0].document) == ["ALARM", "JAUND"]


def test_a_clock_that_is_set_back_stops_nobody(clinic, hasty):
    taps_after(hasty, -60_000).answers("Nee")
    assert list(drafts(clinic)[0].document) == ["ALARM", "JAUND"]
