"""Why did she get no message? That it had been answered, or that a later one stands for it, is
stored as well, told in words, and stands in nobody's way."""

import csv
from io import StringIO

import pytest
from click.testing import CliRunner
from sqlmodel import col, select

from proms.actions.answered_packs import hold_answered
from proms.cli import main
from proms.db.queries.patient_list import patient_summaries
from proms.db.tables import Contact, Delivery, MessageDecision
from tests.clinic import ZONE, instant
from tests.desk import Desk
from tests.phone import website

CHECK = "HSC-BASE"
ANSWERED = "Niet verstuurd: de vragen waren beantwoord"
PASSED = "Niet verstuurd: een later bericht komt ervoor in de plaats"


@pytest.fixture
def app(clinic, database_url):
    with website(database_url) as running:
        yield running


@pytest.fixture
def anna(clinic):
    """Enrolled on a Monday before nine; the worker has not come by yet."""
    clinic.today("2026-01-05", "08:30")
    return clinic.enrols("Anna Bakker")


def decided(clinic, event=CHECK):
    """Of one pack each decision in order: day, step, verdict, reason."""
    with clinic.database.reading() as session:
        rows = session.exec(
            select(MessageDecision)
            .where(MessageDecision.event == event)
            .order_by(col(MessageDecision.id))
        )
        return [
            (row.decided_at.astimezone(ZONE).day, row.step, row.verdict, row.reason) for row in rows
        ]


def why(code):
    ended = CliRunner().invoke(main, ["why", code])
    assert ended.exit_code == 0, ended.output
    rows = csv.DictReader(StringIO(ended.stdout))
    return [(row["packs"], row["verdict"], row["reason"], row["ended"]) for row in rows]


def test_who_answers_gets_no_more_messages_and_the_log_says_why(clinic, app, anna, installation):
    clinic.today("2026-01-05", "09:00")
    clinic.today("2026-01-05", "10:46")
    clinic.answers(anna)
    clinic.today("2026-01-06", "08:59")
    assert decided(clinic) == [(5, 1, "send", None)]
    clinic.today("2026-01-06", "09:00")
    clinic.today("2026-01-07", "12:00")
    assert decided(clinic) == [
        (5, 1, "send", None),
        (6, 2, "hold", "answered"),
        (6, 3, "hold", "answered"),
    ]
    assert (CHECK, "hold", "answered", "") in why(anna.code)
    page = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}").text
    assert ANSWERED in page


def test_of_a_pack_that_is_answered_in_part_the_rest_goes_on(clinic, anna):
    clinic.today("2026-01-05", "09:00")
    clinic.answers(anna, "qlq-c30")
    clinic.answers(anna, "qlq-lmc21")
    clinic.today("2026-01-06", "09:00")
    assert decided(clinic, "QOL-BASE") == [(5, 1, "send", None), (6, 2, "send", None)]
    clinic.answers(anna, "eq-5d-5l")
    clinic.today("2026-01-07", "09:00")
    assert decided(clinic, "QOL-BASE")[2:] == [(7, 3, "hold", "answered")]


def test_who_answers_before_the_first_message_has_all_of_them_held(clinic, anna):
    clinic.answers(anna)
    clinic.today("2026-01-05", "09:00")
    assert decided(clinic) == [(5, step, "hold", "answered") for step in (1, 2, 3)]
    assert [row[1:] for row in decided(clinic, "QOL-BASE")] == [(1, "send", None)]


def test_after_the_last_message_there_is_nothing_to_hold(clinic, anna):
    for day in ("2026-01-05", "2026-01-06", "2026-01-07"):
        clinic.today(day, "09:00")
    clinic.answers(anna)
    clinic.today("2026-01-09", "12:00")
    assert [row[2] for row in decided(clinic)] == ["send"] * 3


