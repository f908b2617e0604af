"""An answer that cannot wait reaches a nurse in the submit's own commit, and stays until a person
closes it."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from proms.actions.refusals import (
    AlreadyAcknowledged,
    AlreadyAnswered,
    KeyReused,
    WindowClosed,
)
from proms.db.tables import (
    Alert,
    AlertOccurrence,
    AuditEntry,
    Delivery,
    Evaluation,
    KeptAside,
    Response,
    StaffIdentity,
)
from proms.domain.alert.record import Resolution
from proms.domain.person import Role
from proms.domain.response import MissingReason
from tests.clinic import MOBILE


def test_jaundice_reaches_the_nurse_and_stays_until_someone_takes_it(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols("Anna")
    receipt = clinic.answers(anna, JAUND=2)
    assert receipt.red
    assert clinic.worklist() == [("B1", "red", "open")]
    clinic.acknowledges(anna)
    assert clinic.worklist() == [("B1", "red", "acknowledged")]
    clinic.resolves(anna, Resolution.ADMISSION)
    assert clinic.worklist() == []


def test_nothing_to_report_raises_nothing(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols()
    assert not clinic.answers(anna).red
    assert clinic.worklist() == []


def test_a_declined_safety_question_is_an_alert_too(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols()
    clinic.answers(anna, left_out={"TEMP": MissingReason.DECLINED})
    assert clinic.worklist() == [("Q1", "amber", "open")]


def test_a_red_alert_is_announced_to_the_nurses_without_a_word_about_whom_and_again_after_half_an_hour(
    clinic,
):
    clinic.today("2026-01-05", "22:00")
    anna = clinic.enrols("Anna Bakker")
    clinic.phone.clear()
    clinic.answers(anna, JAUND=2, ALARM=("breath",))
    clinic.works()
    notices = [text for _, text in clinic.phone if "/staff/" in text]
    assert len(notices) == 1  # three rules fired, one notice
    assert all(word not in notices[0] for word in ("Anna", "Bakker", anna.code, "koorts", "fever"))
    clinic.today("2026-01-05", "22:31")
    assert len([text for _, text in clinic.phone if "/staff/" in text]) >= 2
    clinic.acknowledges(anna)
    told = len(clinic.phone)
    clinic.today("2026-01-05", "23:30")
    assert len(clinic.phone) == told


def test_the_trail_counts_the_notices_that_were_owed_and_nobody_without_an_address(clinic):
    clinic.today("2026-01-05")
    clinic.employs("ria", Role.NURSE, phone=MOBILE, email="ria@example.org")
    lost = clinic.employs("pam", Role.NURSE, phone=MOBILE)
    with clinic.database.writing() as session:
        session.get_one(StaffIdentity, lost.id).phone = None
        session.commit()
    clinic.answers(clinic.enrols(), JAUND=2, ALARM=("breath",))
    with clinic.database.reading() as session:
        owed = session.exec(select(Delivery).where(Delivery.kind == "staff_notice")).all()
        noted = session.exec(
            select(AuditEntry)
            .where(AuditEntry.verb == "alert.notice_owed")
            .order_by(col(AuditEntry.id))
        ).all()
    assert len(owed) == 3
    # Three rules, and those whom the first one told are not told again.
    assert [entry.detail["owed"] for entry in noted] == [3, 0]


def test_of_two_nurses_the_first_keeps_the_alert(clinic):
    clinic.today("2026-01-05")
    ria = clinic.employs("ria", Role.NURSE, phone=MOBILE)
    anna = clinic.enrols()
    clinic.answers(anna, JAUND=2)
    clinic.acknowledges(anna)
    with pytest.raises(AlreadyAcknowledged):
        clinic.acknowledges(anna, by=ria)
    assert clinic.resolves(anna, Resolution.ADVICE, by=ria)
    assert not clinic.resolves(anna, Resolution.ADVICE)


def test_a_red_repeat_joins_the_alert_and_starts_its_clock_again(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols()
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.answers(anna, JAUND=2)
    clinic.acknowledges(anna)
    clinic.gives_cycle(anna, "systemic", 1, "2026-01-05")
    clinic.today("2026-01-12")
    clinic.answers(anna, JAUND=2)
    assert clinic.worklist() == [("B1", "red", "open")]
    with clinic.database.reading() as session:
        alert = session.exec(select(Alert)).one()
        assert alert.clock_from == clinic.now
        assert len(session.exec(select(AlertOccurrence)).all()) == 2


def test_the_same_submission_twice_gives_the_same_receipt_and_one_alert(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols()
    asked = clinic.asked(anna)
    first = clinic.answers(anna, key="k", assignment=asked, JAUND=2)
    again = clinic.answers(anna, key="k", assignment=asked, JAUND=2)
    assert (first.code, first.submitted_at, first.advice, first.red) == (
        again.code,
        again.submitted_at,
        again.advice,
        again.red,
    )
    assert again.repeated
    with clinic.database.reading() as session:
        assert len(session.exec(select(Response)).all()) == 1
        assert len(session.exec(select(AlertOccurrence)).all()) == 1


def test_the_same_key_with_other_answers_is_refused(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols()
    asked = clinic.asked(anna)
    clinic.answers(anna, key="k", assignment=asked)
    with pytest.raises(KeyReused):
        clinic.answers(anna, key="k", assignment=asked, ITCH=2)


def test_answers_from_a_second_device_are_kept_aside_and_jaundice_in_them_still_alerts(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols()
    asked = clinic.asked(anna)
    first = clinic.answers(anna, key="phone", assignment=asked)
    with pytest.raises(AlreadyAnswered) as refusal:
        clinic.answers(anna, key="tablet", assignment=asked, JAUND=2)
    assert refusal.value.submitted_at == first.submitted_at.isoformat()
    assert clinic.worklist() == [("B1", "red", "open")]
    with clinic.database.reading() as session:
        assert session.exec(select(KeptAside)).one().document["JAUND"]["value"] == 2
        assert len(session.exec(select(Response)).all()) == 1


def test_a_rule_that_crashes_costs_no_answer_and_tells_the_nurse(clinic, library, monkeypatch):
    from proms.actions import evaluations

    def crash(*_args, **_kwargs):
        raise ZeroDivisionError

    clinic.today("2026-01-05")
    anna = clinic.enrols()
    monkeypatch.setattr(evaluations, "judge", crash)
    # What she was asked at a red answer is an answer, though nobody could see that it was red.
    receipt = clinic.answers(anna, NOW=1)
    assert receipt.code
    assert clinic.worklist() == [("not_evaluated", "red", "open")]
    with clinic.database.reading() as session:
        assert session.exec(select(Evaluation)).one().failed
        document = session.exec(select(Response)).one().document
    assert (document["TEMP"]["value"], document["NOW"]["value"]) == (0, 1)


def test_a_form_opened_in_time_may_be_sent_a_week_late_and_then_no_more(clinic):
    clinic.today("2026-01-05")
    anna, bert = clinic.enrols("Anna"), clinic.enrols("Bert")
    opened = clinic.opens(anna)
    other = clinic.opens(bert)
    with clinic.database.reading() as session:
        closes_at = session.get(type(opened), opened.id).closes_at
    clinic.now = closes_at + timedelta(days=6)
    clinic.works()
    clinic.answers(anna, assignment=opened)
    with clinic.database.reading() as session:
        assert session.exec(select(Response)).one().late
    clinic.now = closes_at + timedelta(days=7)
    clinic.works()
    with pytest.raises(WindowClosed):
        clinic.answers(bert, assignment=other)


def test_every_act_is_in_the_audit_trail_with_who_and_when(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols()
    clinic.answers(anna, JAUND=2)
    clinic.acknowledges(anna)
    clinic.resolves(anna, Resolution.ADVICE)
    with clinic.database.reading() as session:
        rows = session.exec(
            select(AuditEntry).where(AuditEntry.patient_id == anna.id).order_by(col(AuditEntry.id))
        ).all()
    acts = [
        (row.verb, row.actor, row.actor_id) for row in rows if row.actor in ("staff", "patient")
    ]
    assert acts == [
        ("patient.enrolled", "staff", clinic.mo.id),
        ("assignment.opened", "patient", anna.id),
        ("alert.raised", "patient", anna.id),
        ("response.submitted", "patient", anna.id),
        ("alert.acknowledged", "staff", clinic.els.id),
        ("alert.resolved", "staff", clinic.els.id),
    ]
    assert "4" not in str([row.detail for row in rows if row.verb.startswith("response")]).replace(
        str(anna.id), ""
    )


def test_the_nurses_notices_are_owed_in_the_commit_of_the_answers(clinic):
    clinic.today("2026-01-05")
    anna = clinic.enrols()
    clinic.answers(anna, JAUND=2)
    with clinic.database.reading() as session:
        owed = session.exec(select(Delivery).where(Delivery.kind == "staff_notice")).all()
    assert [(each.staff_id, each.state, each.step) for each in owed] == [(clinic.els.id, "due", 1)]
