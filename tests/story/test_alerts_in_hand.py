"""What a nurse has taken, closed or not yet seen: nothing of it is lost, whoever else acts at the
same time."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from proms.actions.alert_notes import add_note
from proms.actions.alerts import resolve_patient
from proms.actions.audit import staff_actor
from proms.actions.expected_levels import Expectation, end_expectation, expect_level
from proms.actions.refusals import AlreadyAcknowledged, Incomplete, SomethingNew
from proms.actions.staff_changes import deactivate_staff
from proms.db.queries.worklist import unresolved
from proms.db.tables import (
    Alert,
    AlertNote,
    AuditEntry,
    Evaluation,
    Staff,
)
from proms.domain.alert.record import CallOutcome, Closing, NoActionReason, Resolution
from proms.domain.person import Role
from tests.clinic import MOBILE


@pytest.fixture
def anna(clinic):
    clinic.today("2026-01-05")
    return clinic.enrols("Anna")


def seen(clinic, patient):
    """What a page shows now: alert -> occurrences."""
    with clinic.database.reading() as session:
        rows = unresolved(session, clinic.site.id, patient_id=patient.id)
        return {met.alert.id: met.times for row in rows for met in row.met}


def later(clinic, **ago):
    clinic.now += timedelta(**ago)
    clinic.works()


def again(clinic, patient, key, **answers):
    """Another device sends other answers to what was answered before."""
    with pytest.raises(Exception, match="kept for the hospital"):
        clinic.answers(patient, assignment=clinic.first, key=key, **answers)


@pytest.fixture
def amber(clinic, anna):
    clinic.first = clinic.asked(anna)
    clinic.answers(anna, assignment=clinic.first, ITCH=3)
    return anna


def test_a_stale_page_closes_nothing_that_nobody_has_seen(clinic, amber):
    shown = seen(clinic, amber)
    again(clinic, amber, "fever", ALARM=("confused",), JAUND=2)
    with pytest.raises(SomethingNew) as refused:
        clinic.resolves(amber, Resolution.NONE_NEEDED, shown=shown)
    assert len(refused.value.alerts) == 2
    assert clinic.worklist() == [
        ("B1", "red", "open"),
        ("E1", "red", "open"),
        ("B4", "amber", "open"),
    ]
    assert clinic.resolves(amber, Resolution.ADMISSION, shown=seen(clinic, amber))
    assert clinic.worklist() == []


def test_an_occurrence_that_joined_is_something_new_too(clinic, amber):
    shown = seen(clinic, amber)
    again(clinic, amber, "worse", ITCH=4)
    with pytest.raises(SomethingNew):
        clinic.resolves(amber, Resolution.ADVICE, shown=shown)
    assert clinic.worklist() == [("B4", "amber", "open")]


def test_what_was_taken_is_everybodys_again_when_its_time_is_over_and_a_red_one_is_announced(
    clinic, anna
):
    clinic.answers(anna, JAUND=2)
    clinic.acknowledges(anna)
    later(clinic, minutes=119)
    assert clinic.worklist() == [("B1", "red", "acknowledged")]
    told = len(clinic.phone)
    later(clinic, minutes=1)
    assert clinic.worklist() == [("B1", "red", "open")]
    with clinic.database.reading() as session:
        alert = session.exec(select(Alert)).one()
        assert (alert.returned_why, alert.acknowledged_by) == ("deadline", None)
        assert alert.returned_at == clinic.now
        entry = session.exec(select(AuditEntry).where(AuditEntry.verb == "alert.returned")).one()
        assert entry.subject_id == alert.id
        assert entry.detail == {"rule": "B1", "why": "deadline", "holder": clinic.els.id}
    assert len(clinic.phone) > told
    clinic.acknowledges(anna)
    with clinic.database.reading() as session:
        assert session.exec(select(Alert)).one().returned_at is None


def test_what_somebody_holds_who_has_left_is_everybodys_again(clinic, anna):
    ria = clinic.employs("ria", Role.NURSE, phone=MOBILE)
    clinic.answers(anna, JAUND=2)
    clinic.acknowledges(anna, by=ria)
    with clinic.database.writing() as session:
        # Whatever deactivates her, and whether or not it hands over what she has.
        session.get_one(Staff, ria.id).active = False
        session.commit()
    clinic.works()
    assert clinic.worklist() == [("B1", "red", "open")]
    with clinic.database.reading() as session:
        assert session.exec(select(Alert)).one().returned_why == "owner_left"


def test_what_she_closed_before_she_left_stays_closed(clinic, anna):
    ria = clinic.employs("ria", Role.NURSE, phone=MOBILE)
    clinic.answers(anna, JAUND=2)
    clinic.acknowledges(anna, by=ria)
    clinic.resolves(anna, Resolution.ADMISSION, by=ria)
    with clinic.database.writing() as session:
        session.get_one(Staff, ria.id).active = False
        session.commit()
    told = len(clinic.phone)
    later(clinic, days=1)
    assert clinic.worklist() == []
    assert [text for _, text in clinic.phone[told:] if "/staff/" in text] == []
    with clinic.database.reading() as session:
        alert = session.exec(select(Alert)).one()
    assert (alert.state, alert.resolved_by, alert.returned_at) == ("resolved", ria.id, None)


def test_an_amber_one_that_comes_back_is_announced_to_nobody_at_once(clinic, amber):
    clinic.acknowledges(amber)
    later(clinic, hours=24)
    assert clinic.worklist() == [("B4", "amber", "open")]
    with clinic.database.reading() as session:
        assert session.exec(select(Alert)).one().notice_at is None


def test_deactivating_her_hands_over_what_she_has(clinic, anna):
    ria = clinic.employs("ria", Role.NURSE, phone=MOBILE)
    clinic.answers(anna, JAUND=2)
    clinic.acknowledges(anna, by=ria)
    with clinic.database.writing() as session:
        deactivate_staff(
            session,
            staff_id=ria.id,
            site_id=clinic.site.id,
            hand_over_to=clinic.els.id,
            by=staff_actor(clinic.ad),
            now=clinic.now,
        )
    with clinic.database.reading() as session:
        assert session.exec(select(Alert)).one().acknowledged_by == clinic.els.id


def test_of_two_nurses_who_close_both_notes_are_kept(clinic, amber):
    ria = clinic.employs("ria", Role.NURSE, phone=MOBILE)
    shown = seen(clinic, amber)
    clinic.resolves(amber, Resolution.ADVICE, note="Zalf geadviseerd.", shown=shown)
    clinic.resolves(amber, Resolution.ADMISSION, by=ria, note="Opname geregeld.", shown=shown)
    with clinic.database.reading() as session:
        alert = session.exec(select(Alert)).one()
        note = session.exec(select(AlertNote)).one()
    assert (alert.resolution, alert.note, alert.resolved_by) == (
        "advice",
        "Zalf geadviseerd.",
        clinic.els.id,
    )
    assert (note.resolution, note.note, note.by, note.alerts) == (
        "admission",
        "Opname geregeld.",
        ria.id,
        [alert.id],
    )


def test_said_again_in_the_same_words_nothing_is_written_twice(clinic, amber):
    shown = seen(clinic, amber)
    for _ in range(2):
        clinic.resolves(amber, Resolution.VISIT, note="Komt morgen.", shown=shown)
    with clinic.database.reading() as session:
        assert session.exec(select(AlertNote)).all() == []
        closed = select(AuditEntry).where(AuditEntry.verb == "alert.resolved")
        assert len(session.exec(closed).all()) == 1


def test_a_colleague_keeps_what_she_took_first(clinic, amber):
    ria = clinic.employs("ria", Role.NURSE, phone=MOBILE)
    clinic.acknowledges(amber)
    with pytest.raises(AlreadyAcknowledged):
        clinic.acknowledges(amber, by=ria)


def test_nothing_needed_has_a_reason_and_nothing_else_has(clinic, amber):
    for closing, field in (
        (Closing(Resolution.NONE_NEEDED, "Bekend."), "reason"),
        (Closing(Resolution.ADVICE, "Gebeld.", NoActionReason.KNOWN), "reason"),
        (Closing(Resolution.ADVICE, "Gebeld.", grade=6), "grade"),
        (Closing(Resolution.ADVICE, "Gebeld.", grade=0), "grade"),
        (Closing(Resolution.ADVICE, "  "), "note"),
    ):
        with clinic.database.writing() as session, pytest.raises(Incomplete) as refused:
            resolve_patient(
                session, patient_id=amber.id, closing=closing, by=clinic.els, now=clinic.now
            )
        assert refused.value.field == field
    with clinic.database.writing() as session:
        resolve_patient(
            session,
            patient_id=amber.id,
            closing=Closing(Resolution.NONE_NEEDED, "Bekend.", NoActionReason.KNOWN, grade=5),
            by=clinic.els,
            now=clinic.now,
        )
    with clinic.database.reading() as session:
        alert = session.exec(select(Alert)).one()
    assert (alert.reason, alert.grade) == ("known", 5)


def test_how_a_call_ended_is_kept_beside_the_open_alerts(clinic, amber):
    with clinic.database.writing() as session:
        add_note(
            session,
            patient_id=amber.id,
            note="",
            outcome=CallOutcome.NO_ANSWER,
            by=clinic.els,
            now=clinic.now,
        )
    with clinic.database.reading() as session:
        note = session.exec(select(AlertNote)).one()
        alert = session.exec(select(Alert)).one()
    assert (note.outcome, note.alerts, alert.state) == ("no_answer", [alert.id], "open")


# A symptom that is known.


def expects(clinic, patient, *, item="ITCH", level=3, days=14, reason="bekende jeuk, zalf"):
    expectation = Expectation("hsc", item, level, date(2026, 1, 5) + timedelta(days=days), reason)
    with clinic.database.writing() as session:
        return expect_level(
            session,
            clinic.library,
            patient_id=patient.id,
            expectation=expectation,
            by=clinic.els,
            now=clinic.now,
        )


def test_up_to_the_level_that_is_expected_no_alert_comes_and_above_it_one_does(clinic, anna):
    clinic.first = clinic.asked(anna)
    expects(clinic, anna)
    receipt = clinic.answers(anna, assignment=clinic.first, ITCH=3)
    assert clinic.worklist() == []
    # Nobody promises her a call that no alert will bring about.
    assert receipt.advice == ("info",)
    with clinic.database.reading() as session:
        evaluation = session.exec(select(Evaluation)).one()
    assert evaluation.expected == {"ITCH": 3}
    assert [(breach["rule"], breach["tags"]) for breach in evaluation.breaches] == [
        ("B4", ["expected"])
    ]
    again(clinic, anna, "worse", ITCH=4)
    assert clinic.worklist() == [("B4", "amber", "open")]


def test_something_else_beside_what_is_expected_raises_its_alert(clinic, anna):
    expects(clinic, anna)
    clinic.answers(anna, ITCH=3, URINE=1)
    assert clinic.worklist() == [("B5", "amber", "open")]


def test_it_ends_by_itself_and_a_nurse_ends_it_before(clinic, anna):
    level = expects(clinic, anna, days=1)
    with clinic.database.writing() as session:
        end_expectation(
            session, patient_id=anna.id, level_id=level.id, by=clinic.els, now=clinic.now
        )
    clinic.answers(anna, ITCH=3)
    assert clinic.worklist() == [("B4", "amber", "open")]
    bea = clinic.enrols("Bea")
    expects(clinic, bea, days=1)
    clinic.today("2026-01-07")
    clinic.answers(bea, ITCH=3)
    assert len(clinic.worklist()) == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"item": "JAUND", "level": 1}, "item"),
        ({"item": "SITE", "level": 1}, "item"),
        ({"item": "NOTHING", "level": 1}, "item"),
        ({"level": 0}, "level"),
        ({"level": 5}, "level"),
        ({"days": -1}, "until"),
        ({"days": 400}, "until"),
        ({"reason": " "}, "reason"),
    ],
)
def test_what_cannot_be_expected_is_refused_by_field(clinic, anna, change, field):
    with pytest.raises(Incomplete) as refused:
        expects(clinic, anna, **change)
    assert refused.value.field == field