def test_what_she_answers_while_the_worker_decides_is_held_at_the_next_look(clinic, anna):
    clinic.today("2026-01-05", "09:00")
    clinic.answers(anna)
    for _ in range(2):
        with clinic.database.writing() as session:
            clinic.now = instant("2026-01-06", "09:00")
            hold_answered(session, clinic.library, now=clinic.now)
    assert decided(clinic)[1:] == [(6, 2, "hold", "answered"), (6, 3, "hold", "answered")]


def test_after_days_without_a_worker_each_day_that_went_by_says_what_stands_for_it(
    clinic, app, anna, installation
):
    clinic.today("2026-01-07", "14:00")
    assert decided(clinic) == [
        (7, 1, "hold", "superseded"),
        (7, 2, "hold", "superseded"),
        (7, 3, "send", None),
    ]
    clinic.today("2026-01-07", "15:00")
    assert len(decided(clinic)) == 3
    said = why(anna.code)
    assert said == [
        ("QOL-BASE;HSC-BASE", "hold", "superseded", ""),
        ("QOL-BASE;HSC-BASE", "send", "", "sent"),
    ]
    page = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}").text
    assert PASSED in page


def test_what_was_passed_over_is_said_once_though_the_step_that_stands_for_it_is_held(clinic, anna):
    clinic.pauses(anna.id, "2026-01-08")
    clinic.now = clinic.now.replace(day=7, hour=13)
    clinic.works()
    clinic.today("2026-01-09", "09:00")
    assert decided(clinic) == [
        (7, 1, "hold", "superseded"),
        (7, 2, "hold", "superseded"),
        (7, 3, "hold", "paused"),
        (9, 3, "send", None),
    ]


def test_a_message_that_had_not_left_says_that_it_was_answered(clinic, app, anna):
    clinic.decides("2026-01-05", "09:00")
    clinic.answers(anna)
    for questionnaire in ("qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(anna, questionnaire)
    clinic.works()
    with clinic.database.reading() as session:
        row = session.exec(select(Delivery)).one()
        assert (row.state, row.error) == ("cancelled", "answered")
    page = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}").text
    assert "Sms: ingetrokken, niet meer nodig (de vragen waren beantwoord)" in page


@pytest.mark.parametrize(("ends", "noted"), [("withdraws", "not_active"), ("dies", "not_active")])
def test_a_message_that_had_not_left_says_that_she_takes_no_further_part(clinic, anna, ends, noted):
    clinic.decides("2026-01-05", "09:00")
    getattr(clinic, ends)(anna, "2026-01-05")
    clinic.works()
    with clinic.database.reading() as session:
        row = session.exec(select(Delivery)).one()
        assert (row.state, row.error) == ("cancelled", noted)


def test_a_message_that_a_pause_came_before_says_so(clinic, anna):
    clinic.decides("2026-01-05", "09:00")
    clinic.pauses(anna.id, "2026-01-08")
    clinic.works()
    with clinic.database.reading() as session:
        row = session.exec(select(Delivery)).one()
        assert (row.state, row.error) == ("cancelled", "paused")


def test_automatic_lines_are_folded_and_what_happened_stands_on_top(clinic, app, anna):
    clinic.today("2026-01-05", "09:00")
    clinic.answers(anna)
    for questionnaire in ("qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(anna, questionnaire)
    clinic.today("2026-01-06", "09:00")
    html = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}").answer.text
    log = html[html.index('id="contact"') :]
    shown, folded = log.split("<details", 1)
    assert "Bericht over open vragen" in shown
    assert "de vragen waren beantwoord" not in shown
    assert "de vragen waren beantwoord" in folded


def test_a_wish_for_an_address_outlasts_what_was_filled_in_on_paper(clinic, anna):
    with clinic.database.writing() as session:
        for contact in session.exec(select(Contact)):
            contact.active = False
        session.commit()
    clinic.today("2026-01-05", "09:00")
    for questionnaire in ("hsc", "qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(anna, questionnaire)
    clinic.today("2026-01-06", "09:00")
    with clinic.database.reading() as session:
        day = clinic.now.date()
        summary = patient_summaries(session, [anna.id], day, {}, clinic.now)[anna.id]
    assert summary.unreachable
