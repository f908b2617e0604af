"""A site gets its licence in place: nobody is asked before that, everybody after it, in the
licensed words."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import select

from proms.actions.audit import staff_actor
from proms.actions.exports import export_scores
from proms.content import Library, Shelf
from proms.db.session import connect
from proms.db.tables import AuditEntry, Draft, Patient, Response, Score
from proms.domain.person import Language
from proms.jobs.ticks import LastOffered
from tests.caller import Callers
from tests.clinic import Clinic
from tests.desk import Desk
from tests.filling_in import newer_link, well
from tests.phone import Phone, website
from tests.wordings import OWN, content, filled_in, install, make_pack

LICENCE = ("--licence", "REF-2026-0042", "--granted", "2026-01-01")


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A shelf with nothing on it."""
    (tmp_path / "packs").mkdir()
    return tmp_path / "packs"


@pytest.fixture
def shelf(packs: Path) -> Shelf:
    return Shelf(OWN, packs)


@pytest.fixture
def clinic(database_url: str, shelf: Shelf) -> Iterator[Clinic]:
    """A clinic without a licensed wording; its worker and its website look at the shelf."""
    database = connect(database_url)
    clinic = Clinic(database, shelf.library())
    clinic.look = shelf.library
    clinic.today("2026-01-05", "09:00")
    yield clinic
    database.engine.dispose()


@pytest.fixture
def app(clinic: Clinic, database_url: str, packs: Path) -> Iterator[Flask]:
    with website(database_url, packs=packs) as running:
        yield running


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return make_pack(tmp_path / "c30", filled_in(tmp_path, "qlq-c30"))


def changes(clinic: Clinic) -> list[dict[str, object]]:
    with clinic.database.reading() as session:
        entries = session.exec(
            select(AuditEntry).where(AuditEntry.verb == "wordings.changed").order_by(AuditEntry.id)
        )
        return [entry.detail for entry in entries]


def rows(clinic: Clinic) -> list[dict[str, str]]:
    """What the analyst of the site gets."""
    by = staff_actor(clinic.kim)
    file = export_scores(
        clinic.database, clinic.library, by=by, site_id=clinic.site.id, now=clinic.now
    )
    return list(csv.DictReader(io.StringIO("".join(file))))


def test_a_licensed_questionnaire_from_the_table_to_the_export(
    clinic: Clinic, app: Flask, packs: Path, tmp_path: Path
):
    anna = clinic.enrols("Anna Bakker")
    assert clinic.calendar(anna, "qlq-c30") == []
    assert [event for event, *_ in clinic.calendar(anna, "hsc")] != []

    table, zipped = str(filled_in(tmp_path, "qlq-c30")), str(tmp_path / "c30.zip")
    assert content("pack", table, *LICENCE, "--wording", "1.2", "-o", zipped).exit_code == 0
    assert content("install", zipped, packs=packs).exit_code == 0
    clinic.works()
    assert [(event, state) for event, _, _, state in clinic.calendar(anna, "qlq-c30")][0] == (
        "QOL-BASE",
        "planned",
    )

    phone = Phone(app, clinic.now).opens(newer_link(clinic, anna, clinic.now)).taps("Start")
    phone.taps("Begin [nl] verzonnen short_title")
    assert phone.title == "[nl] verzonnen item q1"
    assert "Voorbeeldtekst" not in phone.text
    well(phone).taps("Verstuur mijn antwoorden")
    with clinic.database.reading() as session:
        response = session.exec(select(Response)).one()
        assert (response.instrument, response.instrument_version, response.wording_version) == (
            "qlq-c30",
            "3.0",
            "1.2",
        )
        scores = {row.scale: row.value for row in session.exec(select(Score))}
    assert scores["PF2"] == 100
    (row,) = rows(clinic)
    assert (row["instrument"], row["wording_version"], row["PF2"], row["QL2"]) == (
        "qlq-c30",
        "1.2",
        "100.0",
        "0.0",
    )


