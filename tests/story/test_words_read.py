"""The words a person read are those her answers are kept under, and those a nurse reads them in."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from proms.content import Shelf
from proms.db.session import connect
from proms.db.tables import Draft, Patient, Response
from proms.domain.response import MissingReason
from proms.domain.schedule.history_entry import FactRecorded
from tests.caller import Caller, Callers
from tests.clinic import Clinic
from tests.desk import Desk
from tests.phone import website
from tests.renderer import asked, filled_in, refusal, sends
from tests.wordings import OWN, install, make_pack
from tests.wordings import filled_in as table


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A shelf with the CR29 in wording 1, in both languages."""
    packs = tmp_path / "packs"
    packs.mkdir()
    put_on_shelf(packs, tmp_path, "1")
    return packs


@pytest.fixture
def newer(packs: Path, tmp_path: Path) -> Callable[[], None]:
    """Installs wording 2."""
    return lambda: put_on_shelf(packs, tmp_path, "2")


def put_on_shelf(packs: Path, folder: Path, wording: str) -> None:
    said = folder / f"cr29-{wording}"
    said.mkdir()
    tables = [
        table(
            said,
            "qlq-cr29",
            language,
            lambda row, at: f"[{at}] {wording} {row['items'][:3]}{row['variant']}{row['option']}",
        )
        for language in ("nl", "en")
    ]
    install(make_pack(said / "pack", *tables, wording=wording), packs)


@pytest.fixture
def clinic(database_url: str, packs: Path) -> Iterator[Clinic]:
    database, shelf = connect(database_url), Shelf(OWN, packs)
    clinic = Clinic(database, shelf.library())
    clinic.look = shelf.library
    clinic.today("2026-03-02")
    yield clinic
    database.engine.dispose()


@pytest.fixture
def app(clinic: Clinic, database_url: str, packs: Path) -> Iterator[Flask]:
    with website(database_url, packs=packs) as running:
        yield running


@pytest.fixture
def anna(clinic: Clinic) -> Patient:
    return clinic.enrols("Anna", rectal_primary=True)


@pytest.fixture
def phone(app: Flask, clinic: Clinic, anna: Patient) -> Caller:
    return Callers(app, clinic).patient(anna)


@pytest.fixture
def cr29(clinic: Clinic, anna: Patient) -> int:
    return clinic.asked(anna, "qlq-cr29").id or 0


def kept_under(clinic: Clinic) -> tuple[str, str, str]:
    with clinic.database.reading() as session:
        row = session.exec(select(Response)).one()
    return row.instrument_version, row.wording_version, row.language


def test_answers_to_a_form_that_was_read_before_a_newer_wording_came_are_kept_under_it(
    clinic: Clinic, phone: Caller, cr29: int, newer: Callable[[], None]
) -> None:
    read = phone.get(f"/assignments/{cr29}").json
    newer()
    assert phone.get(f"/assignments/{cr29}").json["wording_version"] == "2"  # type: ignore[index]
    told = phone.submits(cr29, {"q31": 2}, "k", form=read["form"])  # type: ignore[index]
    assert told.status_code == 201
    assert kept_under(clinic) == ("2.1", "1", "nl")
    assert phone.submits(cr29, {"q31": 2}, "k").status_code == 200


def test_without_a_word_on_what_was_read_it_was_the_newest_or_what_was_begun(
    clinic: Clinic, phone: Caller, cr29: int, newer: Callable[[], None]
) -> None:
    phone.put(f"/assignments/{cr29}/draft", {"answers": {"q31": 2}, "language": "en"})
    newer()
    assert phone.submits(cr29, {"q31": 2}, "k").status_code == 201
    assert kept_under(clinic) == ("2.1", "1", "en")


