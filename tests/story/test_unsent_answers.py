"""What a patient answered and did not send: what cannot wait reaches a nurse all the same, once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from proms.actions.audit import OPERATOR, patient_actor
from proms.actions.drafts import save_answer, sit_down
from proms.actions.site_facts import SiteFactChange, record_site_fact
from proms.db.queries.waiting_red import red_waits
from proms.db.queries.worklist import unresolved
from proms.db.tables import AlertOccurrence, AuditEntry, Draft, Evaluation
from proms.domain.alert.record import Resolution


@pytest.fixture
def anna(clinic):
    clinic.today("2026-01-05")
    return clinic.enrols("Anna")


def later(clinic, **ago):
    clinic.now += timedelta(**ago)
    clinic.works()


def fills_in(clinic, patient, **answers):
    """She opens the check, answers this and puts the phone away."""
    asked = clinic.opens(patient)
    fills_in_again(clinic, patient, asked, **answers)
    return asked


def notices(clinic):
    return [text for _, text in clinic.phone if "/staff/" in text]


def test_a_red_answer_that_is_not_sent_reaches_the_nurse_after_ten_minutes(clinic, anna):
    fills_in(clinic, anna, JAUND=2, NAUS=3)
    later(clinic, minutes=9)
    assert clinic.worklist() == []
    later(clinic, minutes=1)
    # The rest waits until she sends it: it is half filled in.
    assert clinic.worklist() == [("B1", "red", "open")]
    assert len(notices(clinic)) == 1
    with clinic.database.reading() as session:
        (row,) = unresolved(session, clinic.site.id)
        (met,) = row.met
    assert met.source.unsent
    assert met.evidence == (("JAUND", 2),)
    later(clinic, minutes=5)
    assert clinic.worklist() == [("B1", "red", "open")]
    assert len(notices(clinic)) == 1


def test_what_she_sends_then_joins_it_and_does_not_start_it_again(clinic, anna):
    asked = fills_in(clinic, anna, JAUND=2)
    later(clinic, minutes=11)
    clinic.acknowledges(anna)
    later(clinic, minutes=5)
    clinic.answers(anna, assignment=asked, JAUND=2, NAUS=3)
    assert clinic.worklist() == [("B1", "red", "acknowledged"), ("V2", "amber", "open")]
    with clinic.database.reading() as session:
        met = select(AlertOccurrence).order_by(col(AlertOccurrence.id))
        first, *others = session.exec(met).all()
    assert (first.draft_id is None, len(others)) == (False, 2)


def test_a_red_answer_that_she_takes_back_in_time_raises_nothing_and_later_stays(clinic, anna):
    asked = fills_in(clinic, anna, JAUND=2)
    later(clinic, minutes=3)
    fills_in_again(clinic, anna, asked, JAUND=0)
    later(clinic, minutes=20)
    assert clinic.worklist() == []
    fills_in_again(clinic, anna, asked, JAUND=2)
    later(clinic, minutes=11)
    fills_in_again(clinic, anna, asked, JAUND=0)
    clinic.answers(anna, assignment=asked)
    # A person closes it, whatever she says now.
    assert clinic.worklist() == [("B1", "red", "open")]


def fills_in_again(clinic, patient, asked, **answers):
    for item, value in answers.items():
        with clinic.database.writing() as session:
            held = session.get_one(type(patient), patient.id)
            sitting = sit_down(
                session,
                clinic.library,
                assignment_id=asked.id,
                patient=held,
                by=patient_actor(held.id),
                now=clinic.now,
            )
            save_answer(sitting, item=item, value=value)


def test_what_is_red_after_the_nurse_was_told_of_something_else_is_an_alert_too(clinic, anna):
    asked = fills_in(clinic, anna, JAUND=2)
    later(clinic, minutes=11)
    clinic.resolves(anna, Resolution.ADMISSION)
    told = len(notices(clinic))
    later(clinic, days=1)
    fills_in_again(clinic, anna, asked, NAUS=3)
    later(clinic, minutes=11)
    assert clinic.worklist() == []  # nothing of it is news
    fills_in_again(clinic, anna, asked, ALARM=("confused",))
    later(clinic, minutes=9)
    assert clinic.worklist() == []
    later(clinic, minutes=1)
    assert clinic.worklist() == [("E1", "red", "open")]
    assert len(notices(clinic)) == told + 1
    # Said in other words it is news again; said as before it is not.
    fills_in_again(clinic, anna, asked, ALARM=("confused", "faint"))
    later(clinic, minutes=11)
    assert len(notices(clinic)) == told + 2
    fills_in_again(clinic, anna, asked, ITCH=1)
    later(clinic, minutes=11)
    assert len(notices(clinic)) == told + 2


def test_another_red_answer_that_she_takes_back_in_time_raises_nothing(clinic, anna):
    asked = fills_in(clinic, anna, JAUND=2)
    later(clinic, minutes=11)
    clinic.acknowledges(anna)
    fills_in_again(clinic, anna, asked, ALARM=("confused",))
    later(clinic, minutes=5)
    fills_in_again(clinic, anna, asked, ALARM=("none",))
    later(clinic, minutes=20)
    assert clinic.worklist() == [("B1", "red", "acknowledged")]
    with clinic.database.reading() as session:
        assert len(session.exec(select(AlertOccurrence)).all()) == 1
        assert len(session.exec(select(Evaluation)).all()) == 1
        noted = select(AuditEntry).where(AuditEntry.verb == "alert.raised_unsent")
        assert session.exec(noted).one().subject_id == asked.id


def test_each_protocol_waits_as_long_as_it_says(clinic):
    original = clinic.look()
    trial = original.protocol("pump-it")

    def waiting(minutes, **changes):
        handling = replace(trial.handling, unsent_after=timedelta(minutes=minutes))
        return {trial.version: replace(trial, handling=handling, **changes)}

    protocols = {"pump-it": waiting(20), "quicker": waiting(5, code="quicker")}
    library = replace(original, protocols=protocols)
    clinic.look = lambda: library
    clinic.today("2026-01-05")
    fills_in(clinic, clinic.enrols("Anna"), JAUND=2)
    clinic.protocol = "quicker"
    fills_in(clinic, clinic.enrols("Bea"), ALARM=("breath",))
    later(clinic, minutes=5)
    assert clinic.worklist() == [("E1", "red", "open")]
    later(clinic, minutes=14)
    assert clinic.worklist() == [("E1", "red", "open")]
    later(clinic, minutes=1)
    assert clinic.worklist() == [("B1", "red", "open"), ("E1", "red", "open")]


def test_who_takes_no_further_part_raises_nothing_any_more(clinic, anna):
    fills_in(clinic, anna, JAUND=2)
    later(clinic, minutes=5)
    clinic.withdraws(anna, "2026-01-05")
    later(clinic, minutes=20)
    assert clinic.worklist() == []


def test_what_is_no_longer_red_by_the_time_it_is_told_is_not_told(clinic, anna):
    """The site decides on another limit for fever meanwhile."""
    clinic.randomises(anna, "B", "2026-01-05")
    clinic.operates(anna, "2026-01-05")
    fills_in(clinic, anna, TEMP=3)
    with clinic.database.reading() as session:
        assert red_waits(session, anna.id)
    change = SiteFactChange("fever_limit", clinic.now.date(), "38.5", "protocol committee")
    with clinic.database.writing() as session:
        trial = clinic.library.protocol("pump-it")
        record_site_fact(session, trial, change, site="AMS", by=OPERATOR, now=clinic.now)
    later(clinic, minutes=20)
    assert clinic.worklist() == []
    with clinic.database.reading() as session:
        assert not red_waits(session, anna.id)


def test_when_its_window_closes_what_was_answered_stays_with_the_alert(clinic, anna):
    asked = fills_in(clinic, anna, JAUND=2)
    later(clinic, days=100)
    assert clinic.worklist() == [("B1", "red", "open")]
    states = [state for *_, state in clinic.calendar(anna)]
    assert "missed" in states
    with clinic.database.reading() as session:
        draft = session.exec(select(Draft).where(Draft.assignment_id == asked.id)).one()
        assert draft.document["JAUND"]["value"] == 2
        evaluation = session.exec(select(Evaluation)).one()
    assert (evaluation.draft_id, evaluation.response_id) == (draft.id, None)


def test_what_was_sent_within_ten_minutes_raises_once(clinic, anna):
    asked = fills_in(clinic, anna, JAUND=2)
    later(clinic, minutes=2)
    clinic.answers(anna, assignment=asked, JAUND=2)
    later(clinic, minutes=20)
    with clinic.database.reading() as session:
        assert len(session.exec(select(AlertOccurrence)).all()) == 1
