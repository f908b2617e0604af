"""The schedule follows the treatment: a late cycle moves what hangs on it, and touches nothing that
was answered."""

import pytest
from sqlmodel import select

from proms.actions.history import record_entry
from proms.actions.refusals import HistoryChanged, NotOpenYet
from proms.db.tables import Assignment, Delivery, MilestoneVersion, Patient, Response
from proms.domain.schedule import Cycle
from proms.domain.schedule.history_entry import CycleRecorded, MilestoneRecorded
from proms.domain.schedule.history_errors import UnsoundHistory


@pytest.fixture
def anna(clinic):
    """Randomised to systemic treatment, FOLFOX, first cycle planned for 19 January."""
    clinic.today("2026-01-05")
    patient = clinic.enrols("Anna")
    clinic.answers(patient)  # the baseline check
    clinic.today("2026-01-12")
    clinic.randomises(patient, "A", "2026-01-12")
    clinic.chooses(patient, "systemic", "folfox")
    clinic.plans_cycle(patient, "systemic", 1, "2026-01-19")
    return patient


def due(clinic, patient, prefix="HSC-SYST"):
    return {(e, n): day for e, n, day, _ in clinic.calendar(patient) if e.startswith(prefix)}


def test_checks_fall_due_on_day_1_and_8_of_the_planned_cycles(clinic, anna):
    assert due(clinic, anna) == {
        ("HSC-SYST-D1", 1): "2026-01-19",
        ("HSC-SYST-D8", 1): "2026-01-26",
        ("HSC-SYST-D1", 2): "2026-02-02",
        ("HSC-SYST-D8", 2): "2026-02-09",
        ("HSC-SYST-D1", 3): "2026-02-16",
        ("HSC-SYST-D8", 3): "2026-02-23",
    }


def test_a_cycle_given_a_week_late_asks_its_questions_a_week_late(clinic, anna):
    clinic.today("2026-01-19")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-19")
    clinic.plans_cycle(anna, "systemic", 2, "2026-02-02")
    clinic.today("2026-02-09")
    clinic.gives_cycle(anna, "systemic", 2, "2026-02-09", planned="2026-02-02")
    dates = due(clinic, anna)
    assert dates["HSC-SYST-D1", 1] == "2026-01-19"
    assert dates["HSC-SYST-D1", 2] == "2026-02-09"
    assert dates["HSC-SYST-D8", 2] == "2026-02-16"


def test_the_quality_of_life_pack_stays_where_it_is(clinic, anna):
    before = clinic.calendar(anna, "qlq-c30")
    clinic.today("2026-01-26")
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-26", planned="2026-01-19")
    after = clinic.calendar(anna, "qlq-c30")
    assert [row[:3] for row in before] == [row[:3] for row in after]


def test_while_a_cycle_is_late_its_checks_wait_and_a_catch_up_is_asked_every_week(clinic, anna):
    clinic.today("2026-01-20")
    states = {event: state for event, number, _, state in clinic.calendar(anna) if number == 1}
    assert states["HSC-SYST-D8"] == "waiting"
    assert due(clinic, anna, "HSC-WAIT")["HSC-WAIT-SYST-W1", 1] == "2026-01-19"
    clinic.today("2026-01-26")
    assert due(clinic, anna, "HSC-WAIT")["HSC-WAIT-SYST-W2", 1] == "2026-01-26"


def test_a_late_cycle_that_gets_another_date_is_caught_up_with_until_that_date(clinic, anna):
    clinic.today("2026-01-27")
    assert due(clinic, anna, "HSC-WAIT")["HSC-WAIT-SYST-W3", 1] == "2026-02-02"
    clinic.plans_cycle(anna, "systemic", 1, "2026-02-16")
    checks = {
        (event, number): (day, state)
        for event, number, day, state in clinic.calendar(anna)
        if "SYST" in event
    }
    assert checks["HSC-WAIT-SYST-W2", 1] == ("2026-01-26", "planned")
    assert checks["HSC-WAIT-SYST-W3", 1] == ("2026-02-02", "planned")
    assert checks["HSC-SYST-D1", 1] == ("2026-02-16", "planned")
    clinic.today("2026-02-03")
    assert due(clinic, anna, "HSC-WAIT")["HSC-WAIT-SYST-W4", 1] == "2026-02-09"
    clinic.today("2026-02-12")
    assert ("HSC-WAIT-SYST-W5", 1) not in due(
        clinic, anna, "HSC-WAIT"
    )  # day 1 is asked about instead
    clinic.today("2026-02-18")
    assert due(clinic, anna, "HSC-WAIT")["HSC-WAIT-SYST-W5", 1] == "2026-02-16"  # late again
    clinic.plans_cycle(anna, "systemic", 1, "2026-03-02")
    assert due(clinic, anna, "HSC-WAIT")["HSC-WAIT-SYST-W6", 1] == "2026-02-23"
    clinic.today("2026-03-02")
    clinic.gives_cycle(anna, "systemic", 1, "2026-03-02")
    states = {state for event, _, _, state in clinic.calendar(anna) if "WAIT" in event}
    assert states <= {"missed", "cancelled"}


