"""A patient fills in the kinds of question that only the quality-of-life pack has: a number, and
words that depend."""

import pytest

from proms.db.session import connect
from proms.domain.person import Sex
from proms.domain.response import answers_of, missing_of
from tests.clinic import Clinic
from tests.filling_in import drafts, newer_link, stored
from tests.phone import Phone, website

STOMA = {49: "zakje: winden", 51: "zakje: pijnlijke huid", 54: "zakje: schaamte", 55: "stomazorg"}
BARE = {49: "winden", 51: "pijnlijke huid", 54: "schaamte"}
RANGE = "Vul een heel getal in van 0 tot en met 100, in cijfers."


@pytest.fixture
def clinic(database_url, stand_ins):
    """A demo's clinic: our own labels say what each question is about."""
    database = connect(database_url)
    yield Clinic(database, stand_ins)
    database.engine.dispose()


@pytest.fixture
def app(clinic, database_url):
    with website(database_url, demo=True) as running:
        yield running


def first_answer(phone: Phone) -> str:
    return next(each.words for each in phone.page.things if each.attributes.get("for") == "a1")


def sitting_at(clinic, app, patient, instrument) -> Phone:
    """Her phone at the first question of an instrument, with the ones before it in the pack
    answered."""
    for each in ("qlq-c30", "qlq-lmc21", "qlq-cr29"):
        if each == instrument:
            break
        if each != "qlq-cr29" or patient.rectal_primary or patient.stoma:
            clinic.answers(patient, each)
    asked = clinic.asked(patient, instrument)
    phone = Phone(app, clinic.now).opens(newer_link(clinic, patient, clinic.now)).taps("Start")
    return phone.sends(("POST", f"/form/{asked.id}", phone.sending("Begin")[2]))


def at_the_number(clinic, app, patient) -> Phone:
    phone = sitting_at(clinic, app, patient, "eq-5d-5l")
    while phone.title != "gezondheid vandaag, 0 tot en met 100":
        phone.answers(first_answer(phone))
    return phone


@pytest.mark.parametrize(
    "typed", ["101", "-1", "80,5", "80.5", "tachtig", "1e2", "²", "9999999999", "8 0", "<b>80</b>"]
)
def test_a_number_that_cannot_be_is_not_kept_and_stays_in_the_field_with_a_clear_sentence(
    clinic, app, anna, typed
):
    phone = at_the_number(clinic, app, anna)
    phone.writes(typed).taps("Volgende")
    assert phone.status == 422
    assert RANGE in phone.text
    assert phone.written == typed[:9]
    assert "VAS" not in drafts(clinic)[-1].document
    phone.writes("80").taps("Volgende")
    assert phone.title == "Kijk uw antwoorden na"
    assert "6. gezondheid vandaag, 0 tot en met 100 80" in phone.text


def test_a_number_is_kept_as_a_number_and_comes_back_when_it_is_changed(clinic, app, anna):
    phone = at_the_number(clinic, app, anna)
    for typed, kept in (("0", 0), ("100", 100), (" 7 ", 7), ("007", 7)):
        phone.writes(typed).taps("Volgende")
        assert phone.taps("Wijzig vraag 6:").written == str(kept)
    phone.writes("65").taps("Volgende").taps("Verstuur mijn antwoorden")
    assert answers_of(stored(clinic)[-1].document)["VAS"] == 65


def test_a_number_may_be_left_out_like_any_other_question(clinic, app, anna):
    phone = at_the_number(clinic, app, anna).writes("").taps("Volgende")
    assert phone.title == "U heeft deze vraag niet beantwoord"
    phone.taps("Vraag overslaan")
    assert "6. gezondheid vandaag, 0 tot en met 100 Overgeslagen" in phone.text
    phone.taps("Verstuur mijn antwoorden")
    assert missing_of(stored(clinic)[-1].document)["VAS"] == "skipped"


