"""A site's messages begin with the name by which its patients know it (A8, T-20)."""

import pytest
from click.testing import CliRunner
from sqlmodel import select

from proms.actions.letters import Post
from proms.channels import Accepted
from proms.cli import main
from proms.db.tables import AuditEntry, Site
from proms.domain.person import ContactKind, Role
from proms.jobs.ticks import run_all
from tests.clinic import KEYRING, At
from tests.desk import Desk, stranger
from tests.phone import website

LOOK = "Eerst de berichten bekijken"


@pytest.fixture
def app(clinic, database_url):
    with website(database_url) as running:
        yield running


@pytest.fixture
def ad(clinic, app):
    return Desk(app, clinic, clinic.ad).opens("/staff/sender")


def first_message(clinic):
    clinic.today("2026-01-05", "09:00")
    clinic.enrols()
    clinic.works()
    return clinic.phone[-1][1]


def audited(clinic):
    with clinic.database.reading() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.verb == "site.sender_changed"))
        return [entry.detail for entry in entries]


def test_a_site_that_chose_no_name_is_called_by_its_own_without_the_word_hospital(clinic):
    assert first_message(clinic).startswith("Voorbeeld: Uw vragen staan klaar.")


def test_every_message_begins_with_the_name_an_administrator_chose(clinic, ad):
    ad.presses("Opslaan", sender="  Team Zuid ")
    assert "Berichten beginnen vanaf nu met “Team Zuid”." in ad.text
    assert first_message(clinic).startswith("Team Zuid: Uw vragen staan klaar.")
    assert audited(clinic) == [{"before": "Voorbeeld", "sender": "Team Zuid"}]
    patient = clinic.enrols("Bert")
    clinic.answers(patient, JAUND=2)
    clinic.works()
    assert any(text.startswith("Team Zuid: Dringend:") for _, text in clinic.phone)  # to a nurse


def test_she_sees_each_message_with_its_length_before_she_saves(clinic, ad):
    assert "Voorbeeld: Uw vragen staan klaar." in ad.text
    ad.presses(LOOK, sender="Team Zuid")
    assert "Team Zuid: Uw vragen staan klaar. Invullen kan tot en met" in ad.text
    assert "Team Zuid: You can still answer your questions" in ad.text
    assert "Lengte: 132 van 160" in ad.text
    assert "Er is nog niets opgeslagen." in ad.text
    assert audited(clinic) == []
    assert ad.presses("Opslaan").text.count("Team Zuid") > 3


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "Vul dit veld in."),
        ("AB", "te kort om te herkennen"),
        ("Kankerinstituut", "“kankerinstituut” vertelt iedereen"),
        ("Team Patiënten", "ë maakt van één sms twee"),
        ("voorbeeld.nl", "internetadres"),
        ("Streekziekenhuis Voorbeeld", "Aantal tekens: hier hoogstens 22."),
        ("W" * 40, "langer dan 32 tekens"),
        ("Team\u200bZuid", "maakt van één sms twee"),
    ],
)
def test_a_name_that_cannot_stand_there_is_refused_and_stays_typed(clinic, ad, name, says):
    for button in (LOOK, "Opslaan"):
        ad.presses(button, sender=name)
        assert ad.status == 422
        assert says in ad.text
        assert ad.holds("sender") == name
    assert audited(clinic) == []


def test_the_name_that_stands_there_already_is_not_recorded_twice(clinic, ad):
    ad.presses("Opslaan", sender="Team Zuid").presses("Opslaan", sender="Team Zuid")
    assert ad.status == 422
    assert len(audited(clinic)) == 1


def test_one_hospital_changes_no_name_of_another(clinic, app):
    far = stranger(clinic, Role.ADMINISTRATOR)
    Desk(app, clinic, far).opens("/staff/sender").presses("Opslaan", sender="Elders")
    assert first_message(clinic).startswith("Voorbeeld: ")
    with clinic.database.reading() as session:
        assert session.exec(select(Site.sender).order_by(Site.id)).all() == [None, "Elders"]


@pytest.fixture
def command(installation, clinic):
    return lambda *words: CliRunner().invoke(main, ["site", "sender", "AMS", *words])


def test_the_operator_sees_and_changes_it_at_the_command_line(clinic, command):
    assert "nl 132 1 SMS  Voorbeeld: Uw vragen staan klaar." in command().output
    refused = command("Poli Lever")
    assert refused.exit_code != 0
    assert "“lever” tells everybody" in refused.output
    changed = command("Team Zuid")
    assert changed.exit_code == 0
    assert all(" 1 SMS  Team Zuid: " in line for line in changed.output.splitlines())
    assert first_message(clinic).startswith("Team Zuid: ")


def test_what_is_written_by_e_mail_has_a_page_in_her_language_and_what_is_texted_has_none(clinic):
    clinic.today("2026-01-05", "08:00")
    clinic.enrols("Bert", contact_kind=ContactKind.EMAIL, address="b@example.org", language="en")
    clinic.enrols("Anna")
    clinic.now = clinic.now.replace(hour=8)  # nine o'clock at the site
    sent = []

    class Kept:
        def send(self, address, text, *, ref, subject, **mail):
            sent.append((address, mail))
            return Accepted(ref)

    post = Post({kind: Kept() for kind in ContactKind}, KEYRING, "https://proms.example.org")
    run_all(
        At(clinic.database, clinic.look, post, clinic.protocol, False, clinic.seen, at=clinic.now)
    )
    by_address = dict(sent)
    assert by_address.pop("+31201234999") == {}
    (mail,) = by_address.values()
    assert '<html lang="en">' in mail["html"]
    assert "Voorbeeld: Your questions are ready." in mail["html"]
    assert mail["may_stop"]
