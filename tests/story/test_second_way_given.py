"""A second way is given, replaced and ended; the site sees that it is used; STOP ends messages by
every way."""

import pytest
from sqlmodel import col, select

from proms.actions.refusals import ChannelPaused, Unfit
from proms.channels import Refused
from proms.db.tables import AuditEntry, Contact
from proms.domain.person import ContactKind
from proms.domain.reminder.reports import Said
from tests.clinic import instant
from tests.desk import Desk
from tests.two_ways import (
    NOBODYS,
    Line,
    Worker,
    asks_for_link,
    corrects,
    ends,
    enrolled,
    gives,
    held,
    reports,
    rows,
    texts,
)


@pytest.fixture
def anna(clinic):
    return enrolled(clinic)


@pytest.fixture
def post(clinic):
    return Worker(clinic, Line(clinic), Line(clinic))


def test_the_site_still_sees_that_the_number_does_not_work_and_that_email_is_used(
    clinic, anna, post, app
):
    post.sms.outcome = NOBODYS
    for day in (5, 6):
        post.at(day, "09:00")
    desk = Desk(app, clinic, clinic.els)
    said = desk.opens("/staff/").text
    assert f"{anna.code} , sms: berichten komen er niet aan (sinds " in said
    assert "Berichten gaan zolang per e-mail." in said
    page = desk.opens(f"/staff/patients/{anna.code}").text
    assert "Sms: kon niet worden verstuurd (21211), 9.00 uur" in page
    assert "In plaats daarvan: e-mail: verstuurd, 9.00 uur" in page
    assert "Berichten gaan zolang per e-mail." in page
    assert "In plaats daarvan: e-mail: verstuurd" in desk.opens("/staff/messages").text


def test_who_wrote_stop_gets_nothing_by_any_way(clinic, anna, post):
    texts(clinic, "STOP")
    post.at(5, "09:00")
    assert (post.sms.left, post.email.left) == ([], [])
    assert held(clinic) == [(1, "channel_paused")]
    with pytest.raises(ChannelPaused):
        asks_for_link(clinic, anna)


def test_stop_that_twilio_tells_of_ends_the_email_too(clinic, anna, post):
    post.sms.outcome = Refused("21610", for_good=True)
    for day in (5, 6):
        post.at(day, "09:00")
    assert post.email.left == []


def test_stop_while_the_email_waits_for_the_morning_is_obeyed(clinic, anna, post):
    post.at(5, "09:00")
    clinic.now = instant("2026-01-05", "22:00")
    reports(clinic, Said.UNDELIVERED)
    texts(clinic, "STOP")
    post.at(6, "09:00")
    assert post.email.left == []


def test_stop_written_from_the_second_number_holds_and_outlives_it(clinic, anna, post):
    corrects(clinic, anna, "bakker@example.org", ContactKind.EMAIL)
    gives(clinic, anna, "020 12 34 888", ContactKind.SMS)
    texts(clinic, "STOP", "+31201234888")
    post.at(5, "09:00")
    ends(clinic, anna)
    post.at(6, "09:00")
    assert (post.sms.left, post.email.left) == ([], [])


def test_a_second_way_given_after_the_number_failed_makes_up_for_what_was_lost(clinic, anna, post):
    ends(clinic, anna)
    post.sms.outcome = NOBODYS
    for day in (5, 6, 7):
        post.at(day, "09:00")
    assert post.email.left == []
    clinic.now = instant("2026-01-07", "10:00")
    gives(clinic, anna)
    post.at(7, "10:00")
    assert len(post.email.left) == 1


def test_another_first_way_of_the_same_kind_replaces_the_second_and_owes_nothing_twice(
    clinic, anna, post
):
    post.at(5, "09:00")
    clinic.now = instant("2026-01-05", "22:00")
    reports(clinic, Said.UNDELIVERED)
    corrects(clinic, anna, "bakker@example.org", ContactKind.EMAIL)
    post.at(6, "09:00")
    assert [address for address, _ in post.email.left] == ["bakker@example.org"]
    with clinic.database.reading() as session:
        in_use = [contact for contact in session.exec(select(Contact)) if contact.in_use]
        assert [(contact.kind, contact.second) for contact in in_use] == [("email", False)]
        changed = select(AuditEntry).where(AuditEntry.verb == "contact.changed")
        assert session.exec(changed).one().detail["replaces_second"] is True


def test_another_number_keeps_the_second_way_and_what_waits_for_it(clinic, anna, post):
    post.at(5, "09:00")
    clinic.now = instant("2026-01-05", "22:00")
    reports(clinic, Said.UNDELIVERED)
    corrects(clinic, anna)
    post.at(6, "09:00")
    assert len(post.email.left) == 1
    post.at(7, "09:00")
    assert post.sms.left[-1][0] == "+31201234888"


@pytest.mark.parametrize(
    ("kind", "served"),
    [
        (ContactKind.SMS, tuple(ContactKind)),
        (ContactKind.EMAIL, (ContactKind.SMS,)),
    ],
)
def test_a_second_way_of_the_first_kind_or_of_one_that_is_not_sent_to_is_refused(
    clinic, anna, kind, served
):
    with pytest.raises(Unfit):
        gives(clinic, anna, "020 12 34 777", kind, served)


def test_a_coordinator_gives_and_ends_a_second_way_on_its_page(clinic, anna, app):
    desk = Desk(app, clinic, clinic.mo)
    ends(clinic, anna)
    desk.opens(f"/staff/patients/{anna.code}").follows("Tweede weg opgeven")
    desk.presses("Opslaan", address="no address", consented_on="2026-01-05")
    assert desk.status == 422
    assert "Dit e-mailadres klopt niet" in desk.text
    assert desk.holds("address") == "no address"
    desk.switches("en", address="no address at all")
    assert desk.holds("address") == "no address at all"
    desk.switches("nl")
    desk.presses("Opslaan", address="bakker@example.org", consented_on="2026-01-05")
    assert "Als dat niet aankomt E-mail, niet bevestigd" in desk.text
    desk.follows("Tweede weg wijzigen").follows("Stuur nu een proefbericht")
    desk.presses("Nu sturen")
    assert [(row.channel, row.kind) for row in rows(clinic)] == [("email", "confirmation")]
    desk.opens(f"/staff/patients/{anna.code}/second-way").presses("Alleen de eerste weg")
    assert "geen tweede weg bekend" in desk.text
    with clinic.database.reading() as session:
        verbs = select(AuditEntry.verb).where(col(AuditEntry.verb).startswith("contact.second"))
        assert list(session.exec(verbs.order_by(col(AuditEntry.id)))) == [
            "contact.second_given",
            "contact.second_ended",
            "contact.second_given",
            "contact.second_ended",
        ]