def test_without_a_pack_a_questionnaire_is_refused_in_the_reader_s_language(
    clinic: Clinic, app: Flask, library: Library
):
    """It was asked while there was a pack, which is gone."""
    clinic.look = lambda: library
    anna = clinic.enrols("Anna Bakker")
    asked = clinic.asked(anna, "qlq-c30")
    caller = Callers(app, clinic).patient(anna)
    told = [
        caller.get(f"/assignments/{asked.id}"),
        caller.put(f"/assignments/{asked.id}/draft", {"answers": {"q1": 1}}),
        caller.submits(asked.id, {"q1": 1}, "a-key-of-sixteen-characters"),
    ]
    assert [(each.status_code, each.json["code"]) for each in told] == [
        (409, "no_licensed_wording")
    ] * 3
    assert (
        told[0].json["message"]
        == "Wij kunnen u deze vragen nog niet laten zien. U hoeft niets te doen."
    )
    carl = clinic.enrols("Carl", language=Language.EN)
    english = (
        Callers(app, clinic).patient(carl).get(f"/assignments/{clinic.asked(carl, 'qlq-c30').id}")
    )
    assert (
        english.json["message"]
        == "We cannot show you these questions yet. You do not have to do anything."
    )
    phone = Phone(app, clinic.now).opens(newer_link(clinic, anna, clinic.now)).taps("Start")
    phone.opens(f"/form/{asked.id}", "POST")
    with clinic.database.reading() as session:
        assert session.exec(select(Draft)).all() == []


def test_the_nurse_and_the_coordinator_see_why_it_is_not_asked_and_what_to_do(
    clinic: Clinic, app: Flask, packs: Path, pack: Path
):
    anna = clinic.enrols("Anna Bakker")
    for person in (clinic.els, clinic.mo):
        desk = Desk(app, clinic).logs_in(person)
        for page in ("", "/calendar"):
            desk.opens(f"/staff/patients/{anna.code}{page}")
            assert (
                "EQ-5D-5L, QLQ-C30, QLQ-LMC21 worden niet gevraagd. De officiële tekst" in desk.text
            )
            assert "Vraag uw datamanager om die tekst te installeren." in desk.text
    install(pack, packs)
    desk.opens(f"/staff/patients/{anna.code}")
    assert "EQ-5D-5L, QLQ-LMC21 worden niet gevraagd" in desk.text


def test_an_install_renews_the_plan_of_every_patient_who_takes_part_once(
    clinic: Clinic, packs: Path, pack: Path
):
    anna, bert = clinic.enrols("Anna Bakker"), clinic.enrols("Bert")
    clinic.withdraws(bert, on="2026-01-05")
    english = clinic.enrols("Carl", language=Language.EN)
    clinic.works()
    before = len(changes(clinic))
    install(pack, packs)
    clinic.works()
    assert changes(clinic)[before:] == [{"gained": ["qlq-c30 nl"], "lost": [], "patients": 2}]
    assert clinic.calendar(anna, "qlq-c30") != []
    assert clinic.calendar(bert, "qlq-c30") == clinic.calendar(english, "qlq-c30") == []
    clinic.works()
    assert len(changes(clinic)) == before + 1


def test_an_install_in_the_middle_of_a_pack_does_not_announce_the_pack_again(
    clinic: Clinic, packs: Path, pack: Path, tmp_path: Path
):
    install(pack, packs)
    anna = clinic.enrols("Anna Bakker")
    clinic.works()
    before = len(clinic.phone)
    assert before
    install(make_pack(tmp_path / "lmc21", filled_in(tmp_path, "qlq-lmc21")), packs)
    clinic.today("2026-01-05", "10:00")
    clinic.works()
    assert clinic.calendar(anna, "qlq-lmc21") != []
    assert len(clinic.phone) == before


