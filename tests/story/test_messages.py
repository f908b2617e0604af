"""Nobody is texted twice, nobody silently not at all."""

import re
from datetime import UTC, datetime

from sqlmodel import col, select

from proms.actions.access import begin_visit, link_patient
from proms.actions.asked_messages import send_link
from proms.actions.audit import staff_actor
from proms.db.queries.red_bar import red_bar
from proms.db.tables import Contact, Delivery, MessageDecision, Patient
from tests.clinic import ZONE


def messages_to(clinic):
    return [text for address, text in clinic.phone if address == "+31201234999" and "/q/" in text]


def decisions(clinic, patient):
    with clinic.database.reading() as session:
        rows = session.exec(
            select(MessageDecision).where(MessageDecision.patient_id == patient.id)
        ).all()
    return [
        (row.step, row.verdict, row.reason)
        for row in rows
        if row.event and row.event.startswith("HSC")
    ]


def test_a_pack_is_announced_at_nine_and_twice_again_and_then_no_more(clinic):
    clinic.today("2026-01-05", "08:00")
    anna = clinic.enrols()
    clinic.works()
    assert messages_to(clinic) == []
    for day, expected in (
        ("2026-01-05", 1),
        ("2026-01-06", 2),
        ("2026-01-07", 3),
        ("2026-01-08", 3),
    ):
        clinic.today(day, "09:00")
        clinic.works()
        hsc = [each for each in decisions(clinic, anna) if each[1] == "send"]
        assert len(hsc) == expected, day


def test_an_answered_pack_is_not_mentioned_again(clinic):
    clinic.today("2026-01-05", "09:00")
    anna = clinic.enrols()
    clinic.works()
    clinic.answers(anna, "hsc")
    for questionnaire in ("qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(anna, questionnaire)
    sent = len(messages_to(clinic))
    clinic.today("2026-01-06", "09:00")
    clinic.today("2026-01-07", "09:00")
    assert len(messages_to(clinic)) == sent


def test_a_message_names_nobody_and_nothing_and_fits_one_sms(clinic):
    clinic.today("2026-01-05", "09:00")
    clinic.enrols("Anna Bakker")
    clinic.works()
    for text in messages_to(clinic):
        assert not re.search(
            r"anna|bakker|pump|kanker|cancer|ziekenhuis|studie", text, re.IGNORECASE
        )
        assert len(text) <= 160


def test_no_message_leaves_at_night(clinic):
    clinic.today("2026-01-05", "22:30")
    clinic.enrols()
    clinic.works()
    assert messages_to(clinic) == []
    clinic.today("2026-01-06", "08:59")
    assert messages_to(clinic) == []
    clinic.today("2026-01-06", "09:00")
    assert len(messages_to(clinic)) == 1


def moment(day, at):
    return datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=ZONE).astimezone(UTC)


def test_a_message_decided_in_the_evening_does_not_leave_at_night_after_the_worker_was_away(clinic):
    clinic.today("2026-01-05", "08:00")
    clinic.enrols()
    clinic.decides("2026-01-05", "20:59")
    for at in ("00:30", "03:00", "07:59"):
        clinic.today("2026-01-06", at)
        assert messages_to(clinic) == [], at
    clinic.today("2026-01-06", "08:00")
    assert len(messages_to(clinic)) == 1


def test_what_was_left_from_yesterday_counts_for_the_messages_of_today(clinic):
    clinic.today("2026-01-05", "08:00")
    anna = clinic.enrols()
    clinic.decides("2026-01-05", "20:59")
    clinic.today("2026-01-06", "08:00")
    clinic.today("2026-01-06", "09:00")
    assert len(messages_to(clinic)) == 1
    assert decisions(clinic, anna) == [(1, "send", None), (2, "hold", "day_cap")]
    clinic.today("2026-01-07", "09:00")
    assert len(messages_to(clinic)) == 2


def test_packs_that_open_the_same_morning_are_one_message(clinic):
    clinic.today("2026-01-05", "09:00")
    anna = clinic.enrols()
    clinic.works()
    with clinic.database.reading() as session:
        rows = session.exec(select(MessageDecision).order_by(col(MessageDecision.id))).all()
        sent = session.exec(select(Delivery).where(Delivery.patient_id == anna.id)).all()
    assert [(row.event, row.decided_with) for row in rows] == [
        ("QOL-BASE", None),
        ("HSC-BASE", rows[0].id),
    ]
    assert [row.decision_id for row in sent] == [rows[0].id]
    assert len(messages_to(clinic)) == 1


