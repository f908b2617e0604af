"""A pause holds messages and gives them back; a number that was wrong costs no message."""

from datetime import date

import pytest
from sqlmodel import col, select

from proms.actions.asked_messages import send_link
from proms.actions.audit import staff_actor
from proms.actions.refusals import Incomplete
from proms.db.tables import Delivery, MessageDecision, Patient
from proms.domain.person import ContactKind
from proms.domain.schedule.history_entry import FactRecorded

OLD, NEW = "+31201234999", "+31201234888"


@pytest.fixture
def anna(clinic):
    clinic.today("2026-01-05", "08:00")
    return clinic.enrols()


def corrects_number(clinic, patient, address="020 12 34 888", kind=ContactKind.SMS):
    clinic.corrects_contact(patient.id, address, kind)


def sent_to(clinic, address):
    return len([text for to, text in clinic.phone if to == address and "/q/" in text])


def held(clinic, patient):
    with clinic.database.reading() as session:
        rows = session.exec(
            select(MessageDecision)
            .where(MessageDecision.patient_id == patient.id, MessageDecision.event == "HSC-BASE")
            .order_by(col(MessageDecision.id))
        )
        return [(row.step, row.verdict, row.reason) for row in rows]


def test_what_a_pause_held_to_the_last_message_is_sent_once_when_it_is_over(clinic, anna):
    clinic.pauses(anna.id, "2026-01-08")
    for day in ("05", "06", "07", "08"):
        clinic.today(f"2026-01-{day}", "09:00")
    assert sent_to(clinic, OLD) == 0
    assert held(clinic, anna) == [(n, "hold", "paused") for n in (1, 2, 3)]
    clinic.today("2026-01-09", "08:59")
    assert sent_to(clinic, OLD) == 0
    clinic.today("2026-01-09", "09:00")
    assert sent_to(clinic, OLD) == 1  # about the symptom check and the questionnaires
    clinic.today("2026-01-10", "12:00")
    assert sent_to(clinic, OLD) == 1


def test_a_holiday_told_beforehand_holds_from_its_first_day_to_its_last(clinic, anna):
    clinic.pauses(anna.id, "2026-01-08", "2026-01-06")
    for day, sent in (("05", 1), ("06", 1), ("07", 1), ("08", 1), ("09", 2), ("10", 2)):
        clinic.today(f"2026-01-{day}", "09:00")
        assert sent_to(clinic, OLD) == sent, day
    assert held(clinic, anna) == [
        (1, "send", None),
        (2, "hold", "paused"),
        (3, "hold", "paused"),
        (3, "send", None),
    ]


def test_a_pause_that_ends_before_it_begins_is_refused(clinic, anna):
    with pytest.raises(Incomplete) as refused:
        clinic.pauses(anna.id, "2026-01-08", "2026-01-09")
    assert refused.value.field == "until"


def test_a_pause_that_ends_early_gives_back_at_once(clinic, anna):
    clinic.pauses(anna.id, "2026-01-20")
    clinic.today("2026-01-05", "10:00")
    clinic.pauses(anna.id, None)
    clinic.works()
    assert sent_to(clinic, OLD) == 1
    assert held(clinic, anna) == [(1, "hold", "paused"), (1, "send", None)]
    # It came late; the others come on their days.
    clinic.today("2026-01-06", "09:00")
    assert sent_to(clinic, OLD) == 2
    clinic.today("2026-01-07", "09:00")
    assert sent_to(clinic, OLD) == 3


def test_a_pause_that_is_made_longer_holds_on_and_one_made_shorter_gives_back_sooner(clinic, anna):
    clinic.pauses(anna.id, "2026-01-08")
    for day in ("05", "06", "07", "08"):
        clinic.today(f"2026-01-{day}", "09:00")
    clinic.pauses(anna.id, "2026-01-30")
    clinic.today("2026-01-09", "09:00")
    assert sent_to(clinic, OLD) == 0
    clinic.pauses(anna.id, "2026-01-09")
    clinic.today("2026-01-10", "09:00")
    assert sent_to(clinic, OLD) == 1


def test_what_was_decided_before_the_pause_and_had_not_left_is_given_back_too(clinic, anna):
    clinic.decides("2026-01-07", "20:59")
    clinic.pauses(anna.id, "2026-01-09")
    clinic.today("2026-01-08", "08:00")
    assert sent_to(clinic, OLD) == 0
    clinic.today("2026-01-10", "09:00")
    assert sent_to(clinic, OLD) == 1


