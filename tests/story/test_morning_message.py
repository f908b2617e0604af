"""What is amber is one message in the morning: to whom, by which channel, and not at night."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import col, select

from proms.actions.digests import send_digests
from proms.db.tables import Delivery, SiteDigest, Staff
from proms.domain.person import Role
from tests.desk import Desk, stranger
from tests.on_duty import NAMES, ON_CALL, ROSTER, becomes_coordinator, follows, moves


@pytest.fixture
def ward(clinic):
    """The clinic with a second nurse, and a doctor on call, who has a nurse's account."""
    for number, login in enumerate(("ria", "dee"), 1):
        clinic.employs(login, Role.NURSE, phone=list(NAMES)[number])
    return clinic


@pytest.mark.parametrize(
    ("left", "told"), [(("els",), ["ria"]), (("els", "ria"), ["dee"])], ids=["deputy", "nobody"]
)
def test_the_morning_message_goes_to_who_may_act(ward, left, told):
    ward.today("2027-03-25", "06:00")
    follows(ward, ON_CALL)
    ward.today("2027-03-25", "10:00")
    ward.answers(ward.enrols(), DIAR=2)
    for login in left:
        becomes_coordinator(ward, login)
    assert moves(ward, "2027-03-26T08:00+01:00") == told


def test_where_nobody_on_duty_may_act_every_nurse_of_this_site_reads_it_and_no_other(ward):
    ward.today("2027-03-25", "06:00")
    follows(ward, ON_CALL)
    ward.today("2027-03-25", "10:00")
    ward.answers(ward.enrols(), DIAR=2)
    for login in ("els", "ria"):
        becomes_coordinator(ward, login)
    far = stranger(ward, Role.NURSE)
    gone = ward.employs("gone", Role.NURSE, phone="+49 171 39200 04")
    with ward.database.writing() as session:
        session.get_one(Staff, gone.id).active = False
        session.commit()
    assert moves(ward, "2027-03-26T08:00+01:00") == ["dee"]
    with ward.database.reading() as session:
        told = session.exec(select(Delivery.staff_id).where(Delivery.kind == "digest")).all()
    assert not {far.id, gone.id} & set(told)


@pytest.mark.parametrize(
    ("served", "phone", "email", "channel"),
    [
        ({"sms", "email"}, True, True, "sms"),
        ({"sms", "email"}, False, True, "email"),
        ({"email"}, True, True, "email"),
        ({"email"}, True, False, "sms"),  # it ends there, and the site is told that nothing is sent
        ({"sms"}, True, True, "sms"),
    ],
)
def test_the_morning_message_goes_by_a_channel_that_works(clinic, served, phone, email, channel):
    clinic.today("2027-03-25", "06:00")
    kim = clinic.employs(
        "ria",
        Role.NURSE,
        phone="+49 171 39200 02" if phone else None,
        email="ria@voorbeeld.nl" if email else None,
    )
    follows(clinic, ROSTER.replace("[els, ria]", "[ria]"))
    clinic.today("2027-03-25", "10:00")
    clinic.answers(clinic.enrols(), DIAR=2)
    morning = datetime.fromisoformat("2027-03-26T08:00+01:00").astimezone(UTC)
    with clinic.database.writing() as session:
        assert send_digests(session, now=morning, served=served) == 1
        owed = session.exec(select(Delivery).where(Delivery.kind == "digest")).one()
    assert (owed.staff_id, owed.channel) == (kim.id, channel)


def test_a_morning_message_that_could_not_leave_that_day_does_not_leave_at_night(ward):
    ward.today("2027-03-25", "06:00")
    follows(ward, ON_CALL)
    ward.today("2027-03-25", "10:00")
    ward.answers(ward.enrols(), DIAR=2)
    moves(ward, "2027-03-26T08:00+01:00")
    for at, told, state in (
        ("2027-03-26T19:59+01:00", ["els"], "sent"),
        ("2027-03-26T20:00+01:00", [], "expired"),
    ):
        with ward.database.writing() as session:
            row = session.exec(select(Delivery).where(Delivery.kind == "digest")).one()
            row.state, row.settled_at = "due", None  # the provider was away until now
            session.commit()
        assert moves(ward, at) == told
        with ward.database.reading() as session:
            row = session.exec(select(Delivery).where(Delivery.kind == "digest")).one()
        assert row.state == state


def test_what_is_amber_is_one_message_in_the_morning_and_overdue_after_a_working_day(ward, app):
    ward.today("2027-03-25", "06:00")
    follows(ward, ON_CALL)
    ward.today("2027-03-25", "10:00")
    for name in ("Anna", "Bert"):
        ward.answers(ward.enrols(name), DIAR=2)
    assert moves(ward, "2027-03-25T10:05+01:00") == []
    assert moves(ward, "2027-03-26T07:59+01:00") == []
    assert moves(ward, "2027-03-26T08:00+01:00") == ["els"]
    assert "Er wachten 2 personen op de werklijst." in ward.phone[-1][1]
    assert moves(ward, "2027-03-26T09:00+01:00") == []
    els = Desk(app, ward, ward.els)
    assert "over tijd" not in els.opens("/staff/").text
    moves(ward, "2027-03-26T16:01+01:00")
    els = Desk(app, ward, ward.els)
    assert "over tijd sinds vrijdag 26 maart, 16.00 uur" in els.opens("/staff/").text
    # Nobody is told on the weekend or on Easter Monday; the morning after everybody still waits.
    for day in ("2027-03-27", "2027-03-28", "2027-03-29"):
        assert moves(ward, f"{day}T09:00+02:00") == []
    assert moves(ward, "2027-03-30T08:00+02:00") == ["els"]
    with ward.database.reading() as session:
        days = session.exec(select(SiteDigest).order_by(col(SiteDigest.day))).all()
        sent = session.exec(select(Delivery).where(Delivery.kind == "digest")).all()
    assert [(each.day, each.patients) for each in days] == [
        (date(2027, 3, 25), 0),
        (date(2027, 3, 26), 2),
        (date(2027, 3, 30), 2),
    ]
    assert {each.state for each in sent} == {"sent"}