def test_a_message_about_two_packs_goes_on_about_the_one_that_is_left(clinic):
    clinic.today("2026-01-05", "09:00")
    anna = clinic.enrols()
    clinic.decides("2026-01-05", "09:00")
    clinic.answers(anna, "hsc")
    clinic.works()
    assert len(messages_to(clinic)) == 1
    for questionnaire in ("qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(anna, questionnaire)
    clinic.today("2026-01-06", "09:00")
    assert len(messages_to(clinic)) == 1


def asks_for_link(clinic, patient, day, at):
    """A nurse has the link sent again, while the worker is away."""
    clinic.now = moment(day, at)
    with clinic.database.writing() as session:
        send_link(
            session,
            patient=session.get_one(Patient, patient.id),
            by=staff_actor(clinic.els),
            now=clinic.now,
        )


def test_a_link_asked_for_by_day_waits_for_the_morning_and_one_asked_for_at_night_leaves_at_once(
    clinic,
):
    clinic.today("2026-01-05", "22:00")
    anna = clinic.enrols()
    before = len(messages_to(clinic))
    asks_for_link(clinic, anna, "2026-01-06", "20:45")
    clinic.today("2026-01-06", "23:10")
    assert len(messages_to(clinic)) == before
    asks_for_link(clinic, anna, "2026-01-06", "23:15")
    clinic.works()
    assert len(messages_to(clinic)) == before + 1
    clinic.today("2026-01-07", "08:00")
    assert len(messages_to(clinic)) > before + 1


def test_a_link_that_could_not_leave_in_time_expires_and_the_site_is_told(clinic):
    clinic.today("2026-01-05", "07:00")
    anna = clinic.enrols()
    asks_for_link(clinic, anna, "2026-01-05", "16:00")
    clinic.today("2026-01-06", "05:00")
    assert messages_to(clinic) == []
    with clinic.database.reading() as session:
        link = (
            select(Delivery.state, Delivery.error)
            .join(MessageDecision)
            .where(MessageDecision.kind == "link")
        )
        assert session.exec(link).one() == ("expired", "too_late")
        assert red_bar(
            session, clinic.keyring, clinic.site.id, now=clinic.now, real_now=clinic.now
        ).lost == (anna.code,)


def test_a_paused_patient_is_left_alone_and_the_reason_is_kept(clinic):
    clinic.today("2026-01-05", "08:00")
    anna = clinic.enrols()
    clinic.pauses(anna.id, "2026-01-05")
    clinic.today("2026-01-05", "09:00")
    assert messages_to(clinic) == []
    assert decisions(clinic, anna) == [(1, "hold", "paused")]
    clinic.today("2026-01-06", "09:00")
    assert messages_to(clinic)


def test_withdrawal_stops_what_is_queued_and_every_link(clinic):
    clinic.today("2026-01-05", "09:00")
    anna = clinic.enrols()
    clinic.works()
    token = re.search(r"/q/(\S+)", messages_to(clinic)[0]).group(1)
    with clinic.database.reading() as session:
        assert link_patient(session, clinic.keyring, token, clinic.now)[1].id == anna.id
    with clinic.database.writing() as session:
        send_link(
            session,
            patient=session.get_one(Patient, anna.id),
            by=staff_actor(clinic.els),
            now=clinic.now,
        )
    clinic.withdraws(anna, "2026-01-05")
    sent = len(messages_to(clinic))
    for day in ("2026-01-05", "2026-01-06", "2026-01-07"):
        clinic.today(day, "10:00")
    assert len(messages_to(clinic)) == sent
    with clinic.database.reading() as session:
        assert not session.exec(select(Delivery).where(Delivery.state == "due")).all()


def test_a_link_lets_the_patient_in_until_it_is_five_weeks_old(clinic):
    clinic.today("2026-01-05", "09:00")
    anna = clinic.enrols()
    clinic.works()
    token = re.search(r"/q/(\S+)", messages_to(clinic)[0]).group(1)
    patient, visit = begin_visit(clinic.database, clinic.keyring, token=token, now=clinic.now)
    assert patient.id == anna.id
    assert visit != token


def test_an_address_that_cannot_be_read_concerns_its_own_message_alone(clinic):
    clinic.today("2026-01-05", "08:30")
    anna, bea = clinic.enrols("Anna"), clinic.enrols("Bea")
    with clinic.database.writing() as session:
        hers = session.exec(select(Contact).where(Contact.patient_id == anna.id)).one()
        hers.address = "k9:sealed under a key that is gone"
        session.commit()
    clinic.answers(bea, JAUND=2)
    clinic.today("2026-01-05", "09:30")
    with clinic.database.reading() as session:
        rows = session.exec(select(Delivery).order_by(col(Delivery.id))).all()
    assert {(row.patient_id, row.state) for row in rows if row.patient_id} >= {
        (anna.id, "dead"),
        (bea.id, "sent"),
    }
    assert {row.error for row in rows if row.patient_id == anna.id} == {"unreadable"}
    assert any("/staff/" in body for _, body in clinic.phone)