def test_a_first_draft_opens_in_the_words_that_were_read_and_takes_no_others(
    clinic: Clinic, phone: Caller, cr29: int, newer: Callable[[], None]
) -> None:
    read = phone.get(f"/assignments/{cr29}").json["form"]  # type: ignore[index]
    newer()
    path = f"/assignments/{cr29}/draft"
    kept = phone.put(path, {"answers": {"q31": 2}, "form": read})
    assert (kept.status_code, kept.json["form"]) == (200, read)  # type: ignore[index]
    with clinic.database.reading() as session:
        assert session.exec(select(Draft)).one().wording_version == "1"
    other = phone.put(path, {"answers": {"q31": 3}, "form": "2.1 2 nl"})
    assert (other.status_code, other.json["code"]) == (409, "other_wording")  # type: ignore[index]
    assert phone.submits(cr29, {"q31": 3}, "k", form="2.1 2 nl").status_code == 201
    assert kept_under(clinic) == ("2.1", "2", "nl"), "what she read when she sent it"


@pytest.mark.parametrize("form", ["2.1 9 nl", "9 1 nl", "2.1 1 de", "2.1 DEMO nl", "x", "2.1"])
def test_words_nobody_can_have_read_here_are_refused_by_name(
    clinic: Clinic, phone: Caller, cr29: int, form: str
) -> None:
    for told in (
        phone.submits(cr29, {"q31": 2}, "k", form=form),
        phone.put(f"/assignments/{cr29}/draft", {"answers": {"q31": 2}, "form": form}),
    ):
        assert (told.status_code, told.json["code"]) == (409, "other_wording")  # type: ignore[index]
    with clinic.database.reading() as session:
        assert not session.exec(select(Draft)).all()


def test_a_questionnaire_that_was_fetched_before_a_newer_wording_came_is_taken_under_its_version(
    clinic: Clinic, anna: Patient, phone: Caller, newer: Callable[[], None]
) -> None:
    made, cr29 = asked(phone, clinic, anna, "qlq-cr29"), clinic.asked(anna, "qlq-cr29").id
    newer()
    assert asked(phone, clinic, anna, "qlq-cr29")["version"] == "2.1-2"
    body = filled_in(made, cr29, {"q31": 2})
    assert sends(phone, {**body, "language": "en"}).status_code == 201
    assert kept_under(clinic) == ("2.1", "1", "en")
    assert sends(phone, {**body, "language": "en"}).status_code == 200, "sent again, it is the same"
    # What came second and in newer words is kept aside like any other.
    second = filled_in(asked_anew(made), cr29, {"q31": 3})
    assert refusal(sends(phone, second, "k2")) == (409, "already_answered")
    older = {**body, "questionnaire": body["questionnaire"].replace("2.1-1", "2.1-0")}
    assert refusal(sends(phone, older)) == (422, "wrong_questionnaire")


def asked_anew(made: dict[str, Any]) -> dict[str, Any]:
    """The Questionnaire as it is in wording 2."""
    return {**made, "version": "2.1-2"}


@pytest.mark.parametrize(("stoma", "words"), [(True, "stoma"), (False, "no_stoma")])
def test_a_nurse_reads_the_words_that_were_asked_whatever_is_known_since(
    clinic: Clinic, app: Flask, newer: Callable[[], None], stoma: bool, words: str
) -> None:
    berta = clinic.enrols("Berta", rectal_primary=True, stoma=stoma, hospital_number="2")
    clinic.answers(
        berta, "qlq-cr29", left_out={"q48": MissingReason.SKIPPED, "q50": MissingReason.SKIPPED}
    )
    newer()
    since = FactRecorded("stoma", date(2026, 3, 2), not stoma, 1)
    clinic.records(berta, since, reason="it was entered wrongly")
    with clinic.database.reading() as session:
        row = session.exec(select(Response)).one()
    desk = Desk(app, clinic, clinic.els)
    desk.opens(f"/staff/patients/{berta.code}/responses/{row.id}")
    for item in ("q49", "q50", "q54"):
        assert f"[nl] 1 {item}{words} " in desk.text
    told = Callers(app, clinic).staff(clinic.els)
    found = told.get(f"/fhir/QuestionnaireResponse?patient={berta.code}").json
    links = [each["linkId"] for each in found["entry"][0]["resource"]["item"]]  # type: ignore[index]
    assert f"q49.{words}" in links
