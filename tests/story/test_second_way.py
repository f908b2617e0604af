"""A patient may have a second way: what does not arrive by the first goes by the second, and she
never gets the same message twice."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from proms.db.queries.channel_pauses import paused_channels
from proms.db.queries.red_bar import red_bar
from proms.db.tables import AuditEntry, Contact
from proms.domain.person import ContactKind
from proms.domain.reminder.reports import Said
from tests.clinic import KEYRING, instant
from tests.two_ways import (
    ADDRESS,
    NOBODYS,
    Line,
    Worker,
    asks_for_link,
    ended,
    ends,
    enrolled,
    held,
    lost,
    reports,
    rows,
)


@pytest.fixture
def anna(clinic):
    return enrolled(clinic)


@pytest.fixture
def post(clinic):
    return Worker(clinic, Line(clinic), Line(clinic))


def test_a_number_that_is_nobodys_gets_her_the_same_message_by_email_at_once_and_once(
    clinic, anna, post
):
    post.sms.outcome = NOBODYS
    post.at(5, "09:00")
    assert post.email.left == [(ADDRESS, "05 08:00")]
    assert ended(clinic) == [("sms", "dead"), ("email", "sent")]
    for at in ("09:10", "12:00", "20:50"):
        post.at(5, at)
    assert post.email.left == [(ADDRESS, "05 08:00")]
    assert held(clinic) == [(1, None)]
    assert lost(clinic) == ()
    with clinic.database.reading() as session:
        said = session.exec(select(AuditEntry).where(AuditEntry.verb == "message.other_way")).one()
        assert said.detail == {"channel": "email"}


def test_who_gets_text_messages_that_arrive_gets_no_email(clinic, anna, post):
    for day in (5, 6, 7):
        post.at(day, "09:00")
        reports(clinic, Said.DELIVERED)
    assert len(post.sms.left) == 3
    assert post.email.left == []


def test_a_report_at_ten_in_the_evening_sends_the_email_the_next_morning_and_that_is_her_one(
    clinic, anna, post
):
    post.at(5, "09:00")
    clinic.now = instant("2026-01-05", "22:00")
    reports(clinic, Said.UNDELIVERED, code="30003")
    for at in ("22:00", "23:59"):
        post.at(5, at)
    for at in ("00:30", "07:59"):
        post.at(6, at)
    assert post.email.left == []
    post.at(6, "08:00")
    assert post.email.left == [(ADDRESS, "06 07:00")]
    post.at(6, "09:00")
    assert len(post.sms.left) == 1  # one a morning
    post.at(7, "09:00")
    assert len(post.sms.left) == 2


def test_a_report_that_comes_after_the_next_message_left_sends_nothing_more_that_day(
    clinic, anna, post
):
    post.at(5, "09:00")
    post.at(6, "09:00")
    reports(clinic, Said.DELIVERED)
    post.at(6, "11:00")
    reports(clinic, Said.UNDELIVERED, which=0)
    post.at(6, "11:01")
    assert post.email.left == []
    assert [(row.state, row.error) for row in rows(clinic)][-1] == ("cancelled", "superseded")


@pytest.mark.parametrize("first", [Said.DELIVERED, Said.UNDELIVERED])
def test_what_is_said_to_have_arrived_goes_by_no_other_way_whatever_else_is_said(
    clinic, anna, post, first
):
    post.at(5, "09:00")
    clinic.now = instant("2026-01-05", "22:00")
    for said in sorted((Said.DELIVERED, Said.UNDELIVERED), key=lambda said: said is not first):
        reports(clinic, said)
    post.at(6, "08:00")
    assert post.email.left == []


def test_reports_that_come_twice_owe_one_email(clinic, anna, post):
    post.at(5, "09:00")
    for said in (Said.UNDELIVERED, Said.FAILED, Said.UNDELIVERED):
        reports(clinic, said)
    post.at(5, "09:05")
    assert len(post.email.left) == 1
    assert [channel for channel, _ in ended(clinic)] == ["sms", "email"]


def test_where_the_second_way_is_dead_too_she_is_lost_and_both_are_paused_after_two(
    clinic, anna, post
):
    post.sms.outcome = post.email.outcome = NOBODYS
    post.at(5, "09:00")
    assert ended(clinic) == [("sms", "dead"), ("email", "dead")]
    assert lost(clinic) == (anna.code,)
    post.at(6, "09:00")
    post.at(7, "09:00")
    assert held(clinic) == [(1, None), (2, None), (3, "channel_paused")]
    with clinic.database.reading() as session:
        pauses = paused_channels(session, 1)
    assert [(pause.channel, pause.instead) for pause in pauses] == [("sms", None), ("email", None)]


def test_a_number_that_stands_still_sends_the_next_by_email_without_trying_it(clinic, anna, post):
    post.sms.outcome = NOBODYS
    for day in (5, 6, 7):
        post.at(day, "09:00")
    assert [channel for channel, _ in ended(clinic)] == ["sms", "email", "sms", "email", "email"]
    assert len(post.email.left) == 3
    assert held(clinic) == [(1, None), (2, None), (3, None)]
    asks_for_link(clinic, anna)
    post.at(7, "09:30")
    assert len(post.email.left) == 4


def test_what_was_owed_when_the_number_was_paused_goes_by_email(clinic, anna, post):
    post.at(5, "09:00")
    post.at(6, "09:00")
    reports(clinic, Said.UNDELIVERED, which=0)
    clinic.decides("2026-01-07", "09:00")
    reports(clinic, Said.UNDELIVERED, which=1)
    post.at(7, "09:01")
    assert [(address, at[:2]) for address, at in post.email.left] == [(ADDRESS, "07")]
    assert len(post.sms.left) == 2


def test_who_answered_before_the_email_left_gets_none(clinic, anna, post):
    post.at(5, "09:00")
    clinic.now = instant("2026-01-05", "22:00")
    reports(clinic, Said.UNDELIVERED)
    clinic.answers(anna)
    post.at(6, "09:00")
    assert post.email.left == []


def test_who_withdrew_or_paused_before_the_email_left_gets_none(clinic, anna, post):
    post.at(5, "09:00")
    clinic.now = instant("2026-01-05", "22:00")
    reports(clinic, Said.UNDELIVERED)
    clinic.pauses(anna.id, "2026-01-06")
    post.at(6, "09:00")
    assert post.email.left == []
    post.at(7, "09:00")  # the pause is over
    assert [at for _, at in post.sms.left] == ["05 08:00", "07 08:00"]
    clinic.withdraws(anna, "2026-01-07")
    reports(clinic, Said.UNDELIVERED)
    post.at(7, "10:00")
    assert post.email.left == []


def test_an_address_that_does_not_open_goes_by_the_other_and_is_still_to_be_entered(
    clinic, anna, post
):
    with clinic.database.writing() as session:
        first = session.exec(select(Contact).where(col(Contact.active))).one()
        first.address = first.address.replace("k1", "k0", 1)
        session.commit()
    for day in (5, 6):
        post.at(day, "09:00")
    assert len(post.email.left) == 2
    clinic.now += timedelta(days=2)
    with clinic.database.reading() as session:
        bar = red_bar(session, KEYRING, clinic.site.id, now=clinic.now, real_now=clinic.now)
    assert (bar.lost, bar.unreadable) == ((), (anna.code,))


def test_where_texts_are_no_longer_sent_the_email_is_used_and_nobody_is_unserved(
    clinic, anna, post
):
    post.sms = None
    post.at(5, "09:00")
    assert len(post.email.left) == 1
    with clinic.database.reading() as session:
        bar = red_bar(
            session,
            KEYRING,
            clinic.site.id,
            now=clinic.now,
            real_now=clinic.now,
            served=[ContactKind.EMAIL],
        )
    assert bar.unserved.patients == ()
    ends(clinic, anna)
    with clinic.database.reading() as session:
        bar = red_bar(
            session,
            KEYRING,
            clinic.site.id,
            now=clinic.now,
            real_now=clinic.now,
            served=[ContactKind.EMAIL],
        )
    assert bar.unserved.patients == (anna.code,)
