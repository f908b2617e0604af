"""A number that does not take messages is not tried for ever: the site is told whom to call, and
since when."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlmodel import col, select

from proms.actions.asked_messages import send_link
from proms.actions.audit import WORKER, staff_actor
from proms.actions.callbacks import note_report
from proms.actions.letters import Post
from proms.actions.refusals import ChannelPaused
from proms.channels import Accepted, Refused
from proms.db.queries.channel_pauses import paused_channels
from proms.db.tables import AuditEntry, ChannelPause, Delivery, MessageDecision, Patient
from proms.domain.person import ContactKind
from proms.domain.reminder import OutboxLimits
from proms.domain.reminder.reports import Report, Said
from proms.jobs.ticks import run_all
from tests.clinic import KEYRING, At
from tests.desk import Desk
from tests.two_ways import lost, reports


@dataclass
class Phones:
    """A channel that says the same of every message."""

    outcome: object = None
    tried: list[str] = field(default_factory=list)

    def send(self, address, text, *, ref, subject, **_mail):
        if "/q/" in text:
            self.tried.append(address)
        return self.outcome or Accepted(f"SM{ref}")


@pytest.fixture
def anna(clinic):
    """One message a morning: her questionnaires are answered, her check is not."""
    clinic.today("2026-01-05", "08:30")
    patient = clinic.enrols("Anna Bakker")
    for questionnaire in ("qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(patient, questionnaire)
    return patient


def morning(clinic, day, phones, at="09:00"):
    hour, minute = at.split(":")
    clinic.now = clinic.now.replace(day=day, hour=int(hour) - 1, minute=int(minute))
    post = Post(dict.fromkeys(ContactKind, phones), KEYRING, "https://proms.example.org")
    run_all(At(clinic.database, clinic.look, post, "pump-it", False, clinic.seen, at=clinic.now))


def pauses(clinic):
    with clinic.database.reading() as session:
        return [(pause.code, pause.why, pause.since) for pause in paused_channels(session, 1)]


def decided(clinic, patient):
    with clinic.database.reading() as session:
        rows = session.exec(
            select(MessageDecision)
            .where(MessageDecision.patient_id == patient.id, MessageDecision.event == "HSC-BASE")
            .order_by(col(MessageDecision.id))
        )
        return [(row.step, row.reason) for row in rows]


def corrects(clinic, patient, address="020 12 34 888"):
    clinic.corrects_contact(patient.id, address)


@pytest.mark.parametrize("code", ["30003", "30005", "30006"])
def test_t04_after_two_messages_that_did_not_arrive_no_third_leaves_and_the_site_has_a_task(
    clinic, anna, code
):
    phones = Phones()
    for day in (5, 6):
        morning(clinic, day, phones)
        assert pauses(clinic) == []
        clinic.now += timedelta(seconds=20)
        reports(clinic, Said.UNDELIVERED, code=code)
    assert pauses(clinic) == [(anna.code, "undelivered", clinic.now)]
    morning(clinic, 7, phones)
    assert len(phones.tried) == 2
    assert decided(clinic, anna) == [(1, None), (2, None), (3, "channel_paused")]
    assert lost(clinic) == (anna.code,)
    with clinic.database.reading() as session:
        said = session.exec(select(AuditEntry).where(AuditEntry.verb == "channel.paused")).one()
        assert (said.actor, said.detail) == (
            WORKER.kind,
            {"channel": "sms", "why": "undelivered"},
        )


@pytest.mark.parametrize("code", ["21211", "21614"])
def test_f07_what_twilio_refuses_for_good_is_not_tried_twice_and_the_second_pauses_the_number(
    clinic, anna, code
):
    phones = Phones(Refused(code, for_good=True))
    morning(clinic, 5, phones)
    for minute in (10, 30, 55):
        morning(clinic, 5, phones, at=f"09:{minute}")
    assert len(phones.tried) == 1
    assert lost(clinic) == (anna.code,)
    morning(clinic, 6, phones)
    assert [who for who, _, _ in pauses(clinic)] == [anna.code]
    morning(clinic, 7, phones)
    assert len(phones.tried) == 2


def test_who_wrote_stop_to_twilio_is_sent_nothing_more_from_the_first_refusal_on(clinic, anna):
    phones = Phones(Refused("21610", for_good=True))
    morning(clinic, 5, phones)
    assert [why for _, why, _ in pauses(clinic)] == ["stopped"]
    morning(clinic, 6, phones)
    assert len(phones.tried) == 1


def test_a_message_that_arrived_in_between_begins_the_count_anew(clinic, anna):
    phones = Phones()
    for day, said in ((5, Said.UNDELIVERED), (6, Said.DELIVERED), (7, Said.UNDELIVERED)):
        morning(clinic, day, phones)
        reports(clinic, said)
    assert pauses(clinic) == []
    assert len(phones.tried) == 3


def test_a_nurse_who_asks_for_the_link_hears_that_messages_stand_still(clinic, anna):
    phones = Phones(Refused("21211", for_good=True))
    for day in (5, 6):
        morning(clinic, day, phones)
    with clinic.database.writing() as session, pytest.raises(ChannelPaused):
        send_link(
            session,
            patient=session.get_one(Patient, anna.id),
            by=staff_actor(clinic.els),
            now=clinic.now,
        )


def test_a_mended_number_lifts_the_pause_and_the_warning_goes_once_a_message_arrived(clinic, anna):
    phones = Phones(Refused("21211", for_good=True))
    for day in (5, 6):
        morning(clinic, day, phones)
    corrects(clinic, anna)
    assert pauses(clinic) == []
    assert lost(clinic) == (anna.code,)  # the new number may be wrong too
    phones.outcome = None
    morning(clinic, 6, phones, at="09:30")
    assert phones.tried == ["+31201234999"] * 2 + ["+31201234888"]
    assert lost(clinic) == (anna.code,)
    reports(clinic, Said.DELIVERED)
    assert lost(clinic) == ()


def test_a_text_that_is_said_to_be_lost_after_her_number_was_mended_goes_to_the_new_one(
    clinic, anna
):
    """It had left when the number was put right: nobody knew yet that it would not arrive."""
    phones = Phones()
    for day in (5, 6, 7):
        morning(clinic, day, phones)
    corrects(clinic, anna)
    morning(clinic, 7, phones, at="10:00")
    assert len(phones.tried) == 3
    reports(clinic, Said.UNDELIVERED, code="30003")
    for day in (8, 9, 10):
        morning(clinic, day, phones)
    assert phones.tried == ["+31201234999"] * 3 + ["+31201234888"]


def test_where_no_report_comes_what_was_sent_counts_as_arrived_a_day_later(clinic, anna):
    phones = Phones(Refused("21211", for_good=True))
    morning(clinic, 5, phones)
    phones.outcome = None
    morning(clinic, 6, phones)
    clinic.answers(anna)
    morning(clinic, 7, phones, at="08:59")
    assert lost(clinic) == (anna.code,)
    morning(clinic, 7, phones, at="09:00")
    assert lost(clinic) == ()


def test_a_pause_is_one_row_however_many_reports_come_late(clinic, anna):
    phones = Phones()
    for day in (5, 6):
        morning(clinic, day, phones)
    with clinic.database.reading() as session:
        rows = session.exec(select(Delivery).order_by(col(Delivery.id))).all()
    for row in (*rows, *rows):
        with clinic.database.writing() as session:
            for said in (Said.UNDELIVERED, Said.FAILED):
                note_report(
                    session,
                    row.id,
                    Report(row.sid, said, "30003"),
                    channel="sms",
                    limits=OutboxLimits(),
                    now=clinic.now,
                )
    with clinic.database.reading() as session:
        assert len(session.exec(select(ChannelPause)).all()) == 1


def test_the_nurse_sees_on_her_worklist_and_on_the_page_whom_to_call_and_since_when(
    clinic, anna, app
):
    phones = Phones(Refused("21211", for_good=True))
    for day in (5, 6):
        morning(clinic, day, phones)
    desk = Desk(app, clinic, clinic.els)
    said = desk.opens("/staff/").text
    assert "Berichten staan stil; bel de patiënt:" in said
    assert f"{anna.code} , sms: berichten komen er niet aan (sinds " in said
    page = desk.opens(f"/staff/patients/{anna.code}").text
    assert "Berichten staan stil sinds" in page
    assert "berichten komen er niet aan. Bel de patiënt" in page
