"""The administrator and the analyst over HTTP: who works here, and the data set with the arms
pooled."""

import csv
from io import StringIO

import pytest
from sqlmodel import select

from proms.db.queries.people import member, staff_with_login
from proms.db.tables import AuditEntry, Staff
from tests.desk import Desk
from tests.phone import website

RIA = {
    "name": "Ria de Vries",
    "login": "ria",
    "role": "nurse",
    "language": "nl",
    "phone": "+49 171 39200 09",
    "password": "a first password",
}


@pytest.fixture
def app(clinic, database_url):
    with website(database_url) as running:
        yield running


@pytest.fixture
def ad(clinic, app):
    return Desk(app, clinic, clinic.ad)


def test_an_administrator_adds_a_nurse_who_can_log_in_at_once(clinic, app, ad):
    ad.presses("Toevoegen", **RIA)
    assert "Ria de Vries kan nu inloggen." in ad.text
    with clinic.database.reading() as session:
        ria = staff_with_login(session, clinic.keyring, "Ria ")
        assert ria
        assert member(session, clinic.keyring, ria).phone == "+491713920009"
    desk = (
        Desk(app, clinic)
        .opens("/staff/login")
        .presses("Inloggen", login="ria", password=RIA["password"])
    )
    assert desk.path == "/staff/"


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"name": " "}, 422, "Vul dit veld in."),
        ({"password": "short"}, 422, "Een wachtwoord heeft minstens 12 tekens."),
        ({"login": "R"}, 422, "Een inlognaam heeft 2 tot 100 letters"),
        ({"login": "els"}, 409, "Deze inlognaam is al in gebruik."),
        ({"phone": "12"}, 422, "Dit telefoonnummer heeft te weinig of te veel cijfers."),
        ({"email": "nergens"}, 422, "Dit e-mailadres klopt niet."),
    ],
)
def test_a_person_who_cannot_be_added_comes_back_as_typed_but_for_the_password(
    ad, change, status, sentence
):
    ad.presses("Toevoegen", **RIA | change)
    assert ad.status == status
    assert sentence in ad.text
    assert ad.holds("role") == "nurse"
    assert ad.holds("password") == ""


def test_nobody_takes_away_her_own_access(clinic, ad):
    ad.sends(f"/staff/people/{clinic.ad.id}/deactivation")
    assert "U kunt uw eigen toegang of rol niet intrekken." in ad.text
    with clinic.database.reading() as session:
        assert session.get_one(Staff, clinic.ad.id).active


def test_the_administrator_reads_the_sites_settings_and_no_patients_name(clinic, ad):
    clinic.today("2026-01-05", "09:00")
    clinic.enrols("Anna Bakker")
    page = ad.opens("/staff/people").text
    assert "Ziekenhuis Voorbeeld" in page
    assert "020 123 4567" in page
    assert ad.opens("/staff/patients").status == 403
    assert "Bakker" not in ad.text


def test_the_analyst_sees_counts_by_study_moment_and_no_arm(clinic, app):
    clinic.today("2026-01-05")
    for name, arm in (("Anna", "A"), ("Ben", "B")):
        patient = clinic.enrols(name)
        clinic.answers(patient, "qlq-c30")
        clinic.randomises(patient, arm, "2026-01-05")
    desk = Desk(app, clinic, clinic.kim)
    assert desk.path == "/staff/data"
    assert "Armen samen." in desk.text
    assert "Beginmeting 2 2 0 100,0%" in desk.text
    assert "2 patiënten ingeschreven." in desk.text
    for telling in ("FUDR", "FOLFOX", "Pomp", "Systemisch", "Anna", "SURG"):
        assert telling not in desk.text


def test_an_event_that_only_one_arm_has_is_not_counted(clinic, app):
    clinic.today("2026-01-05")
    ben = clinic.enrols("Ben")
    clinic.randomises(ben, "B", "2026-01-05")
    clinic.operates(ben, "2026-01-05")
    clinic.today("2026-01-12")
    clinic.answers(ben)
    desk = Desk(app, clinic, clinic.kim)
    assert "vragenlijst telt hier niet mee: dat die gevraagd is, verraadt de arm." in desk.text


def test_the_analyst_takes_the_scores_and_the_codebook_away_and_that_is_on_record(clinic, app):
    clinic.today("2026-01-05")
    clinic.answers(clinic.enrols("Anna Bakker"), "qlq-c30")
    desk = Desk(app, clinic, clinic.kim).follows("Scores, CSV")
    rows = list(csv.DictReader(StringIO(desk.answer.text)))
    assert [row["moment"] for row in rows] == ["BASELINE"]
    assert "attachment" in desk.answer.headers["Content-Disposition"]
    assert "Bakker" not in desk.answer.text
    columns = [
        row["column"]
        for row in csv.DictReader(StringIO(desk.opens("/staff/data/codebook.csv").answer.text))
    ]
    assert columns == list(rows[0])
    with clinic.database.reading() as session:
        verbs = session.exec(select(AuditEntry.verb)).all()
    assert {"export.started", "export.finished"} <= set(verbs)