def test_nothing_is_given_back_of_what_was_answered_meanwhile(clinic, anna):
    clinic.pauses(anna.id, "2026-01-08")
    clinic.today("2026-01-06", "09:00")
    clinic.answers(anna, "hsc")
    clinic.today("2026-01-09", "09:00")
    assert sent_to(clinic, OLD) == 1


def test_a_link_that_a_person_asks_for_leaves_during_a_pause(clinic, anna):
    clinic.pauses(anna.id, "2026-01-20")
    clinic.today("2026-01-06", "10:00")
    with clinic.database.writing() as session:
        patient = session.get_one(Patient, anna.id)
        send_link(session, patient=patient, by=staff_actor(clinic.els), now=clinic.now)
    clinic.works()
    assert sent_to(clinic, OLD) == 1


def test_a_corrected_number_gets_every_message_that_has_not_left(clinic, anna):
    clinic.decides("2026-01-05", "20:59")
    corrects_number(clinic, anna)
    clinic.today("2026-01-06", "08:00")
    assert (sent_to(clinic, OLD), sent_to(clinic, NEW)) == (0, 1)


def test_a_corrected_address_of_another_kind_gets_them_too(clinic, anna):
    clinic.decides("2026-01-05", "20:59")
    corrects_number(clinic, anna, "anna@voorbeeld.nl", ContactKind.EMAIL)
    clinic.today("2026-01-06", "08:00")
    assert (sent_to(clinic, OLD), sent_to(clinic, "anna@voorbeeld.nl")) == (0, 1)


def test_what_could_not_be_sent_to_the_wrong_number_is_sent_to_the_right_one(clinic, anna):
    clinic.decides("2026-01-05", "20:59")
    with clinic.database.writing() as session:
        for delivery in session.exec(select(Delivery).where(Delivery.patient_id == anna.id)):
            delivery.state, delivery.settled_at = "dead", clinic.now
        session.commit()
    corrects_number(clinic, anna)
    clinic.today("2026-01-06", "09:00")
    assert (sent_to(clinic, OLD), sent_to(clinic, NEW)) == (0, 1)


def test_a_number_mended_after_all_three_went_wrong_gets_one_message_at_once(clinic, anna):
    clinic.nobody.add(OLD)
    for day in ("05", "06", "07"):
        clinic.today(f"2026-01-{day}", "09:00")
    clinic.today("2026-01-09", "14:00")
    corrects_number(clinic, anna)
    clinic.works()
    assert (sent_to(clinic, OLD), sent_to(clinic, NEW)) == (0, 1)
    assert held(clinic, anna)[-1] == (3, "send", None)
    clinic.today("2026-01-11", "12:00")
    assert sent_to(clinic, NEW) == 1


def test_a_number_mended_is_written_to_though_her_weeks_are_planned_anew_meanwhile(clinic, anna):
    clinic.nobody.add(OLD)
    for day in ("05", "06", "07"):
        clinic.today(f"2026-01-{day}", "09:00")
    clinic.today("2026-01-09", "14:00")
    corrects_number(clinic, anna)
    clinic.randomises(anna, "A", "2026-01-09")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-19")
    clinic.works()
    assert (sent_to(clinic, OLD), sent_to(clinic, NEW)) == (0, 1)
    clinic.today("2026-01-11", "12:00")
    assert sent_to(clinic, NEW) == 1


def test_after_a_day_without_a_worker_nobody_is_written_to_at_night(clinic, anna):
    clinic.today("2026-01-06", "22:00")
    assert held(clinic, anna) == [(1, "hold", "superseded"), (2, "hold", "quiet_hours")]
    clinic.today("2026-01-07", "08:59")
    assert sent_to(clinic, OLD) == 0
    clinic.today("2026-01-07", "09:00")
    assert sent_to(clinic, OLD) == 1
    assert held(clinic, anna)[-1] == (3, "send", None)


def test_a_pack_of_which_one_questionnaire_goes_keeps_its_message(clinic, anna):
    with clinic.database.writing() as session:
        patient = session.get_one(Patient, anna.id)
        assert not patient.stoma
    clinic.records(anna, FactRecorded("stoma", date(2026, 1, 5), True, 1), "stoma vergeten")
    clinic.decides("2026-01-05", "20:59")
    clinic.records(anna, FactRecorded("stoma", date(2026, 1, 5), False, 1), "toch niet")
    clinic.today("2026-01-06", "08:00")
    assert sent_to(clinic, OLD) == 1
