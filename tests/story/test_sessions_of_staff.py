"""A log-in lasts as long as she works, stands in the trail, and never loses what she was doing to a
clock that stood still."""

from datetime import timedelta

from sqlmodel import select

from proms.db.tables import AuditEntry
from tests.desk import Desk


def test_clicking_every_ten_minutes_she_is_still_in_after_two_hours(clinic, app):
    clinic.today("2026-01-05", "09:00")
    desk = Desk(app, clinic, clinic.els)
    for _ in range(12):
        clinic.now += timedelta(minutes=10)
        assert desk.opens("/staff/").path == "/staff/"


def test_an_hour_without_a_click_ends_it(clinic, app):
    clinic.today("2026-01-05", "09:00")
    desk = Desk(app, clinic, clinic.els)
    clinic.now += timedelta(minutes=61)
    assert desk.opens("/staff/").path == "/staff/login"


def test_each_log_in_stands_in_the_trail(clinic, app):
    clinic.today("2026-01-05", "09:00")
    Desk(app, clinic, clinic.els)
    with clinic.database.reading() as session:
        entry = session.exec(select(AuditEntry).where(AuditEntry.verb == "staff.logged_in")).one()
    assert (entry.actor_id, entry.subject_id) == (clinic.els.id, clinic.els.id)
