"""A patient may have a second way: what does not arrive by the first goes by the second, and she
never gets the same message twice."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from proms.actions.asked_messages import send_link
from proms.actions.audit import staff_actor
from proms.actions.callbacks import note_report
from proms.actions.enrolment import change_contact
from proms.actions.inbound import Inbound, take_text
from proms.actions.letters import Post
from proms.actions.refusals import ChannelPaused, Unfit
from proms.actions.second_ways import end_second_way, give_second_way
from proms.channels import Accepted, Refused
from proms.db.queries.channel_pauses import paused_channels
from proms.db.queries.red_bar import red_bar
from proms.db.tables import AuditEntry, Contact, Delivery, MessageDecision, Patient
from proms.domain.person import ContactKind
from proms.domain.reminder import OutboxLimits
from proms.domain.reminder.reports import Report, Said
from proms.jobs.ticks import run_all
from tests.clinic import KEYRING, At, instant
from tests.desk import Desk
from tests.phone import website

NOBODYS = Refused("21211", for_good=True)
NUMBER, ADDRESS = "+31201234999", "anna@example.org"


@dataclass
class Line:
    """A channel that says the same of every message, and what left by it: to whom and when."""

    clinic: object
    outcome: object = None
    left: list[tuple[str, str]] = field(default_factory=list)

    def send(self, address, text, *, ref, subject, **_mail):
        if self.outcome is None and "/q/" in text:
            self.left.append((address, f"{self.clinic.now:%d %H:%M}"))
        return self.outcome or Accepted(f"{address} {ref}")


@dataclass
class Worker:
    """A clinic with both channels, and a worker that comes by when it is told to."""

    clinic: object
    sms: Line
    email: Line

    def at(self, day, at):
        """The worker at a moment of January."""
        self.clinic.now = instant(f"2026-01-{day:02}", at)
        self.works()

    def works(self):
        channels = {ContactKind.SMS: self.sms, ContactKind.EMAIL: self.email}
        post = Post(
            {kind: line for kind, line in channels.items() if line},
            KEYRING,
            "https://proms.example.org",
        )
        clinic = self.clinic
        run_all(
            At(clinic.database, clinic.look, post, "pump-it", False, clinic.seen, at=clinic.now)
        )


@pytest.fixture
def anna(clinic):
    """One message a morning: her questionnaires are answered, her check is not."""
    clinic.now = instant("2026-01-05", "08:30")
    patient = clinic.enrols("Anna Bakker")
    clinic.works()
    for questionnaire in ("qlq-c30", "qlq-lmc21", "eq-5d-5l"):
        clinic.answers(patient, questionnaire)
    gives(clinic, patient)
    return patient


@pytest.fixture
def post(clinic):
    return Worker(clinic, Line(clinic), Line(clinic))


@pytest.fixture
def app(clinic, database_url):
    with website(database_url) as running:
        yield running


def gives(clinic, patient, address=ADDRESS, kind=ContactKind.EMAIL, served=tuple(ContactKind)):
    with clinic.database.writing() as session:
        give_second_way(
            session,
            clinic.library,
            KEYRING,
            patient=session.get_one(Patient, patient.id),
            kind=kind,
            address=address,
            use_anyway=True,
            consented_on=date(2026, 1, 5),
            by=staff_actor(clinic.mo),
            now=clinic.now,
            served=served,
        )


def ends(clinic, patient):
    with clinic.database.writing() as session:
        held = session.get_one(Patient, patient.id)
        end_second_way(session, patient=held, by=staff_actor(clinic.mo), now=clinic.now)


def corrects(clinic, patient, address="020 12 34 888", kind=ContactKind.SMS):
    with clinic.database.writing() as session:
        change_contact(
            session,
            clinic.library,
            KEYRING,
            patient=session.get_one(Patient, patient.id),
            kind=kind,
            address=address,
            use_anyway=True,
            consented_on=date(2026, 1, 5),
            by=staff_actor(clinic.mo),
            now=clinic.now,
        )


def asks_for_link(clinic, patient):
    with clinic.database.writing() as session:
        held = session.get_one(Patient, patient.id)
        send_link(session, patient=held, by=staff_actor(clinic.els), now=clinic.now)


def texts(clinic, words, number=NUMBER):
    with clinic.database.writing() as session:
        text = Inbound(f"SM{words}", number, words)
        take_text(session, clinic.library, KEYRING, text, limits=OutboxLimits(), now=clinic.now)


def rows(clinic):
    """Every message to a patient: by which channel, how it ended."""
    with clinic.database.reading() as session:
        return list(
            session.exec(
                select(Delivery)
                .where(col(Delivery.patient_id).is_not(None))
                .order_by(col(Delivery.id))
            )
        )


def ended(clinic):
    return [(row.channel, row.state) for row in rows(clinic)]


def reports(clinic, said, which=-1, code=None):
    """What Twilio says of one of the texts that left."""
    row = [each for each in rows(clinic) if each.channel == "sms"][which]
    with clinic.database.writing() as session:
        note_report(
            session,
            row.id,
            Report(row.sid, said, code),
            channel="sms",
            limits=OutboxLimits(),
            now=clinic.now,
        )


def held(clinic):
    with clinic.database.reading() as session:
        wanted = select(MessageDecision).where(MessageDecision.event == "HSC-BASE")
        found = session.exec(wanted.order_by(col(MessageDecision.id)))
        return [(row.step, row.reason) for row in found]


def lost(clinic):
    with clinic.database.reading() as session:
        return red_bar(session, KEYRING, clinic.site.id, now=clinic.now, real_now=clinic.now).lost


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