def test_a_cycle_that_gets_another_date_before_it_is_late_is_not_caught_up_with(clinic, anna):
    clinic.today("2026-01-19")
    clinic.plans_cycle(anna, "systemic", 1, "2026-02-02")
    assert due(clinic, anna, "HSC-WAIT") == {}


def test_what_was_opened_is_left_alone_when_its_cycle_moves(clinic, anna):
    clinic.today("2026-01-19")
    opened = clinic.opens(anna)
    clinic.today("2026-01-20")
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-26")
    with clinic.database.reading() as session:
        kept = session.get_one(Assignment, opened.id)
    assert (kept.event, kept.due, kept.state) == (opened.event, opened.due, "started")
    clinic.answers(anna, assignment=opened)


def test_a_cycle_is_delayed_twice_while_its_check_is_open_on_the_phone(clinic, anna):
    """The draft stays hers: same label, same window, accepted, and the second answers are of the
    cycle's new days."""
    clinic.today("2026-01-19", "09:00")
    opened = clinic.opens(anna)
    clinic.today("2026-01-19", "11:00")
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-26")
    clinic.today("2026-01-20")
    clinic.plans_cycle(anna, "systemic", 1, "2026-02-02")
    moved = due(clinic, anna)
    assert moved["HSC-SYST-D1", 1] == "2026-01-19"
    assert (moved["HSC-SYST-D8", 1], moved["HSC-SYST-D1", 2]) == ("2026-02-09", "2026-02-16")
    clinic.answers(anna, assignment=opened, NAUS=2)
    with clinic.database.reading() as session:
        sent = session.exec(select(Response).where(Response.assignment_id == opened.id)).one()
        kept = session.get_one(Assignment, opened.id)
    assert (kept.event, kept.number, kept.opens, kept.due, kept.state) == (
        "HSC-SYST-D1",
        1,
        opened.opens,
        opened.due,
        "answered",
    )
    assert (sent.late, sent.document["NAUS"]["value"]) == (False, 2)
    clinic.today("2026-02-02")
    clinic.gives_cycle(anna, "systemic", 1, "2026-02-02", planned="2026-02-02")
    again = due(clinic, anna)
    assert again["HSC-SYST-D1", 1] == "2026-01-19"
    assert again["HSC-SYST-D8", 1] == "2026-02-09"


def test_the_preview_changes_nothing_and_the_save_does_what_it_said(clinic, anna):
    entry = CycleRecorded(Cycle("systemic", 1, planned=clinic.now.date().replace(day=26)))
    before = clinic.calendar(anna)
    seen = clinic.previews(anna, entry)
    assert clinic.calendar(anna) == before
    saved = clinic.records(anna, entry)
    assert saved == seen
    assert clinic.previews(anna, entry) == type(seen)()


def test_a_save_on_an_old_preview_is_refused(clinic, anna):
    with clinic.database.reading() as session:
        revision = session.get_one(Patient, anna.id).revision
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-26")
    with clinic.database.writing() as session, pytest.raises(HistoryChanged):
        record_entry(
            session,
            clinic.library,
            patient_id=anna.id,
            entry=CycleRecorded(Cycle("systemic", 1, planned=clinic.now.date())),
            revision=revision,
            reason="",
            by=clinic.mo,
            now=clinic.now,
        )


