"""Another trial, with other components and milestones and no pump: plan, pages and export run on
its content alone, so that nothing outside content knows one trial by name."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import col, select

from proms.actions.access import make_link
from proms.actions.audit import OPERATOR
from proms.actions.exports import export_scores
from proms.content import Library, load
from proms.db.session import connect
from proms.db.tables import AuditEntry, Link, Patient
from proms.domain.export import codebook
from proms.domain.person import PatientStatus
from proms.domain.schedule.history_entry import MilestoneRecorded
from proms.factory import create_app
from proms.settings import Settings
from tests.clinic import KEYRING, Clinic
from tests.desk import Desk
from tests.phone import HOME, Phone

CONTENT = Path(__file__).parents[1] / "second_trial"
# What only the trial that ships speaks of, in either language.
OF_ANOTHER_TRIAL = re.compile(
    r"pump|pomp|\bHSC|\bQOL|fudr|floxuridin|folfox|lever|liver", re.IGNORECASE
)


@pytest.fixture(scope="module")
def trial() -> Library:
    return load(CONTENT)


@pytest.fixture
def clinic(database_url: str, trial: Library) -> Iterator[Clinic]:
    database = connect(database_url)
    yield Clinic(database, trial, "brace")
    database.engine.dispose()


@pytest.fixture
def app(clinic: Clinic, database_url: str, trial: Library) -> Iterator[Flask]:
    settings = Settings(database_url, KEYRING.secret, KEYRING.keys, public_url=HOME)
    running = create_app(replace(settings, protocol="brace", content=CONTENT), trial)
    yield running
    running.extensions["parts"].database.engine.dispose()


@pytest.fixture
def bea(clinic: Clinic) -> Patient:
    """In the arm with a brace, which was fitted, and with a first cycle of tablets."""
    clinic.today("2026-03-02")
    patient = clinic.enrols("Bea")
    clinic.randomises(patient, "S", "2026-03-02")
    clinic.records(patient, MilestoneRecorded("brace_fitted", date(2026, 3, 2)))
    clinic.chooses(patient, "tablets", "weekly")
    clinic.gives_cycle(patient, "tablets", 1, "2026-03-02")
    return patient


def test_its_plan_follows_its_own_milestones_and_cycles(clinic, bea):
    assert clinic.calendar(bea, "knee") == [
        ("KNEE-START", 1, "2026-03-02", "planned"),
        ("KNEE-BRACE", 1, "2026-03-04", "planned"),
        ("KNEE-TAB-D1", 2, "2026-03-09", "planned"),
    ]


def test_whichever_milestone_its_protocol_ends_with_ends_everything(clinic, bea):
    for kind, status in (("moved_away", PatientStatus.WITHDRAWN), ("died", PatientStatus.DIED)):
        link_of(clinic, bea)
        clinic.records(bea, MilestoneRecorded(kind, date(2026, 3, 2)), reason="heard today")
        with clinic.database.reading() as session:
            assert session.get_one(Patient, bea.id).status == status
            links = session.exec(select(Link).where(Link.patient_id == bea.id)).all()
            assert links
            assert all(link.revoked_at for link in links)
        assert {state for *_, state in clinic.calendar(bea, "knee")} <= {"cancelled"}
        clinic.records(bea, MilestoneRecorded(kind, None), reason="a mistake")
        with clinic.database.reading() as session:
            assert session.get_one(Patient, bea.id).status == PatientStatus.ACTIVE


def test_a_death_recorded_by_mistake_leaves_a_withdrawal_as_it_was(clinic, bea):
    clinic.records(bea, MilestoneRecorded("moved_away", date(2026, 3, 2)))
    clinic.records(bea, MilestoneRecorded("died", date(2026, 3, 2)))
    clinic.records(bea, MilestoneRecorded("died", None), reason="another patient")
    with clinic.database.reading() as session:
        assert session.get_one(Patient, bea.id).status == PatientStatus.WITHDRAWN


def test_its_red_answer_tells_her_to_call_in_its_own_words(clinic, app, bea):
    phone = let_in(clinic, app, bea)
    phone.answers("Erg")
    assert phone.title == "Bel nu het ziekenhuis"
    assert "Ik draag een brace." in phone.text
    assert not OF_ANOTHER_TRIAL.search(phone.text)


def link_of(clinic: Clinic, patient: Patient) -> str:
    with clinic.database.writing() as session:
        token = make_link(session, KEYRING, patient_id=patient.id, now=clinic.now)
        session.commit()
    return token


def let_in(clinic: Clinic, app: Flask, patient: Patient) -> Phone:
    return Phone(app, clinic.now).opens(f"/q/{link_of(clinic, patient)}").taps("Start")


def test_no_page_of_its_staff_speaks_of_another_trial(clinic, app, bea):
    clinic.answers(bea, "knee", ACHE=3, RUB=1)
    for language in ("nl", "en"):
        for staff, addresses in pages_of(clinic, bea):
            desk = Desk(app, clinic, staff)
            desk.client.set_cookie("language", language, domain="proms.example.org")
            for address in addresses:
                desk.opens(address)
                assert desk.status == 200, address
                assert not OF_ANOTHER_TRIAL.search(desk.answer.text), address


def pages_of(clinic, patient):
    own = f"/staff/patients/{patient.code}"
    forms = [
        f"{own}/calendar?form={form}&component=tablets&number=1"
        for form in ("milestone", "regimen", "given", "planned", "skipped", "stop", "pause")
    ]
    carers = ["/staff/patients", own, f"{own}/calendar", *forms]
    instruments = [f"/staff/instruments/knee/1.0?show={tab}" for tab in TABS]
    everybody = ["/staff/instruments", *instruments]
    return [
        (clinic.els, ["/staff/", *carers[:3], *everybody]),
        (
            clinic.mo,
            [
                *carers,
                "/staff/patients/new",
                "/staff/import",
                "/staff/import/template.csv",
                *everybody,
            ],
        ),
        (clinic.kim, ["/staff/data", *everybody]),
        (clinic.ad, ["/staff/people"]),
    ]


TABS = ("questions", "moments", "scales", "rules", "proof")


def test_its_milestones_and_drugs_have_the_names_its_protocol_gives_them(clinic, app, bea):
    mo = Desk(app, clinic, clinic.mo)
    mo.opens(f"/staff/patients/{bea.code}/calendar?form=given&component=tablets&number=2")
    assert "Brace aangemeten" in mo.text
    assert "Zalf" in mo.text
    assert "Cream" in mo.text  # an optional drug without a title of its own
    mo.opens(f"/staff/patients/{bea.code}/calendar?form=milestone")
    assert "Moved away" in mo.text
    assert "Gestorven" in mo.text
    mo.opens("/staff/instruments/knee/1.0?show=moments")
    assert "het aanmeten van de brace" in mo.text
    mo.opens("/staff/instruments/knee/1.0?show=rules")
    assert "er is een brace" in mo.text


def test_its_export_has_its_own_packs_and_no_column_of_another_trial(clinic, trial, bea):
    clinic.answers(bea, "knee", ACHE=2, WALK=1)
    rows = export_scores(clinic.database, trial, by=OPERATOR, site_id=None, now=clinic.now)
    header, *lines = "".join(rows).splitlines()
    names = header.split(",")
    assert len(lines) == 1
    assert "KNEE_LOAD" in names
    row = dict(zip(names, lines[0].split(","), strict=True))
    assert row["pack"] == "KNEE"
    assert row["KNEE_LOAD"] == "50.0"
    assert not OF_ANOTHER_TRIAL.search(header + lines[0])
    book = "".join(codebook(trial))
    assert "KNEE = knee diary" in book
    assert not OF_ANOTHER_TRIAL.search(book)


def test_it_was_all_on_record(clinic, bea):
    with clinic.database.reading() as session:
        wanted = select(AuditEntry.verb).where(AuditEntry.patient_id == bea.id)
        verbs = session.exec(wanted.order_by(col(AuditEntry.id))).all()
    assert verbs.count("history.milestonerecorded") == 2
