"""Why did she get no message, and what goes out this week: the site's messages, and taking one
back."""

import csv
import re
from contextlib import suppress
from datetime import timedelta
from io import StringIO

import pytest
from click.testing import CliRunner
from sqlmodel import col, select

from proms.actions.asked_messages import send_link
from proms.actions.audit import OPERATOR, staff_actor
from proms.actions.cancelled_messages import cancel_message
from proms.actions.refusals import MessageLeft, NotFound, Unfit
from proms.cli.why import command
from proms.db.tables import AuditEntry, Delivery, MessageDecision, Patient
from proms.domain.person import Role
from tests.desk import Desk, stranger

OWN = "+31201234999"


@pytest.fixture
def anna(clinic):
    clinic.today("2026-01-05", "08:00")
    return clinic.enrols()


def owed(clinic):
    with clinic.database.reading() as session:
        return session.exec(select(Delivery).where(Delivery.state == "due")).one()


def sent_to(clinic, address=OWN):
    return len([text for to, text in clinic.phone if to == address and "/q/" in text])


def test_the_page_says_what_comes_on_which_day_and_what_a_pause_holds(app, clinic, anna):
    bea = clinic.enrols("Bea")
    clinic.pauses(bea.id, "2026-01-05")
    desk = Desk(app, clinic, clinic.els).opens("/staff/messages")
    assert desk.status == 200
    assert "maandag 5 januari" in desk.text
    assert anna.code in desk.text
    assert bea.code in desk.text
    assert desk.text.count("wacht: berichten zijn gepauzeerd") == 1
    assert "9.00 uur" in desk.text


def test_a_message_that_has_not_left_is_taken_back_and_the_next_one_comes_on_its_day(
    app, clinic, anna
):
    clinic.decides("2026-01-05", "09:00")
    desk = Desk(app, clinic, clinic.mo).opens("/staff/messages").presses("Intrekken")
    assert "Het bericht is ingetrokken" in desk.text
    clinic.works()
    assert sent_to(clinic) == 0
    # Nothing makes up for what a person meant, also where a pause is ended.
    clinic.pauses(anna.id, "2026-01-05")
    clinic.pauses(anna.id, None)
    clinic.today("2026-01-05", "20:00")
    assert sent_to(clinic) == 0
    clinic.today("2026-01-06", "09:00")
    assert sent_to(clinic) == 1
    with clinic.database.reading() as session:
        last = session.exec(
            select(MessageDecision).order_by(col(MessageDecision.id).desc())
        ).first()
        entries = select(AuditEntry).where(AuditEntry.verb == "message.cancelled")
        assert len(session.exec(entries).all()) == 1
    assert (last.step, last.purpose) == (2, "announce")  # she was told of nothing yet


def test_what_has_left_cannot_be_taken_back_nor_what_is_another_hospitals(clinic, anna):
    clinic.decides("2026-01-05", "09:00")
    waiting = owed(clinic)
    elsewhere = stranger(clinic, Role.COORDINATOR)
    with clinic.database.writing() as session, pytest.raises(NotFound):
        cancel_message(session, delivery_id=waiting.id, by=elsewhere, now=clinic.now)
    clinic.works()
    with clinic.database.writing() as session, pytest.raises(MessageLeft):
        cancel_message(session, delivery_id=waiting.id, by=clinic.els, now=clinic.now)
    assert sent_to(clinic) == 1


def test_taking_back_twice_is_taking_back_once(clinic, anna):
    clinic.decides("2026-01-05", "09:00")
    waiting = owed(clinic)
    for _ in range(2):
        with clinic.database.writing() as session:
            cancel_message(session, delivery_id=waiting.id, by=clinic.els, now=clinic.now)
    with clinic.database.reading() as session:
        entries = select(AuditEntry).where(AuditEntry.verb == "message.cancelled")
        assert len(session.exec(entries).all()) == 1


def test_what_did_not_arrive_stands_first_with_the_reason_and_a_way_to_send_again(
    app, clinic, anna
):
    clinic.nobody.add(OWN)
    clinic.today("2026-01-05", "09:00")
    desk = Desk(app, clinic, clinic.els).opens("/staff/messages")
    assert "21211" in desk.text
    assert (
        desk.text.index("Niet aangekomen") < desk.text.index("21211") < desk.text.index("Wat komt")
    )
    clinic.nobody.clear()
    desk.presses("De link nu sturen")
    clinic.works()
    assert sent_to(clinic) == 1


