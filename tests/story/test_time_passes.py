"""On the demo a control lets days pass, and everything happens as if they had passed one by one."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

import pytest
import time_machine
from sqlmodel import col, func, select

from proms.actions.audit import OPERATOR
from proms.actions.demo_clock import ask_for_days
from proms.actions.letters import Post
from proms.actions.refusals import DaysPassing, Incomplete, NotFound
from proms.channels.inbox import Inbox
from proms.db.queries.demo_time import offset, still_to_go
from proms.db.tables import Assignment, AuditEntry, Delivery, DemoClock, MessageDecision
from proms.domain.person import ContactKind
from proms.jobs.ticks import Work, pass_days, run_all
from tests.clinic import ZONE
from tests.phone import Phone, website

# Demo time is a year ahead of the real one, and the real one stands still.
REAL = datetime.fromisoformat("2025-01-05T10:00:00+01:00")


@pytest.fixture
def work(clinic) -> Iterator[Work]:
    """The tools of a demo's worker, on a clinic whose first patient came in on a Monday."""
    clinic.today("2026-01-05", "10:00")
    begin_demo_time(clinic)
    clinic.enrols("Anna Bakker")
    channels = {kind: Inbox(lambda address, text, ref: None) for kind in ContactKind}
    post = Post(channels, clinic.keyring, "https://proms.example.org")
    with time_machine.travel(REAL, tick=False):
        made = Work(clinic.database, clinic.look, post, "pump-it", demo=True)
        run_all(made)
        yield made


def begin_demo_time(clinic) -> None:
    with clinic.database.writing() as session:
        session.add(DemoClock(id=1, offset_seconds=(clinic.now - REAL).total_seconds()))
        session.commit()


def asks(work: Work, days: int) -> None:
    with work.database.writing() as session:
        ask_for_days(session, days=days, by=OPERATOR, now=work.now())


def passes(work: Work) -> int:
    """The worker's ticks until the clock has arrived; how many stops it made."""
    stops = 0
    while pass_days(work):
        stops += 1
    return stops


def local(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%a %H:%M}"


def test_a_day_later_it_is_a_day_later(work):
    asks(work, 1)
    assert local(work.now()) == "Mon 10:00"  # nothing has happened yet: the worker lets it pass
    assert passes(work) == 3  # midnight, the hour of messages, the same time next day
    assert local(work.now()) == "Tue 10:00"
    assert passes(work) == 0


def test_a_week_later_each_message_has_left_on_its_own_day(work):
    asks(work, 7)
    passes(work)
    carrying = func.coalesce(MessageDecision.decided_with, MessageDecision.id)
    with work.database.reading() as session:
        sent = session.exec(
            select(MessageDecision.event, MessageDecision.step, Delivery.settled_at)
            .join(Delivery, Delivery.decision_id == carrying)
            .where(Delivery.state == "sent")
            .order_by(col(Delivery.settled_at), col(MessageDecision.event))
        ).all()
    # The first was announced at enrolment, after the hour of messages; the reminders came on the
    # days after it.
    assert [(event, step, local(at)) for event, step, at in sent] == [
        ("HSC-BASE", 1, "Mon 10:00"),
        ("QOL-BASE", 1, "Mon 10:00"),
        ("HSC-BASE", 2, "Tue 09:00"),
        ("QOL-BASE", 2, "Tue 09:00"),
        ("HSC-BASE", 3, "Wed 09:00"),
        ("QOL-BASE", 3, "Wed 09:00"),
    ]


def test_what_closed_on_the_way_was_missed_the_moment_it_closed(work, clinic):
    els = clinic.enrols("Els de Wit")
    clinic.randomises(els, "A", "2026-01-05")
    clinic.chooses(els, "systemic", "folfox")
    clinic.plans_cycle(els, "systemic", 1, "2026-01-06")
    for _ in range(2):
        asks(work, 7)
        passes(work)
    with work.database.reading() as session:
        noted = select(AuditEntry.subject_id, AuditEntry.at).where(
            AuditEntry.verb == "assignment.missed"
        )
        missed = {row: at.astimezone(ZONE) for row, at in session.exec(noted)}
        closed = {each: session.get_one(Assignment, each).closes for each in missed}
    assert closed
    assert {row: (at.date(), at.time()) for row, at in missed.items()} == {
        row: (closes + timedelta(days=1), time(0)) for row, closes in closed.items()
    }


def test_the_clock_runs_ahead_only_and_not_for_ever(work):
    for days in (0, -1, 29):
        with pytest.raises(Incomplete):
            asks(work, days)
    asks(work, 7)
    with pytest.raises(DaysPassing):
        asks(work, 1)
    assert passes(work) == 15


def test_where_a_worker_was_stopped_halfway_the_next_one_goes_on(work):
    asks(work, 2)
    pass_days(work)  # and the power goes
    with work.database.reading() as session:
        assert timedelta(days=1) < still_to_go(session) < timedelta(days=2)
    passes(work)
    assert local(work.now()) == "Wed 10:00"


def test_the_night_the_clocks_change_has_its_hour_of_messages_once(work, clinic):
    with work.database.writing() as session:
        held = session.get_one(DemoClock, 1)
        held.offset_seconds = (
            datetime.fromisoformat("2026-03-28T10:00:00+01:00") - REAL
        ).total_seconds()
        session.commit()
    asks(work, 1)
    assert passes(work) == 3
    assert local(work.now()) == "Sun 11:00"  # twenty-four hours later


def test_without_a_demo_clock_no_time_passes(clinic):
    with clinic.database.writing() as session, pytest.raises(NotFound):
        ask_for_days(session, days=1, by=OPERATOR, now=clinic.now)


def test_two_buttons_on_the_demos_phone_let_time_pass(work, clinic, database_url):
    with website(database_url, demo=True) as app:
        phone = Phone(app, REAL).opens("/demo/inbox")
        assert "Het is nu maandag 5 januari, 10.00 uur" in phone.text
        phone.taps("Een week later")
        assert phone.path == "/demo/inbox"
        assert "De dagen gaan voorbij." in phone.text
        assert not phone.offers("Een dag later")
        assert phone.answer.headers["Refresh"] == "2"
        passes(work)
        assert "Het is nu maandag 12 januari, 10.00 uur" in phone.opens("/demo/inbox").text
        assert phone.offers("Een dag later")
    with clinic.database.reading() as session:
        asked = session.exec(select(AuditEntry).where(AuditEntry.verb == "demo.days_asked")).one()
    assert (asked.actor, asked.detail) == ("operator", {"days": 7})


def test_a_request_from_elsewhere_moves_nothing(work, database_url):
    with website(database_url, demo=True) as app:
        assert app.test_client().post("/demo/clock", data={"days": 7}).status_code == 400
        token = Phone(app, REAL).opens("/demo/inbox").sending("Een dag later")
        phone = Phone(app, REAL)
        assert phone.sends((token[0], token[1], [("days", "365")])).status == 400
    with work.database.reading() as session:
        assert not still_to_go(session)
        assert local(REAL + offset(session)) == "Mon 10:00"


def test_outside_a_demo_there_is_no_such_control(clinic, app):
    assert app.test_client().post("/demo/clock", data={"days": 1}).status_code == 404
