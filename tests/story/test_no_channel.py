"""A kind of contact that this installation cannot send to is refused at entry; where it is there
already it holds up nobody else (A10)."""

from dataclasses import replace

import pytest
from click.testing import CliRunner
from sqlmodel import select

from proms import clock
from proms.actions.letters import Post
from proms.channels.inbox import Inbox
from proms.cli import main
from proms.db.queries.red_bar import red_bar
from proms.db.queries.unserved import count_unserved
from proms.db.tables import ChannelPause, Delivery
from proms.domain.person import ContactKind, Language, Role
from proms.jobs.ticks import run_all
from proms.settings import Mail, Twilio
from tests.caller import Callers
from tests.clinic import MOBILE, At
from tests.desk import Desk
from tests.phone import website

SMS, EMAIL = ContactKind.SMS, ContactKind.EMAIL
TWILIO = Twilio("AC0", "token", "proms")
MAIL = Mail("127.0.0.1", 587, None, None, "trial@example.org")
ADDRESSES = {EMAIL: "bert@example.org", SMS: "06 12345678"}
BERT = {"name": "Bert", "contact_kind": EMAIL, "address": "bert@example.org"}


@pytest.fixture
def app(clinic, database_url):
    with website(database_url) as running:
        yield running


@pytest.fixture
def serves(app, monkeypatch):
    """`serves(mail=MAIL)`: the installation has this provider and no other."""
    made = app.extensions["parts"]

    def name(**providers):
        settings = replace(made.settings, **providers)
        monkeypatch.setitem(app.extensions, "parts", replace(made, settings=settings))

    name.app = app
    return name


def works_with(clinic, *kinds):
    """The worker of an installation with these channels."""
    channels = {
        kind: Inbox(lambda to, text, ref: clinic.phone.append((to, text))) for kind in kinds
    }
    post = Post(channels, clinic.keyring, "https://proms.example.org")
    run_all(
        At(clinic.database, clinic.look, post, clinic.protocol, False, clinic.seen, at=clinic.now)
    )


def deliveries(clinic):
    with clinic.database.reading() as session:
        rows = session.exec(select(Delivery).order_by(Delivery.id))
        return [(row.channel, row.state, row.error) for row in rows]


def bar(clinic, *served):
    with clinic.database.reading() as session:
        return red_bar(
            session,
            clinic.keyring,
            clinic.site.id,
            now=clinic.now,
            real_now=clock.now(),
            served=served,
        )


def test_one_patient_without_a_channel_holds_up_nobody(clinic):
    clinic.today("2026-01-05", "08:00")
    clinic.enrols("Anna")
    clinic.enrols(**BERT)
    clinic.enrols("Carla", address="06 12 34 56 78")
    clinic.today("2026-01-05", "08:30")
    clinic.now = clinic.now.replace(hour=8)  # nine o'clock at the site
    works_with(clinic, SMS)
    works_with(clinic, SMS)
    assert sorted(deliveries(clinic)) == [
        ("email", "dead", "no_channel"),
        ("sms", "sent", None),
        ("sms", "sent", None),
    ]
    with clinic.database.reading() as session:
        assert session.exec(select(ChannelPause)).all() == []  # no fault of her address


def test_who_can_be_sent_nothing_stands_in_the_red_bar_from_the_start(clinic, app, serves):
    clinic.today("2026-01-05", "10:00")
    bert = clinic.enrols(**BERT)
    clinic.enrols("Anna")
    assert bar(clinic, SMS).unserved.patients == (bert.code,)
    assert bar(clinic, SMS).unserved.nurses == ()
    assert bar(clinic, EMAIL).unserved.nurses == ("Els",)
    assert not bar(clinic, SMS, EMAIL).unserved.patients
    serves(twilio=TWILIO)
    page = Desk(app, clinic, clinic.els).opens("/staff/patients").text
    assert "Deze patiënten kunnen geen bericht krijgen" in page
    clinic.withdraws(bert, "2026-01-05")
    assert bar(clinic, SMS).unserved.patients == ()