@pytest.mark.both_engines
def test_a_save_between_reading_the_patient_and_locking_her_is_noticed(clinic, anna):
    """Where only the patient is locked, what was read of her before may be out of date by then."""
    if clinic.database.engine.dialect.name == "sqlite":
        pytest.skip(
            "on SQLite nobody can save in between: the write lock is taken before the first read"
        )
    with clinic.database.writing() as session:
        read = session.get_one(Patient, anna.id)
        revision = read.revision
        clinic.plans_cycle(anna, "systemic", 1, "2026-01-26")
        with pytest.raises(HistoryChanged):
            record_entry(
                session,
                clinic.library,
                patient_id=read.id,
                entry=CycleRecorded(Cycle("systemic", 1, planned=clinic.now.date())),
                revision=revision,
                reason="",
                by=clinic.mo,
                now=clinic.now,
            )


@pytest.mark.parametrize(
    ("kind", "on", "arm"),
    [("randomisation", "2026-01-12", "C"), ("moon_landing", "2026-01-12", None)],
)
def test_what_the_protocol_does_not_know_is_refused_and_nothing_is_stored(clinic, kind, on, arm):
    clinic.today("2026-01-12")
    anna = clinic.enrols()
    from datetime import date

    with pytest.raises(UnsoundHistory):
        clinic.records(
            anna, MilestoneRecorded(kind, date.fromisoformat(on), arm=arm), reason="because"
        )
    with clinic.database.reading() as session:
        assert [row.kind for row in session.exec(select(MilestoneVersion))] == ["consent"]


def test_pump_surgery_does_not_exist_in_the_systemic_arm(clinic, anna):
    with pytest.raises(UnsoundHistory):
        clinic.operates(anna, "2026-01-13")


def test_death_closes_everything_at_once_and_only_what_was_before_it_is_recorded(clinic, anna):
    clinic.today("2026-01-19", "09:00")
    clinic.dies(anna, "2026-01-19")
    assert {state for *_, state in clinic.calendar(anna)} <= {"answered", "missed", "started"}
    with clinic.database.reading() as session:
        assert not session.exec(select(Delivery).where(Delivery.state == "due")).all()
    clinic.today("2026-01-21", "09:00")
    with pytest.raises(UnsoundHistory, match="2026-01-20 is after death on 2026-01-19"):
        clinic.gives_cycle(anna, "systemic", 1, "2026-01-20")
    before = clinic.calendar(anna)
    assert not clinic.gives_cycle(anna, "systemic", 1, "2026-01-19")
    assert clinic.calendar(anna) == before


def test_a_check_that_opens_later_cannot_be_opened_now(clinic, anna):
    with clinic.database.reading() as session:
        later = session.exec(
            select(Assignment).where(
                Assignment.patient_id == anna.id, Assignment.event == "HSC-SYST-D8"
            )
        ).first()
    with pytest.raises(NotOpenYet):
        clinic.answers(anna, assignment=later)


def test_an_unanswered_check_is_missed_after_its_last_day(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols()
    asked = clinic.asked(anna)
    clinic.now = asked.closes_at
    clinic.works()
    with clinic.database.reading() as session:
        assert session.get_one(Assignment, asked.id).state == "missed"


def test_planning_twice_changes_nothing(clinic, anna):
    from proms.actions.schedule import replan

    with clinic.database.writing() as session:
        assert not replan(
            session, clinic.library, session.get_one(Patient, anna.id), now=clinic.now
        )


def test_a_window_that_hangs_on_a_planned_day_is_extended_before_anything_is_called_missed(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols()
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.plans_cycle(anna, "systemic", 1, "2026-01-12")
    baseline = clinic.asked(anna)
    clinic.now = (
        baseline.closes_at
    )  # the first moment after the planned day 1, and nothing was given
    from proms.actions.schedule import expire_due

    with clinic.database.writing() as session:
        expire_due(session, clinic.library, now=clinic.now)
    clinic.works()
    with clinic.database.reading() as session:
        assert session.get_one(Assignment, baseline.id).state == "planned"


def test_a_death_recorded_by_mistake_is_taken_back_and_the_questions_return(clinic, anna):
    asked = [row[:3] for row in clinic.calendar(anna)]
    clinic.dies(anna, "2026-01-12")
    assert [row[:3] for row in clinic.calendar(anna)] != asked
    clinic.records(anna, MilestoneRecorded("death", None), reason="another patient's record")
    assert [row[:3] for row in clinic.calendar(anna)] == asked
