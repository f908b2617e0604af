"""The patients of a site are sent so many texts on one day and no more, whatever asks for them;
notices to staff are never held (T-17)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from proms import clock
from proms.actions.asked_messages import send_link
from proms.actions.audit import staff_actor
from proms.actions.confirmation import send_test
from proms.actions.letters import Post
from proms.actions.refusals import Unfit
from proms.actions.site_texts import follow_limit
from proms.channels import Refused
from proms.db.queries.red_bar import red_bar
from proms.db.queries.watch import watched
from proms.db.tables import Delivery, MessageDecision, Patient, SiteTexts
from proms.domain.person import ContactKind, Role
from proms.domain.reminder import OutboxLimits
from proms.domain.watch import Watch, troubles
from proms.jobs.ticks import run_all
from tests.clinic import KEYRING, At
from tests.desk import Desk, stranger
from tests.phone import website
from tests.two_ways import Line

IN_RED = "Het maximum aantal sms’en aan patiënten van vandaag is bereikt."


@pytest.fixture
def app(clinic, database_url):
    with website(database_url) as running:
        yield running


class Worker:
    """A worker that sends the patients of a site so many texts a day; what left by phone."""

    def __init__(self, clinic, most):
        self.clinic, self.limits = clinic, OutboxLimits(texts_a_day=most)
        self.phone, self.mail = Line(clinic), Line(clinic)

    def at(self, day, hour, minute=0):
        """At a moment of January by the clock of the site; how many texts left."""
        self.clinic.now = self.clinic.now.replace(day=day, hour=hour - 1, minute=minute)
        return self.works()

    def works(self):
        before = self.texts
        channels = {ContactKind.SMS: self.phone, ContactKind.EMAIL: self.mail}
        post = Post(channels, KEYRING, "https://proms.example.org", limits=self.limits)
        clinic = self.clinic
        tools = At(clinic.database, clinic.look, post, clinic.protocol, False, clinic.seen)
        run_all(replace(tools, at=clinic.now))
        return self.texts - before

    @property
    def texts(self):
        return len(self.phone.left)


@pytest.fixture
def ward(clinic):
    """Seven patients with a mobile number and one with e-mail, all with a message at nine; so many
    texts a day as they number less two."""
    clinic.today("2026-01-05", "08:30")
    for number in range(7):
        clinic.enrols(f"Anna {number}", address=f"020 12 34 9{number:02}")
    clinic.enrols("Bert", contact_kind=ContactKind.EMAIL, address="bert@example.org")
    return Worker(clinic, 5)


def asks(clinic, patient):
    with clinic.database.writing() as session:
        held = session.get_one(Patient, patient.id)
        return send_link(session, patient=held, by=staff_actor(clinic.els), now=clinic.now)


def rows(clinic):
    with clinic.database.reading() as session:
        return list(session.exec(select(Delivery).order_by(col(Delivery.id))))


def reasons(clinic):
    with clinic.database.reading() as session:
        return [row.reason for row in session.exec(select(MessageDecision)) if row.reason]


def bar(clinic):
    with clinic.database.reading() as session:
        return red_bar(session, KEYRING, clinic.site.id, now=clinic.now, real_now=clock.now())


def what_is_wrong(clinic):
    with clinic.database.reading() as session:
        seen = watched(session, now=clinic.now)
    return (
        seen.texts_full,
        seen.texts_held,
        Watch.TEXTS in troubles(seen, now=clinic.now, real_now=clock.now()),
    )


def test_what_is_above_the_number_waits_for_the_next_morning_and_e_mail_does_not(clinic, ward):
    assert ward.at(5, 9) == 5
    assert [to for to, _ in ward.mail.left] == ["bert@example.org"]
    waiting = [row for row in rows(clinic) if row.state == "due"]
    assert [(row.error, row.due_at) for row in waiting] == [
        ("site_cap", clinic.now + timedelta(days=1))
    ] * 2
    assert ward.at(5, 20, 59) == 0
    assert ward.at(6, 8, 30) == 0
    # Of the five, five; the two of yesterday are first, and nobody is sent two.
    assert ward.at(6, 9) == 5
    addresses = [to for to, at in ward.phone.left if at.startswith("06")]
    assert {row.counted_on.day for row in rows(clinic) if row.counted_on} == {5, 6}
    assert len(set(addresses)) == 5


def test_everybody_at_the_site_and_the_watch_see_it_until_the_day_is_over(clinic, app, ward):
    assert what_is_wrong(clinic) == (0, 0, False)
    ward.at(5, 9)
    assert bar(clinic).texts_held == 2
    assert bar(clinic).texts_full_since == clinic.now
    assert what_is_wrong(clinic) == (1, 2, True)
    page = Desk(app, clinic, clinic.els).opens("/staff/messages").text
    assert f"{IN_RED} 2 berichten wachten tot morgen." in page
    assert "het maximum aantal sms’en van dit ziekenhuis voor die dag was bereikt" in page
    ward.at(5, 23, 59)
    assert bar(clinic).texts_held == 2
    ward.clinic.now += timedelta(minutes=1)
    assert bar(clinic).texts_held == 0
    assert what_is_wrong(clinic) == (0, 0, False)


def test_once_the_day_is_full_a_decision_is_held_with_the_reason_and_made_up_for(clinic, ward):
    ward.at(5, 9)
    late = clinic.enrols("Carla", address="020 12 34 999")
    assert ward.at(5, 11) == 0
    assert reasons(clinic).count("site_cap") == 2  # of her two packs
    assert what_is_wrong(clinic) == (1, 3, True)
    ward.limits = OutboxLimits()
    ward.at(6, 9)
    with clinic.database.reading() as session:
        of_hers = select(Delivery).where(Delivery.patient_id == late.id)
        assert session.exec(of_hers).one().state == "sent"


def test_a_link_or_a_test_message_that_cannot_leave_is_refused_in_a_sentence(clinic, app, ward):
    ward.at(5, 9)
    with clinic.database.reading() as session:
        anna, *_, bert = session.exec(select(Patient).order_by(col(Patient.id))).all()
    with pytest.raises(Unfit, match="maximum number of text messages of this hospital"):
        asks(clinic, anna)
    by = staff_actor(clinic.mo)
    with clinic.database.writing() as session:
        held = session.get_one(Patient, anna.id)
        with pytest.raises(Unfit):
            send_test(session, patient=held, by=by, now=clinic.now)
    asks(clinic, bert)  # by e-mail
    els = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}")
    els.presses("Stuur de link opnieuw")
    assert "Niet verstuurd: het maximum aantal sms’en van vandaag is bereikt" in els.text


def test_what_would_be_of_no_use_tomorrow_is_over_and_shown(clinic, app, ward):
    with clinic.database.reading() as session:
        anna = session.exec(select(Patient).order_by(col(Patient.id).desc())).all()[-1]
    ward.limits = OutboxLimits(texts_a_day=1)
    asks(clinic, anna)
    clinic.now += timedelta(minutes=2)
    asks(clinic, anna)  # before anybody knows that there is room for one
    ward.works()
    ended = [(row.state, row.error) for row in rows(clinic)]
    assert ended == [("sent", None), ("expired", "site_cap")]
    page = Desk(app, clinic, clinic.els).opens("/staff/messages").text
    assert "het maximum aantal sms’en van dit ziekenhuis voor die dag was bereikt" in page


def test_an_urgent_notice_leaves_whatever_the_patients_were_sent(clinic, ward):
    ward.at(5, 9)
    with clinic.database.reading() as session:
        anna = session.exec(select(Patient).order_by(col(Patient.id))).first()
    clinic.answers(anna, JAUND=2)
    ward.works()
    notices = [row.state for row in rows(clinic) if row.staff_id]
    assert notices == ["sent"]


def test_one_hospital_uses_up_nothing_of_another(clinic, ward):
    ward.at(5, 9)
    clinic.mo = stranger(clinic, Role.COORDINATOR)
    clinic.enrols("Dora", address="030 12 34 999")
    assert ward.at(5, 11) == 1


def test_a_try_that_fails_and_one_that_is_given_back_are_counted_once(clinic, ward):
    ward.phone.outcome = None
    busy = ward.phone.send
    tries = []

    def refuses_first(address, text, *, ref, subject, **mail):
        tries.append(address)
        if len(tries) <= 4:
            return Refused("20429", for_good=False)
        return busy(address, text, ref=ref, subject=subject, **mail)

    ward.phone.send = refuses_first
    ward.at(5, 9)
    for _ in range(6):
        clinic.now += timedelta(minutes=16)
        ward.works()
    with clinic.database.reading() as session:
        assert session.get_one(SiteTexts, clinic.site.id).texts == 5
    assert ward.texts == 5


def test_a_higher_number_goes_on_with_the_day(clinic, ward):
    ward.at(5, 9)
    carla = clinic.enrols("Carla", address="020 12 34 999")
    with clinic.database.writing() as session:
        follow_limit(session, 5, now=clinic.now)
    with pytest.raises(Unfit):
        asks(clinic, carla)
    ward.limits = OutboxLimits(texts_a_day=100)
    with clinic.database.writing() as session:
        follow_limit(session, 100, now=clinic.now)
    asks(clinic, carla)
    ward.works()
    assert [row.state for row in rows(clinic) if row.kind == "link"] == ["sent"]


@pytest.mark.parametrize(
    ("asked", "most"), [(100, 20), pytest.param(1000, 50, marks=pytest.mark.nightly)]
)
def test_t17_of_a_thousand_forged_requests_for_a_link_none_leaves_above_the_number(
    clinic, app, asked, most
):
    clinic.today("2026-01-05", "10:00")
    patients = [clinic.enrols(f"Anna {n}", address=f"0201234{n:03}") for n in range(asked // 10)]
    worker = Worker(clinic, most)
    nobody = Desk(app, clinic)
    for patient in patients[:10]:  # without a log-in
        nobody.client.post(f"/staff/patients/{patient.code}/link")
    assert [row for row in rows(clinic) if row.kind == "link"] == []
    for _ in range(10):  # and by somebody who has one, each as fast as a press counts
        clinic.now += timedelta(minutes=1, seconds=1)
        for patient in patients:
            try:
                asks(clinic, patient)
            except Unfit:
                continue
        worker.works()
    assert worker.texts == most
    els = Desk(app, clinic, clinic.els).opens("/staff/")
    assert IN_RED in els.text