def test_the_worker_starts_all_the_same_and_says_how_many_there_are(clinic):
    clinic.today("2026-01-05", "10:00")
    clinic.enrols(**BERT)
    with clinic.database.reading() as session:
        assert count_unserved(session, {SMS}) == (1, 0)
        assert count_unserved(session, {EMAIL}) == (0, 1)
        assert count_unserved(session, {SMS, EMAIL}) == (0, 0)


def test_a_nurse_who_has_both_is_told_by_the_one_there_is_and_is_not_called_unreached(clinic):
    clinic.today("2026-01-05", "09:00")
    clinic.employs("nel", Role.NURSE, phone=MOBILE, email="nel@example.org")
    clinic.answers(clinic.enrols("Anna"), JAUND=2)
    works_with(clinic, EMAIL)
    urgent = [to for to, text in clinic.phone if "Dringend" in text]
    assert urgent == ["nel@example.org"]
    assert bar(clinic, EMAIL).lost_notices == ("Els",)  # she has a telephone alone


@pytest.mark.parametrize(
    ("provider", "kind", "says"),
    [
        ({"twilio": TWILIO}, EMAIL, "Hiervandaan gaan geen e-mails uit. Kies sms."),
        ({"mail": MAIL}, SMS, "Hiervandaan gaan geen sms’en uit. Kies e-mail."),
    ],
)
def test_at_enrolment_and_for_another_address_the_page_says_so(
    clinic, serves, provider, kind, says
):
    clinic.today("2026-01-05", "10:00")
    anna = clinic.enrols("Anna")
    serves(**provider)
    typed = {"contact_kind": kind, "address": ADDRESSES[kind]}
    mo = Desk(serves.app, clinic, clinic.mo).opens("/staff/patients/new")
    who = {
        "name": "Bert",
        "hospital_number": "42",
        "birth_year": "1961",
        "sex": "male",
        "language": "nl",
    }
    mo.presses("Inschrijven", **who, **typed)
    assert mo.status == 422
    assert says in mo.text
    mo.opens(f"/staff/patients/{anna.code}")
    mo.presses("Opslaan", consented_on="2026-01-05", **typed)
    assert mo.status == 422
    assert says in mo.text


def test_the_api_says_so_too(clinic, app, serves):
    clinic.today("2026-01-05", "10:00")
    serves(twilio=TWILIO)
    body = {
        "name": "Bert",
        "hospital_number": "42",
        "birth_year": 1961,
        "sex": "male",
        "language": "nl",
        "consent": "2026-01-05",
        "contact_kind": "email",
        "address": "bert@example.org",
    }
    answer = Callers(app, clinic).staff(clinic.mo).post("/patients", body)
    assert answer.status_code == 422
    assert "No e-mail is sent from here. Choose a text message." in answer.text


def test_a_nurse_whom_nothing_could_be_sent_to_is_refused(clinic, app, serves):
    clinic.today("2026-01-05", "10:00")
    serves(twilio=TWILIO)
    ad = Desk(app, clinic, clinic.ad).opens("/staff/people")
    nel = {"name": "Nel", "login": "nel", "role": Role.NURSE, "language": Language.NL}
    ad.presses("Toevoegen", **nel, password="a first password", email="nel@example.org")
    assert ad.status == 422
    assert "een verpleegkundige heeft een mobiel nummer nodig" in ad.text


def test_the_command_line_says_so_too(installation, clinic):
    words = ("staff", "add", "nel", "--site", "AMS", "--name", "Nel", "--role", "nurse")
    words += ("--phone", "0612345678", "--password", "a first password")
    refused = CliRunner().invoke(main, words)
    assert refused.exit_code != 0
    assert "No text messages are sent from here: a nurse needs an e-mail address." in refused.output
