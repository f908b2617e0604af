"""Whom the red bar names: patients and nurses whom a message does not reach, for as long as
somebody can do something about it."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from proms.actions.audit import OPERATOR
from proms.actions.people import NewSite, add_site
from proms.db.queries.red_bar import red_bar
from proms.db.tables import Delivery, Staff
from proms.domain.alert.record import Resolution
from proms.domain.person import Role
from tests.clinic import MOBILE


def bar(clinic, site=None, **ago):
    """What every page of the site says now."""
    with clinic.database.reading() as session:
        site_id = (site or clinic.site).id
        real = clinic.now - timedelta(**ago)
        return red_bar(session, clinic.keyring, site_id, now=clinic.now, real_now=real)


def ended(clinic, **how):
    """The last message so far ended so."""
    with clinic.database.writing() as session:
        last = session.exec(select(Delivery).order_by(col(Delivery.id).desc())).first()
        for name, value in how.items():
            setattr(last, name, value)
        session.commit()
        return last.id


@pytest.fixture
def anna(clinic):
    """Her pack was announced at nine."""
    clinic.today("2026-01-05", "08:30")
    patient = clinic.enrols("Anna")
    clinic.today("2026-01-05", "09:00")
    return patient


@pytest.mark.parametrize(
    ("how", "named"),
    [
        ({"state": "dead"}, True),
        ({"state": "undelivered"}, True),
        ({"state": "unknown"}, True),
        ({"state": "unknown", "settled_at": None}, False),  # somebody still asks the provider
        ({"state": "expired"}, True),
        ({"state": "sent"}, False),
        ({"state": "delivered"}, False),
        ({"state": "due"}, False),
        ({"state": "cancelled"}, False),
    ],
    ids=lambda value: "-".join(value) + "-" + value["state"] if isinstance(value, dict) else None,
)
def test_a_patient_is_named_whom_the_last_message_did_not_reach(clinic, anna, how, named):
    ended(clinic, **how)
    said = bar(clinic)
    assert (said.lost, bool(said.lost_since)) == (((anna.code,), True) if named else ((), False))


def test_she_is_named_for_a_week_and_at_her_own_hospital(clinic, anna):
    sent_at = clinic.now
    ended(clinic, state="dead")
    new = NewSite("UTR", "Ziekenhuis Elders", phone="030 123 45 67", study_phone="030 123 45 68")
    with clinic.database.writing() as session:
        elsewhere = add_site(session, new, by=OPERATOR, now=clinic.now)
    assert bar(clinic, site=elsewhere).lost == ()
    clinic.now = sent_at + timedelta(days=7) - timedelta(seconds=1)
    assert bar(clinic).lost == (anna.code,)
    clinic.now += timedelta(seconds=1)
    assert bar(clinic).lost == ()


@pytest.mark.parametrize(
    ("next_one", "hours", "named"),
    [
        ("delivered", 0, False),
        ("sent", 23, True),  # nobody knows yet
        ("sent", 24, False),  # no report is good news by then
        ("dead", 24, True),
    ],
)
def test_what_arrives_later_settles_it(clinic, anna, next_one, hours, named):
    first_at = clinic.now
    ended(clinic, state="dead")
    clinic.today("2026-01-06", "09:00")
    ended(clinic, state=next_one)
    clinic.now += timedelta(hours=hours)
    said = bar(clinic)
    assert said.lost == ((anna.code,) if named else ())
    if named:
        assert said.lost_since == first_at  # and she is named once


def test_what_arrived_before_it_or_at_another_patient_settles_nothing(clinic, anna):
    ended(clinic, state="delivered")
    clinic.today("2026-01-06", "09:00")
    ended(clinic, state="dead")
    clinic.enrols("Bea")
    clinic.works()
    ended(clinic, state="delivered")
    assert bar(clinic).lost == (anna.code,)


@pytest.fixture
def notice(clinic, anna):
    """A red alert of hers, of which the nurse was sent a notice."""
    clinic.answers(anna, JAUND=2)
    with clinic.database.reading() as session:
        return session.exec(select(Delivery).where(Delivery.kind == "staff_notice")).one().id


@pytest.mark.parametrize(
    ("how", "named"),
    [
        ({"state": "dead"}, True),
        ({"state": "expired"}, True),
        ({"state": "due", "attempts": 3}, True),
        ({"state": "due", "attempts": 2}, False),
        ({"state": "sent", "attempts": 3}, False),
    ],
    ids=["given up", "too late", "failed three times", "failed twice", "arrived"],
)
def test_a_nurse_is_named_whom_a_notice_does_not_reach(clinic, notice, how, named):
    ended(clinic, **how)
    assert bar(clinic).lost_notices == (("Els",) if named else ())


def test_she_is_named_while_the_alert_is_open_and_she_works_here(clinic, anna, notice):
    ended(clinic, state="dead")
    clinic.acknowledges(anna)
    assert bar(clinic).lost_notices == ("Els",)
    ria = clinic.employs("ria", Role.NURSE, phone=MOBILE)
    with clinic.database.writing() as session:
        session.get_one(Staff, clinic.els.id).active = False
        session.commit()
    assert bar(clinic).lost_notices == ()
    with clinic.database.writing() as session:
        session.get_one(Staff, clinic.els.id).active = True
        session.commit()
    clinic.resolves(anna, Resolution.ADMISSION, by=ria)
    assert bar(clinic).lost_notices == ()


def test_a_notice_of_more_than_a_week_ago_names_nobody(clinic, notice):
    ended(clinic, state="dead")
    clinic.now += timedelta(days=7)
    assert bar(clinic).lost_notices == ()
