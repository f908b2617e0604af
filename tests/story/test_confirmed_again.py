"""A number goes to somebody else after a while: it counts as hers for half a year after a code, or
answers through a message that was sent there (T-04)."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from alembic import command
from sqlmodel import col, select

from proms.content import load
from proms.db.migrate import configuration
from proms.db.tables import AuditEntry, Contact, Link, MessageDecision
from proms.domain.person import ContactKind
from proms.settings import HOME
from tests.clinic import KEYRING
from tests.desk import Desk
from tests.filling_in import begun, well
from tests.story.test_confirmed_numbers import codes, confirms, contact, sends
from tests.two_ways import gives, texts

ASKED_AGAIN = "nummer opnieuw bevestigen, sinds 7 jul 2026"
ON_HER_PAGE = "Dit nummer moet sinds 7 jul 2026 opnieuw worden bevestigd."
IN_RED = "Het nummer van 1 patiënt is niet op tijd opnieuw bevestigd."
GOES_ON = "Berichten gaan door"
AGAIN = re.compile("opnieuw(, sinds| bevesti|, met| worden)")


@pytest.fixture
def anna(clinic):
    """Randomised, with a number that she confirmed on the fifth of January: until 7 July."""
    clinic.today("2026-01-05", "10:46")
    patient = clinic.enrols("Anna Bakker")
    sends(clinic, patient)
    confirms(clinic, patient, codes(clinic)[-1])
    clinic.randomises(patient, "B", "2026-01-12")
    return patient


def answers(clinic, patient, link=True):
    """She fills in one list, come in by the last link that she was sent."""
    newest = select(Link.id).where(Link.patient_id == patient.id).order_by(col(Link.id).desc())
    with clinic.database.reading() as session:
        link_id = session.exec(newest).first() if link else None
    clinic.answers(patient, "eq-5d-5l", link_id=link_id)


def told(clinic, since):
    """The days on which a message with her link left, from one on."""
    with clinic.database.reading() as session:
        sent = session.exec(select(Link.created_at).order_by(col(Link.id)))
        days = [f"{at.date()}" for at in sent]
    return [day for day in days if day >= since]


def pages(app, clinic, patient):
    """What the site reads wherever it sees whose number is not confirmed."""
    mo = Desk(app, clinic, clinic.mo)
    own = f"/staff/patients/{patient.code}"
    addresses = ("/staff/patients", own, f"{own}/calendar", "/staff/", "/staff/messages")
    return [mo.opens(address).text for address in addresses]


def asks(app, clinic, patient):
    """Whether the site is asked anywhere to confirm a number again."""
    return [text for text in pages(app, clinic, patient) if AGAIN.search(text)]


def test_who_answers_through_her_messages_shows_that_the_number_is_still_hers(
    clinic, app, hand, anna
):
    clinic.today("2026-01-06", "09:00")
    sent_at = clinic.now
    clinic.today("2026-01-06", "11:30")
    well(begun(hand(), clinic)).taps("Verstuur mijn antwoorden")
    held = contact(clinic, anna)
    assert held.shown_at == sent_at  # what reached her is the message of that morning
    assert held.confirmed_how == "code"
    with clinic.database.reading() as session:
        sent = select(AuditEntry).where(AuditEntry.verb == "response.submitted")
        assert session.exec(sent).one().detail["shows"] == f"contact {held.id}"
    mo = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{anna.code}/confirmation")
    assert "Een bericht daarheen werd beantwoord, verstuurd" in mo.text


def test_who_answers_goes_on_getting_messages_and_nobody_is_asked_for_anything(clinic, app, anna):
    for day in ("2026-03-23", "2026-06-15", "2026-09-07"):
        clinic.today(day, "09:00")
        clinic.today(day, "18:00")
        answers(clinic, anna)
        assert not asks(app, clinic, anna)
    assert told(clinic, "2026-03")[-1] == "2026-09-07"
    clinic.today("2026-12-21", "09:00")
    assert told(clinic, "2026-12") == ["2026-12-21"]


def test_a_number_of_which_nothing_is_heard_for_half_a_year_is_a_task_and_messages_go_on(
    clinic, app, anna
):
    clinic.today("2026-07-07", "10:00")
    assert not asks(app, clinic, anna)
    clinic.today("2026-07-08", "10:00")
    listed, own, calendar, worklist, messages = pages(app, clinic, anna)
    assert ASKED_AGAIN in listed
    assert ON_HER_PAGE in own
    assert GOES_ON in own
    assert ON_HER_PAGE in calendar
    assert f"{anna.code} (sinds 7 jul 2026)" in worklist
    assert "opnieuw bevestigen, sinds 7 jul 2026" in messages
    assert IN_RED not in own
    clinic.today("2026-08-04", "12:00")  # four weeks later, and nobody did anything
    assert all(IN_RED in text for text in pages(app, clinic, anna))
    clinic.today("2026-09-07", "09:00")
    assert told(clinic, "2026-09") == ["2026-09-07"]
    sends(clinic, anna)
    confirms(clinic, anna, codes(clinic)[-1])
    assert not asks(app, clinic, anna)


def test_who_answers_late_after_all_has_shown_it_too(clinic, app, anna):
    clinic.today("2026-09-07", "09:00")
    assert ASKED_AGAIN in pages(app, clinic, anna)[0]
    answers(clinic, anna)
    assert not asks(app, clinic, anna)


@pytest.mark.parametrize("how", ["no_link", "other_number", "handed_over"])
def test_answers_that_came_otherwise_say_nothing_about_the_number(clinic, app, anna, how):
    clinic.today("2026-06-15", "09:00")
    clinic.today("2026-06-15", "12:00")
    if how == "other_number":
        with clinic.database.writing() as session:  # a link of hers that went somewhere else
            for link in session.exec(select(Link)):
                link.contact_id = None
            session.commit()
    if how == "handed_over":
        mo = Desk(app, clinic, clinic.mo).opens(f"/staff/patients/{anna.code}/tablet")
        mo.presses("Maak een code")
    before = contact(clinic, anna).shown_at
    answers(clinic, anna, link=how != "no_link")
    assert contact(clinic, anna).shown_at == before


def test_a_link_of_a_former_number_says_nothing_about_the_new_one(clinic, anna):
    clinic.today("2026-06-15", "09:00")
    clinic.corrects_contact(anna.id, "06 12 34 56 78")
    sends(clinic, anna)
    confirms(clinic, anna, codes(clinic)[-1])
    before = contact(clinic, anna).shown_at
    with clinic.database.writing() as session:
        former = select(Contact.id).where(~col(Contact.active))
        newest = session.exec(select(Link).order_by(col(Link.id).desc())).first()
        newest.contact_id = session.exec(former).one()
        newest.created_at = clinic.now + timedelta(hours=1)
        session.commit()
    answers(clinic, anna)
    assert contact(clinic, anna).shown_at == before


def test_answers_confirm_no_number_that_nobody_ever_confirmed(clinic, app):
    clinic.today("2026-01-05", "10:46")
    bert = clinic.enrols("Bert")
    clinic.randomises(bert, "B", "2026-01-12")
    clinic.today("2026-03-23", "09:00")
    answers(clinic, bert)
    assert contact(clinic, bert).shown_at is None
    assert "nooit bevestigd; toestemming op 5 jan 2026" in pages(app, clinic, bert)[-1]


def test_an_e_mail_address_goes_to_nobody_else_and_is_not_asked_about(clinic, app):
    clinic.today("2026-01-05", "10:46")
    bert = clinic.enrols("Bert", contact_kind=ContactKind.EMAIL, address="bert@example.org")
    sends(clinic, bert)
    confirms(clinic, bert, codes(clinic)[-1])
    clinic.randomises(bert, "B", "2026-01-12")
    clinic.today("2026-12-21", "09:00")
    assert not asks(app, clinic, bert)


def test_the_number_of_a_second_way_is_confirmed_again_by_itself(clinic, app):
    clinic.today("2026-01-05", "10:46")
    bert = clinic.enrols("Bert", contact_kind=ContactKind.EMAIL, address="bert@example.org")
    clinic.randomises(bert, "B", "2026-01-12")
    gives(clinic, bert, "06 12 34 56 78", ContactKind.SMS)
    for second in (False, True):
        sends(clinic, bert, second=second)
        confirms(clinic, bert, codes(clinic)[-1], second=second)
    clinic.today("2026-06-15", "09:00")
    answers(clinic, bert)  # by e-mail
    clinic.today("2026-07-08", "10:00")
    listed, own, *_, messages = pages(app, clinic, bert)
    assert "Het nummer van de tweede weg moet sinds 7 jul 2026 opnieuw worden bevestigd." in own
    assert "Sms, tweede weg" in messages


def test_who_is_asked_nothing_any_more_and_who_stands_still_anyway_are_no_such_task(
    clinic, app, anna
):
    clinic.today("2026-07-08", "10:00")
    assert asks(app, clinic, anna)
    texts(clinic, "STOP")  # she is to be called anyway
    assert not asks(app, clinic, anna)
    texts(clinic, "START")
    assert asks(app, clinic, anna)
    clinic.withdraws(anna, "2026-07-08")
    assert not asks(app, clinic, anna)


@pytest.fixture
def strict(clinic):
    """A trial whose protocol holds what goes to a number that nobody confirmed."""
    library = load(HOME, stand_ins=True)
    protocol = library.protocol("pump-it")
    held = replace(protocol, messages=replace(protocol.messages, hold_unconfirmed=True))
    library = replace(library, protocols={"pump-it": {1: held}})
    clinic.look = lambda: library
    return clinic


def reasons(clinic, since):
    with clinic.database.reading() as session:
        decided = select(MessageDecision).where(MessageDecision.kind == "reminder")
        return [
            row.reason
            for row in session.exec(decided.order_by(col(MessageDecision.id)))
            if row.decided_at.date() >= date.fromisoformat(since)
        ]


def test_a_trial_that_holds_gives_the_site_time_first_and_then_holds(strict, anna):
    strict.today("2026-06-15", "09:00")
    answers(strict, anna)  # counts until 15 December, and four weeks more
    strict.today("2026-12-21", "09:00")
    # She may still answer this one; of those before it, it is noted that she has.
    assert reasons(strict, "2026-12-21") == [None, "answered", "answered"]
    with strict.database.writing() as session:
        contact_of_hers = session.exec(select(Contact).where(Contact.active)).one()
        contact_of_hers.shown_at = strict.now.replace(month=5)
        session.commit()
    strict.today("2026-12-22", "09:00")
    assert reasons(strict, "2026-12-22") == ["unconfirmed"]
    strict.today("2026-12-22", "14:00")
    answers(strict, anna)  # by the message of the day before
    strict.works()
    assert told(strict, "2026-12-22") == ["2026-12-22"]  # what was held leaves at once


def test_at_the_upgrade_whoever_answered_of_late_is_not_asked_at_once(clinic, anna):
    bert = clinic.enrols("Bert")
    clinic.today("2026-03-23", "09:00")
    for patient in (anna, bert):
        clinic.answers(patient, "eq-5d-5l")
    engine = clinic.database.engine.execution_options(write=True)
    for move, to in ((command.downgrade, "0038"), (command.upgrade, "head")):
        with engine.begin() as connection:
            move(configuration(connection, KEYRING), to)
    assert contact(clinic, anna).shown_at == clinic.now
    assert contact(clinic, bert).shown_at is None  # nobody ever confirmed it
