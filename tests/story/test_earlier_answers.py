"""Her own earlier answers: behind a PIN that was given just now, in the words she chose, with
nothing that says how she is. What she answered before is offered nowhere as an answer."""

import re
from datetime import timedelta

import pytest

from proms.actions.audit import patient_actor, staff_actor
from proms.actions.drafts import sit_down
from proms.actions.pins import set_pin
from proms.actions.submissions import Submission, submit
from proms.actions.unscheduled import start_extra
from proms.db.tables import Patient
from proms.domain.instrument import Place
from proms.domain.response import MissingReason, Mode, from_answers
from tests.filling_in import DAY_AND_NIGHT, newer_link
from tests.story.test_own_pin import PIN, chooses, tries

CALLED = "/earlier"


@pytest.fixture
def weeks(clinic, anna):
    """Three weeks of checks, the last on 19 January."""
    clinic.answers(anna, NAUS=0, TIRED=1)
    extra(clinic, anna, "2026-01-12", NAUS=2, TIRED=1)
    extra(clinic, anna, "2026-01-19", left_out={"NAUS": MissingReason.SKIPPED}, TIRED=3)
    return anna


def extra(clinic, anna, day, left_out=None, *, mode=Mode.PHONE, **answers):
    """A check that she begins herself, sent on a day."""
    clinic.today(day, "10:00")
    instrument = clinic.library.instrument("hsc")
    well = {
        item.code: (item.none,) if item.none else item.options[0]
        for item in instrument.items
        if item.options and not item.asked_if and item.code not in (left_out or {})
    }
    document = from_answers({**well, **answers}, left_out or {}, clinic.now)
    with clinic.database.writing() as session:
        patient = session.get_one(Patient, anna.id)
        by = patient_actor(anna.id)
        asked = start_extra(
            session,
            clinic.library,
            patient=patient,
            event="HSC-PRN",
            language="nl",
            by=by,
            now=clinic.now,
        )
    with clinic.database.writing() as session:
        patient = session.get_one(Patient, anna.id)
        sitting = sit_down(
            session, clinic.library, assignment_id=asked.id, patient=patient, by=by, now=clinic.now
        )
        submit(sitting, Submission(f"key-{asked.id}", document, mode))


def with_pin(clinic, anna, hand):
    """Chosen with her in the room, and given."""
    by = staff_actor(clinic.mo)
    set_pin(clinic.database, patient=anna, digits=PIN, by=by, now=clinic.now)
    return tries(hand().opens(newer_link(clinic, anna, clinic.now)).taps("Start"), PIN)


def path_of(phone, label):
    """The days and answers of one question, as a table tells them."""
    tables = re.findall(r"<table>(.*?)</table>", phone.answer.text, re.DOTALL)
    found = next(each for each in tables if f">{label}<" in each)
    rows = re.findall(r'<th scope="row">(.*?)</th>\s*<td lang="(\w+)">(.*?)</td>', found)
    return [(day, words) for day, _language, words in rows]


def test_behind_her_pin_she_reads_each_question_as_the_way_it_went(clinic, weeks, hand):
    phone = with_pin(clinic, weeks, hand).taps("Uw eerdere antwoorden")
    assert phone.title == "Uw eerdere antwoorden"
    assert path_of(phone, "Misselijk") == [
        ("maandag 19 januari", "Overgeslagen"),
        ("maandag 12 januari", "Matig"),
        ("maandag 5 januari", "Nee"),
    ]
    assert [words for _, words in path_of(phone, "Weinig energie")] == ["Sterk", "Licht", "Licht"]
    assert phone.answer.headers["Cache-Control"] == "no-store"
    assert DAY_AND_NIGHT in phone.text
    main = phone.answer.text.split("<main")[1].split("</main>")[0]
    assert not re.search(r"sev\d|score|advies|\bred\b|amber", main)


def test_what_is_older_than_the_protocol_says_is_not_shown(clinic, weeks, hand):
    clinic.today("2026-03-02", "10:00")
    phone = with_pin(clinic, weeks, hand).opens(CALLED)
    assert [day for day, _ in path_of(phone, "Misselijk")] == [
        "maandag 19 januari",
        "maandag 12 januari",
    ]
    clinic.today("2026-06-01", "10:00")
    assert "Er valt nog niets terug te lezen." in with_pin(clinic, weeks, hand).opens(CALLED).text