@pytest.fixture
def rita(clinic):
    """A rectal primary, and no stoma as far as the hospital knows: she is asked about bowel and
    bladder."""
    clinic.today("2026-01-05", "09:00")
    patient = clinic.enrols("Rita", rectal_primary=True)
    clinic.today("2026-01-05", "10:46")
    return patient


@pytest.fixture
def sam(clinic):
    """A man whose stoma the hospital has on record."""
    clinic.today("2026-01-05", "09:00")
    patient = clinic.enrols("Sam", stoma=True, sex=Sex.MALE)
    clinic.today("2026-01-05", "10:46")
    return patient


def at_the_stoma(clinic, app, patient) -> Phone:
    phone = sitting_at(clinic, app, patient, "qlq-cr29")
    while phone.title != "stoma aanwezig":
        phone.answers(first_answer(phone))
    return phone


def asked_after(phone: Phone) -> dict[int, str]:
    """The questions that follow, by the number in their address, up to the page to check the
    answers on."""
    seen = {}
    while not phone.path.endswith("/review"):
        seen[int(phone.path.rpartition("/q")[2])] = phone.title
        phone.answers(first_answer(phone))
    return seen


def test_who_has_a_stoma_is_asked_in_the_words_for_a_stoma(clinic, app, rita):
    phone = at_the_stoma(clinic, app, rita).answers("1 ja")
    seen = asked_after(phone)
    assert {number: words for number, words in seen.items() if number in STOMA} == STOMA
    assert sorted(seen) == [49, 50, 51, 52, 53, 54, 55, 58, 59]
    assert "zakje: winden 1 geen" in phone.text


def test_who_has_none_is_asked_in_the_other_words_and_nothing_about_stoma_care(clinic, app, rita):
    seen = asked_after(at_the_stoma(clinic, app, rita).answers("0 nee"))
    assert {number: words for number, words in seen.items() if number in STOMA} == BARE
    assert sorted(seen) == [49, 50, 51, 52, 53, 54, 58, 59]


@pytest.mark.parametrize(("who", "expected"), [("rita", BARE), ("sam", STOMA)])
def test_where_it_is_left_open_what_the_hospital_knows_decides(clinic, app, request, who, expected):
    phone = at_the_stoma(clinic, app, request.getfixturevalue(who))
    phone.taps("Volgende").taps("Vraag overslaan")
    seen = asked_after(phone)
    assert {number: words for number, words in seen.items() if number in STOMA} == expected


def test_what_she_says_of_her_stoma_is_stronger_than_what_the_hospital_knows(clinic, app, sam):
    seen = asked_after(at_the_stoma(clinic, app, sam).answers("0 nee"))
    assert {number: words for number, words in seen.items() if number in STOMA} == BARE
    assert {56, 57} <= set(seen)
    assert not {58, 59} & set(seen)


def test_another_answer_about_the_stoma_asks_the_questions_it_worded_anew(clinic, app, rita):
    phone = at_the_stoma(clinic, app, rita).answers("1 ja")
    asked_after(phone)
    phone.taps("Wijzig vraag 18:").answers("0 nee")
    assert phone.path.endswith("/q49"), "an answer to other words is no answer to these"
    assert phone.chosen == []
    asked_after(phone)
    assert "zakje" not in phone.text
    assert "stomazorg" not in phone.text
    phone.taps("Verstuur mijn antwoorden")
    document = stored(clinic)[-1].document
    assert missing_of(document)["q55"] == "not_asked"
    assert answers_of(document)["q49"] == 1


def test_an_answer_to_words_that_did_not_change_is_kept(clinic, app, rita):
    phone = at_the_stoma(clinic, app, rita).answers("0 nee")
    asked_after(phone)
    phone.taps("Wijzig vraag 18:").taps("Volgende")  # looked, and left it as it was
    assert phone.path.endswith("/review")
    phone.taps("Wijzig vraag 1:").answers("3 duidelijk")
    assert phone.path.endswith("/review")
    assert answers_of(drafts(clinic)[-1].document)["q49"] == 1
