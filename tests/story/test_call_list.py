"""Who does not answer after the last message is called the same day, with what came of it: silence
is not health (U-35)."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from proms.db.tables import AuditEntry, Contact, PackCall, Patient
from proms.domain.person import Role
from tests.desk import Desk, stranger

LIST = "/staff/call-list"


@pytest.fixture
def anna(clinic):
    """Her check is open, and her three messages have gone out: on Monday, Tuesday, Wednesday."""
    clinic.today("2026-01-05", "08:30")
    patient = clinic.enrols("Anna Bakker")
    for questionnaire in ("qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(patient, questionnaire)
    for day in ("2026-01-05", "2026-01-06", "2026-01-07"):
        clinic.today(day, "09:00")
    return patient


def at(clinic, day: str, hour: str) -> None:
    """A moment without what the worker does there."""
    clinic.today(day, hour)


class AtHerDesk(Desk):
    """Logs in again where the hours between two visits ended her session."""

    def opens(self, address: str) -> Desk:
        super().opens(address)
        if self.path.startswith("/staff/login") and address != "/staff/login":
            self.logs_in(self.clinic.els)
            super().opens(address)
        return self


@pytest.fixture
def els(clinic, app):
    return AtHerDesk(app, clinic, clinic.els)


def notes(els, *, outcome: str, **typed: str) -> None:
    els.opens(LIST).follows("Bel")
    assert els.title.startswith("Bel ")
    els.presses("Opslaan", outcome_of_call=outcome, **typed)


def test_u35_who_has_not_answered_four_hours_after_the_last_message_is_called(clinic, anna, els):
    at(clinic, "2026-01-07", "12:59")
    assert "Er hoeft nu niemand gebeld te worden." in els.opens(LIST).text
    at(clinic, "2026-01-07", "13:00")
    els.opens("/staff/").follows("Bellijst (1)")
    assert "Anna Bakker" in els.text
    assert "nog niet gebeld" in els.text
    clinic.answers(anna)
    assert "Anna Bakker" not in els.opens(LIST).text


def test_before_the_last_message_nobody_is_called(clinic, els):
    clinic.today("2026-01-05", "08:30")
    clinic.enrols("Anna Bakker")
    clinic.today("2026-01-05", "18:00")
    assert "Anna Bakker" not in els.opens(LIST).text


def test_the_number_is_on_the_page_once_it_was_asked_for_and_that_is_on_record(clinic, anna, els):
    at(clinic, "2026-01-07", "13:00")
    els.opens(LIST).follows("Bel")
    assert "1234999" not in els.text.replace(" ", "")
    els.presses("Toon nummer", note="Twee keer geprobeerd.")
    assert "1234999" in els.text.replace(" ", "")
    assert "Twee keer geprobeerd." in els.answer.text  # what was typed is still there
    with clinic.database.reading() as session:
        shown = select(AuditEntry).where(AuditEntry.verb == "patient.contact_shown")
        assert session.exec(shown).one().actor_id == clinic.els.id


def test_nobody_answers_and_she_is_called_again_at_the_time_that_was_chosen(clinic, anna, els):
    at(clinic, "2026-01-07", "13:00")
    notes(els, outcome="no_answer", again_time="15:30", note="Voicemail.")
    assert f"Genoteerd: {anna.code}." in els.text
    assert "Niet opgenomen: opnieuw proberen op" in els.text
    assert "Voicemail." in els.text
    assert "Er hoeft nu niemand gebeld te worden." in els.text
    at(clinic, "2026-01-07", "15:30")
    els.opens("/staff/").follows("Bellijst (1)")
    els.opens(f"/staff/patients/{anna.code}")
    assert "Gebeld over open vragen: niet opgenomen" in els.text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"again_time": ""}, "Vul een tijd in"),
        ({"again_time": "half vier"}, "Vul een tijd in"),
        ({"again_time": "12:00"}, "Kies een tijd die nog komt"),
        ({"again_time": "12:00", "again_on": "2027-01-01"}, "Kies een tijd die nog komt"),
        ({"again_time": "12:00", "again_on": "morgen"}, "Deze datum klopt niet"),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_what_was_typed_stays(clinic, anna, els, typed, says):
    at(clinic, "2026-01-07", "13:00")
    notes(els, outcome="no_answer", note="Voicemail.", **typed)
    assert els.status == 422
    assert says in els.text
    assert "Voicemail." in els.answer.text
    with clinic.database.reading() as session:
        assert session.exec(select(PackCall)).all() == []


@pytest.mark.parametrize("outcome", ["will", "filled_in"])
def test_who_said_that_she_will_answer_and_did_not_is_called_the_next_day(
    clinic, anna, els, outcome
):
    at(clinic, "2026-01-07", "13:00")
    notes(els, outcome=outcome)
    at(clinic, "2026-01-07", "23:59")
    assert "Er hoeft nu niemand gebeld te worden." in els.opens(LIST).text
    at(clinic, "2026-01-08", "08:00")
    els.opens("/staff/").follows("Bellijst (1)")


def test_one_who_is_not_to_be_called_about_these_questions_is_off_the_list_with_the_reason(
    clinic, anna, els
):
    at(clinic, "2026-01-07", "13:00")
    notes(els, outcome="leave")
    assert els.status == 422  # not without a word why
    els.presses("Opslaan", outcome_of_call="leave", note="Ligt in het ziekenhuis.")
    assert anna.code not in els.opens(LIST).text
    at(clinic, "2026-01-09", "10:00")
    assert anna.code not in els.opens(LIST).text


def test_who_cannot_be_sent_a_message_is_called_too_and_the_list_says_so(clinic, els):
    clinic.today("2026-01-05", "08:30")
    patient = clinic.enrols("Anna Bakker")
    with clinic.database.writing() as session:
        hers = session.exec(select(Contact).where(Contact.patient_id == patient.id)).one()
        hers.active = False
        session.commit()
    for day in ("2026-01-05", "2026-01-06", "2026-01-07"):
        clinic.today(day, "09:00")
    at(clinic, "2026-01-07", "13:00")
    assert "het is niet verstuurd" in els.opens(LIST).text


def test_nobody_is_called_while_she_asked_for_a_pause_or_after_she_left(clinic, anna, els):
    at(clinic, "2026-01-07", "13:00")
    with clinic.database.writing() as session:
        held = session.get_one(Patient, anna.id)
        held.paused_until = clinic.now.date() + timedelta(days=1)
        session.commit()
    assert anna.code not in els.opens(LIST).text
    at(clinic, "2026-01-09", "10:00")
    assert anna.code in els.opens(LIST).text
    clinic.withdraws(anna, "2026-01-09")
    assert anna.code not in els.opens(LIST).text


def test_what_closes_first_is_on_top(clinic, anna, els):
    clinic.today("2026-01-08", "08:30")
    bea = clinic.enrols("Bea")
    for questionnaire in ("qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(bea, questionnaire)
    for day in ("2026-01-08", "2026-01-09", "2026-01-10"):
        clinic.today(day, "09:00")
    at(clinic, "2026-01-10", "13:00")
    page = els.opens(LIST).text
    assert page.index(anna.code) < page.index(bea.code)


def test_another_hospital_sees_none_of_it(clinic, anna, app):
    at(clinic, "2026-01-07", "13:00")
    far = Desk(app, clinic, stranger(clinic, Role.NURSE))
    assert anna.code not in far.opens(LIST).text
    assert far.opens(f"{LIST}/{anna.code}/HSC-BASE/1").status == 404


def test_every_call_is_kept_and_none_can_be_changed(clinic, anna, els):
    at(clinic, "2026-01-07", "13:00")
    notes(els, outcome="no_answer", again_time="15:30")
    at(clinic, "2026-01-07", "15:30")
    notes(els, outcome="will")
    with clinic.database.reading() as session:
        calls = session.exec(select(PackCall).order_by(col(PackCall.id))).all()
        assert [call.outcome for call in calls] == ["no_answer", "will"]
        assert {call.called_by for call in calls} == {clinic.els.id}
    for act in ("UPDATE pack_call SET note = ''", "DELETE FROM pack_call"):
        with clinic.database.writing() as session, pytest.raises(DBAPIError, match="append-only"):
            session.execute(text(act))


def test_who_does_not_answer_the_telephone_is_called_once_for_all_her_questions(clinic, els):
    clinic.today("2026-01-05", "08:30")
    clinic.enrols("Anna Bakker")
    for day in ("2026-01-05", "2026-01-06", "2026-01-07"):
        clinic.today(day, "09:00")
    clinic.today("2026-01-07", "13:00")
    els.opens("/staff/").follows("Bellijst (2)")
    notes(els, outcome="no_answer", again_time="15:30")
    assert "Er hoeft nu niemand gebeld te worden." in els.text
    clinic.today("2026-01-07", "15:30")
    notes(els, outcome="leave", note="Deze lijst hoeft niet.")
    els.opens("/staff/").follows("Bellijst (1)")