def test_without_a_pin_it_shows_nothing_and_says_how_to_get_one(clinic, weeks, hand):
    phone = hand().opens(newer_link(clinic, weeks, clinic.now)).taps("Start").opens(CALLED)
    assert "Misselijk" not in phone.text
    assert "Matig" not in phone.text
    assert phone.taps("Kies een pincode").path == "/pin/new"


def test_before_it_is_given_and_a_quarter_of_an_hour_later_it_is_closed(clinic, weeks, hand):
    phone = with_pin(clinic, weeks, hand)
    fresh = hand().opens(newer_link(clinic, weeks, clinic.now)).taps("Start")
    assert fresh.opens(CALLED).path == "/pin"
    assert phone.opens(CALLED).path == CALLED
    phone.now += timedelta(minutes=16)
    assert phone.opens(CALLED).path == "/pin"
    assert "Matig" not in phone.text


def test_a_pin_chosen_on_a_phone_opens_nothing_that_was_there_before(clinic, weeks, hand):
    """Whoever has the phone may choose it."""
    phone = hand().opens(newer_link(clinic, weeks, clinic.now)).taps("Start")
    chooses(phone.opens("/pin/new"), PIN).opens(CALLED)
    assert "U koos uw pincode zelf, op maandag 19 januari." in phone.text
    assert "Misselijk" not in phone.text
    extra(clinic, weeks, "2026-01-21", NAUS=1)
    phone.now = clinic.now
    tries(phone.opens(CALLED), PIN).opens(CALLED)
    assert path_of(phone, "Misselijk") == [("woensdag 21 januari", "Licht")]
    # One that is set with her in the room opens all of it.
    assert len(path_of(with_pin(clinic, weeks, hand).opens(CALLED), "Misselijk")) == 4


def test_another_patients_answers_are_nowhere_on_it(clinic, weeks, hand):
    bea = clinic.enrols("Bea")
    phone = with_pin(clinic, bea, hand).opens(CALLED)
    assert "Er valt nog niets terug te lezen." in phone.text
    assert "Misselijk" not in phone.text


def test_an_instrument_whose_wording_is_licensed_is_not_on_it(clinic, weeks, hand):
    clinic.answers(weeks, "qlq-c30")
    phone = with_pin(clinic, weeks, hand).opens(CALLED)
    questions = clinic.library.wording("qlq-c30", "nl").items.values()
    assert not any(question in phone.text for question in questions)


def test_it_speaks_the_readers_language_and_keeps_the_words_she_answered_in(clinic, weeks, hand):
    phone = with_pin(clinic, weeks, hand).opens(CALLED).taps("English")
    assert phone.title == "Your earlier answers"
    assert path_of(phone, "Feeling sick")[:2] == [
        ("Monday 19 January", "Skipped"),
        ("Monday 12 January", "Matig"),
    ]
    assert '<td lang="nl">Matig</td>' in phone.answer.text


def test_no_question_offers_what_was_answered_before(clinic, anna, hand):
    """“The same as last week?” would be a default; for what may be red it would be a danger. So a
    question reads alike whatever was answered before it, and nothing is chosen on it."""
    items = [
        item.code
        for item in clinic.library.instrument("hsc").items
        if item.place is Place.FORM and not item.asked_if and not item.optional
    ]
    assert {"ALARM", "JAUND", "TEMP", "CHILL", "BLEED"} <= set(items)
    pages = {}
    for name, answers in (("calm", {}), ("ill", {"NAUS": 3, "TIRED": 4, "ITCH": 2, "TEMP": 1})):
        patient = clinic.enrols(name)
        clinic.answers(patient, **answers)
        phone = hand().opens(newer_link(clinic, patient, clinic.now)).taps("Start")
        form = phone.opens("/today").taps("Extra: Klachtencheck").path.rsplit("/", 1)[0]
        pages[name] = [question(phone.opens(f"{form}/{code}")) for code in items]
        assert not any("checked" in page for page in pages[name])
    assert pages["calm"] == pages["ill"]


def question(phone):
    """A page without what names the form, the moment and the browser."""
    main = phone.answer.text.split("<main")[1].split("</main>")[0]
    return re.sub(r'value="[^"]{12,}"|/form/\d+', "", main)
