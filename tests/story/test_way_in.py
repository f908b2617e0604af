"""The tap on Start leads straight to the first question where these questions alone are open, with
all above it that a patient reads before she begins; else to her page."""

from datetime import timedelta

import pytest
from sqlmodel import select

from proms.actions.audit import staff_actor
from proms.actions.pins import set_pin
from proms.db.queries.beside_worklist import not_started
from proms.db.tables import Assignment, AuditEntry, Draft
from proms.domain.response import answers_of
from tests.filling_in import DAY_AND_NIGHT, NOTHING_SUDDEN, calm, newer_link, well

FIRST = "Kreeg u plotseling een van deze klachten?"
BEFORE = (
    "17 vragen. Ongeveer 4 minuten.",
    "Denk aan de afgelopen 7 dagen.",
    "U mag een vraag overslaan.",
    "Invullen kan tot en met zondag 5 april",
    f"Voelt u zich nu heel ziek? Bel {DAY_AND_NIGHT}",
    "Levensgevaar? Bel 112",
    "Dan blijven deze vragen in het Nederlands.",
    "Begin in English",
    FIRST,
)


@pytest.fixture
def one_open(clinic, anna):
    """Her check alone is open: the quality-of-life questions are answered."""
    for instrument in ("qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(anna, instrument)
    return anna


def starts(phone, clinic, patient):
    return phone.opens(newer_link(clinic, patient, phone.now)).taps("Start")


def begun(clinic):
    """The drafts of her check."""
    with clinic.database.reading() as session:
        of_check = select(Draft).join(Assignment).where(Assignment.instrument == "hsc")
        return list(session.exec(of_check))


def verbs(clinic):
    with clinic.database.reading() as session:
        return list(session.exec(select(AuditEntry.verb)))


def test_all_that_is_read_before_the_first_question_stands_above_it_in_order(
    clinic, one_open, hand
):
    phone = starts(hand(), clinic, one_open)
    assert phone.addresses[-1].endswith("/ALARM")
    assert len(phone.addresses) == 3  # the link, the tap, the question
    assert phone.title.startswith(FIRST)
    places = [phone.text.index(words) for words in BEFORE]
    assert places == sorted(places)
    assert phone.chosen == []


def test_T_02_looking_at_the_link_opens_nothing_and_the_tap_opens_what_is_due(
    clinic, one_open, hand
):
    before = verbs(clinic)
    phone = hand().opens(newer_link(clinic, one_open, clinic.now))
    phone.opens(phone.path, method="HEAD").opens(phone.path)
    assert verbs(clinic) == before
    phone.taps("Start")
    assert verbs(clinic)[len(before) :] == ["patient.came_in", "assignment.opened"]


def test_once_something_is_answered_the_questions_stand_alone_and_go_on_where_they_were(
    clinic, one_open, hand
):
    phone = calm(starts(hand(), clinic, one_open))
    assert phone.title == "Is uw huid of uw oogwit geler dan normaal?"
    assert "Invullen kan" not in phone.text
    phone.taps("Vorige")
    assert (phone.title[: len(FIRST)], phone.chosen) == (FIRST, [NOTHING_SUDDEN])
    assert "Invullen kan" not in phone.text
    assert phone.taps("Vorige").path == "/today"
    assert starts(phone, clinic, one_open).path.endswith("/JAUND")


def test_before_anything_is_answered_it_may_be_begun_in_the_other_language(clinic, one_open, hand):
    phone = starts(hand(), clinic, one_open).taps("Begin in English")
    assert phone.title.startswith("Did you suddenly get one of these?")
    assert "stay in English" in phone.text
    phone.chooses("No, none of these").taps("Next")
    assert [answers_of(each.document) for each in begun(clinic)] == [{"ALARM": ("none",)}]


def test_where_more_is_open_or_nothing_she_comes_to_her_page(clinic, anna, hand):
    assert starts(hand(), clinic, anna).path == "/today"
    assert begun(clinic) == []
    for instrument in ("hsc", "qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(anna, instrument)
    assert starts(hand(), clinic, anna).path == "/today"


def test_whom_to_call_is_read_first(clinic, one_open, hand):
    """Also on another device, which shows nothing of her answers."""
    phone = calm(starts(hand(), clinic, one_open)).answers("Ja")
    assert phone.title == "Bel nu het ziekenhuis"
    for each in (phone, hand()):
        assert starts(each, clinic, one_open).path == "/today"
        assert each.offers(f"Bel {DAY_AND_NIGHT}")
        assert "Bel nu het ziekenhuis" in each.text


def test_what_was_begun_on_another_day_says_first_which_days_it_is_about(clinic, one_open, hand):
    phone = calm(starts(hand(), clinic, one_open))
    phone.now += timedelta(days=1)
    assert starts(phone, clinic, one_open).path == "/today"
    assert "Begonnen op maandag 5 januari." in phone.text
    well(phone.taps("Ga verder"))
    assert phone.title == "Kijk uw antwoorden na"


def test_a_pin_comes_before_everything_and_nothing_is_opened_without_it(clinic, one_open, hand):
    by = staff_actor(clinic.mo)
    set_pin(clinic.database, patient=one_open, digits="2580", by=by, now=clinic.now)
    phone = starts(hand(), clinic, one_open)
    assert phone.path == "/pin"
    assert FIRST not in phone.text
    assert begun(clinic) == []


def test_a_pause_that_is_on_is_said_first(clinic, one_open, hand):
    clinic.pauses(one_open.id, "2026-01-12")
    phone = starts(hand(), clinic, one_open)
    assert phone.path == "/today"
    assert "Uw vragen blijven open. U kunt ze gewoon invullen." in phone.text
    assert begun(clinic) == []


def test_what_closes_at_the_moment_of_the_tap_leads_to_her_page(clinic, one_open, hand):
    phone = hand().opens(newer_link(clinic, one_open, clinic.now))
    clinic.answers(one_open, "hsc")
    assert phone.taps("Start").path == "/today"


def test_who_looked_and_answered_nothing_for_a_week_is_still_named_to_the_nurses(
    clinic, one_open, hand
):
    phone = starts(hand(), clinic, one_open)
    assert len(begun(clinic)) == 1
    phone.now = clinic.today("2026-01-13", "10:00")

    def named():
        with clinic.database.reading() as session:
            return list(not_started(session, one_open.site_id, phone.now))

    assert named() == [one_open.code]
    calm(starts(phone, clinic, one_open).taps("Begin Klachtencheck"))
    assert named() == []