def test_the_command_prints_every_decision_in_order_with_its_end_and_looking_is_on_record(
    clinic, anna, installation
):
    clinic.pauses(anna.id, "2026-01-05", reason="op reis")
    clinic.today("2026-01-05", "09:00")
    with clinic.database.writing() as session:
        patient = session.get_one(Patient, anna.id)
        send_link(session, patient=patient, by=staff_actor(clinic.els), now=clinic.now)
    clinic.works()
    clinic.today("2026-01-06", "09:00")
    result = CliRunner().invoke(command, [anna.code])
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(StringIO(result.stdout)))
    told = [
        (row["at"][:16], row["what"], row["packs"], row["verdict"], row["reason"], row["ended"])
        for row in rows
    ]
    both = "QOL-BASE;HSC-BASE"
    assert told == [
        ("2026-01-05T08:00", "patient.paused", "", "", "", ""),
        ("2026-01-05T09:00", "reminder", both, "hold", "paused", ""),
        ("2026-01-05T09:00", "link", "", "send", "", "sent"),
        ("2026-01-06T09:00", "reminder", both, "send", "", "sent"),
    ]
    assert "op reis" not in result.stdout
    with clinic.database.reading() as session:
        seen = select(AuditEntry).where(
            AuditEntry.verb == "patient.viewed", AuditEntry.actor == OPERATOR.kind
        )
        assert session.exec(seen).one().patient_id == anna.id


def test_of_a_code_that_is_nobodys_the_command_says_so(clinic, anna, installation):
    result = CliRunner().invoke(command, ["AAAAAA"])
    assert result.exit_code == 2
    assert "there is no patient AAAAAA" in result.output


NEW = "+31612345688"


def mends(desk, clinic, patient, **typed):
    desk.opens(f"/staff/patients/{patient.code}")
    given = {"contact_kind": "sms", "address": "06 12345688", "consented_on": "2026-01-05"}
    return desk.presses("Opslaan", **{**given, **typed})


def test_a_mended_number_gets_what_is_owed_at_once_and_never_two(app, clinic, anna):
    clinic.nobody.add(OWN)
    clinic.today("2026-01-05", "09:00")
    clinic.now = clinic.now.replace(hour=13)
    desk = mends(Desk(app, clinic, clinic.mo), clinic, anna)
    assert "De link is onderweg" in desk.text
    clinic.works()
    assert sent_to(clinic, NEW) == 1


def test_where_nothing_is_owed_the_link_goes_to_the_new_number_unless_it_is_unticked(
    app, clinic, anna
):
    clinic.today("2026-01-05", "09:00")
    clinic.now = clinic.now.replace(hour=13)
    desk = mends(Desk(app, clinic, clinic.mo), clinic, anna)
    assert "De link is onderweg" in desk.text
    clinic.works()
    assert sent_to(clinic, NEW) == 1
    other = mends(desk, clinic, anna, address="06 12345699", send_now="")
    assert "De link is onderweg" not in other.text
    clinic.works()
    assert sent_to(clinic, "+31612345699") == 0


@pytest.mark.parametrize(
    ("ends", "says"),
    [
        (["delivered", "delivered", "undelivered"], ["3", "2 (66,7%)", "1 (33,3%)", "0 (0,0%)"]),
        (["delivered", "dead", "sent", "unknown"], ["4", "1 (25,0%)", "1 (25,0%)", "2 (50,0%)"]),
    ],
)
def test_the_page_counts_each_message_once(app, clinic, anna, ends, says):
    for minute, state in enumerate(ends, start=10):
        with clinic.database.writing() as session:
            patient = session.get_one(Patient, anna.id)
            by = staff_actor(clinic.els)
            sent = send_link(session, patient=patient, by=by, now=clinic.now)
            sent.state = state
            session.commit()
        clinic.today("2026-01-05", f"08:{2 * minute}")
    page = Desk(app, clinic, clinic.els).opens("/staff/messages").answer.text
    rates = page.partition('id="rates"')[2]
    assert re.findall(r"<td[^>]*>([^<]*)</td>", rates) == says


@pytest.mark.parametrize("presses", [1, pytest.param(10, marks=pytest.mark.nightly)])
def test_t17_a_thousand_requests_for_a_link_send_no_more_than_the_cap_of_the_day(
    clinic, anna, app, presses
):
    """Somebody else's program presses the button with a nurse's session, and does not tire."""
    for minute in range(100):
        clinic.now += timedelta(minutes=1)
        for _ in range(presses):
            with clinic.database.writing() as session, suppress(Unfit):
                held = session.get_one(Patient, anna.id)
                send_link(session, patient=held, by=staff_actor(clinic.els), now=clinic.now)
        if minute % 10 == 0:
            clinic.works()
    with clinic.database.reading() as session:
        links = session.exec(select(Delivery).where(Delivery.kind == "link")).all()
    assert len(links) == 10
    desk = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}")
    desk.presses("Stuur de link opnieuw")
    assert "Niet verstuurd: er zijn vandaag genoeg links" in desk.text
    clinic.now += timedelta(days=1)
    with clinic.database.writing() as session:
        held = session.get_one(Patient, anna.id)
        assert send_link(session, patient=held, by=staff_actor(clinic.els), now=clinic.now)