def test_a_worker_that_was_down_and_a_second_worker_both_leave_one_renewal(
    clinic: Clinic, packs: Path, pack: Path
):
    anna = clinic.enrols("Anna Bakker")
    clinic.works()
    before = len(changes(clinic))
    install(pack, packs)
    for _worker in range(3):
        clinic.seen = LastOffered()  # a worker that has just started
        clinic.works()
    assert len(changes(clinic)) == before + 1
    assert clinic.calendar(anna, "qlq-c30") != []


def test_a_worker_that_sees_another_shelf_does_not_undo_it_over_and_over(
    clinic: Clinic, packs: Path, pack: Path
):
    clinic.enrols("Anna Bakker")
    install(pack, packs)
    own, other = (clinic.look, LastOffered()), (lambda: OWN, LastOffered())
    clinic.works()
    before = len(changes(clinic))
    for _tick in range(4):
        for clinic.look, clinic.seen in (other, own):
            clinic.works()
    assert len(changes(clinic)) <= before + 2


def test_a_draft_stays_in_the_words_it_was_opened_in(
    clinic: Clinic, app: Flask, packs: Path, pack: Path, tmp_path: Path
):
    install(pack, packs)
    clinic.works()
    anna = clinic.enrols("Anna Bakker")
    opened = clinic.opens(anna, "qlq-c30")
    newer = filled_in(
        tmp_path,
        "qlq-c30",
        text=lambda row, _language: f"nieuwer {row['items'][:3]} {row['option']}",
    )
    install(make_pack(tmp_path / "newer", newer, wording="2"), packs)
    phone = Phone(app, clinic.now).opens(newer_link(clinic, anna, clinic.now)).taps("Start")
    assert phone.opens(f"/form/{opened.id}/q1").title == "[nl] verzonnen item q1"
    clinic.answers(anna, "qlq-c30", assignment=opened)
    assert rows(clinic)[0]["wording_version"] == "1"
    other = clinic.enrols("Bert")
    clinic.answers(other, "qlq-c30")
    assert {row["wording_version"] for row in rows(clinic)} == {"1", "2"}


def test_in_a_demo_the_labels_stand_in_and_their_answers_are_no_qlq_data(
    clinic: Clinic, stand_ins: Library
):
    clinic.look = lambda: stand_ins
    anna = clinic.enrols("Anna Bakker")
    for code in ("qlq-c30", "qlq-lmc21"):
        clinic.answers(anna, code)
    assert {(row["instrument"], row["wording_version"]) for row in rows(clinic)} == {
        ("demo-c30", "DEMO"),
        ("demo-lmc21", "DEMO"),
    }


def test_what_was_answered_under_labels_is_read_back_in_those_labels(
    clinic: Clinic, app: Flask, packs: Path, pack: Path, stand_ins: Library
):
    clinic.look = lambda: stand_ins
    anna: Patient = clinic.enrols("Anna Bakker")
    clinic.answers(anna, "qlq-c30")
    install(pack, packs)
    with clinic.database.reading() as session:
        response = session.exec(select(Response)).one()
    desk = (
        Desk(app, clinic)
        .logs_in(clinic.els)
        .opens(f"/staff/patients/{anna.code}/responses/{response.id}")
    )
    assert "Voorbeeldtekst, niet de officiële vraag" in desk.text
    assert "verzonnen" not in desk.text
    assert (
        "Voorbeeldtekst, niet de officiële vraag" in desk.opens(f"/staff/patients/{anna.code}").text
    )


def test_a_nurse_who_reads_another_language_than_the_licensed_one_is_not_told_that_the_scores_are_a_demo_s(
    clinic: Clinic, app: Flask, packs: Path, pack: Path
):
    install(pack, packs)
    anna = clinic.enrols("Anna Bakker")
    clinic.answers(anna, "qlq-c30")
    desk = (
        Desk(app, clinic)
        .logs_in(clinic.els)
        .opens(f"/language/en?back=/staff/patients/{anna.code}")
    )
    assert "Physical functioning" in desk.text
    assert "Sample text" not in desk.text
