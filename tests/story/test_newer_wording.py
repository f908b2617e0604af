"""A newer version of the symptom check is installed while a patient is half-way through the older
one."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlmodel import col, select

from proms.actions.audit import OPERATOR
from proms.actions.exports import export_scores
from proms.content import Library
from proms.db.tables import Evaluation, Patient
from tests.clinic import Clinic
from tests.desk import Desk
from tests.filling_in import begun, drafts, stored, well
from tests.phone import Phone, content, website

ATE = {
    "0.1": "Hoeveel minder dan normaal at en dronk u?",
    "0.3": "Hoeveel at en dronk u, vergeleken met normaal?",
}


def only_0_1(library: Library) -> Library:
    """The content as it was when version 0.1 was the newest."""
    instruments = {"0.1": library.instruments["hsc"]["0.1"]}
    rule_sets = {"0.0": library.rule_sets["hsc"]["0.0"]}
    return replace(
        library,
        instruments={**library.instruments, "hsc": instruments},
        rule_sets={**library.rule_sets, "hsc": rule_sets},
    )


@pytest.fixture
def earlier(clinic: Clinic, database_url: str) -> Iterator[Flask]:
    with website(database_url, library=only_0_1(content(False))) as running:
        yield running


@pytest.fixture
def phone(clinic: Clinic, anna: Patient, earlier: Flask, app: Flask) -> Phone:
    """Her browser, with the first question of version 0.1 answered, on the day 0.3 is installed."""
    before = begun(Phone(earlier, clinic.now), clinic).answers("Nee")
    after = Phone(app, clinic.now)
    for cookie in before.client._cookies.values():  # the same browser, on the restarted server
        after.client._cookies[cookie._storage_key] = cookie
    return after.opens("/today").taps("Ga verder")


def asked(phone: Phone, code: str) -> Phone:
    """Answer well up to this question."""
    while not phone.path.endswith(f"/{code}"):
        first = [each.words for each in phone.page.things if each.attributes.get("for") == "a1"]
        phone.answers(*first)
    return phone


def evaluated_under(clinic: Clinic) -> list[str]:
    with clinic.database.reading() as session:
        return list(session.exec(select(Evaluation.rule_set).order_by(col(Evaluation.id))))


def test_what_was_begun_is_finished_and_judged_in_the_words_it_was_begun_in(
    clinic: Clinic, phone: Phone
) -> None:
    assert asked(phone, "INTAKE").title == ATE["0.1"]
    phone.answers("Bijna niets")
    assert "Doe dit vandaag, wacht niet op ons." in phone.text
    well(phone.taps("Verder met de vragen")).taps("Verstuur mijn antwoorden")
    assert [response.instrument_version for response in stored(clinic)] == ["0.1"]
    assert evaluated_under(clinic) == ["hsc 0.0"]
    assert clinic.worklist() == [("I1", "red", "open")]


def test_the_next_one_is_asked_in_the_newer_words_and_the_nurse_reads_each_in_its_own(
    clinic: Clinic, anna: Patient, app: Flask, phone: Phone
) -> None:
    well(phone).taps("Verstuur mijn antwoorden")
    weeks = Desk(app, clinic, clinic.els).opens(f"/staff/patients/{anna.code}").answer.text
    assert "Niet minder" in weeks
    assert "Net zoveel als normaal" not in weeks
    phone.opens("/today").taps("Extra: Klachtencheck")
    assert drafts(clinic)[-1].instrument_version == "0.3"
    assert asked(phone, "INTAKE").title == ATE["0.3"]
    well(phone).taps("Verstuur mijn antwoorden")
    assert evaluated_under(clinic) == ["hsc 0.0", "hsc 0.4"]
    desk = Desk(app, clinic, clinic.els)
    versions = [(response.id, response.instrument_version) for response in stored(clinic)]
    assert [version for _, version in versions] == ["0.1", "0.3"]
    for response, version in versions:
        text = desk.opens(f"/staff/patients/{anna.code}/responses/{response}").text
        assert [known for known, words in ATE.items() if words in text] == [version]


def test_an_export_says_of_every_row_which_version_and_which_rules(
    clinic: Clinic, phone: Phone
) -> None:
    well(phone).taps("Verstuur mijn antwoorden")
    phone.opens("/today").taps("Extra: Klachtencheck")
    well(phone).taps("Verstuur mijn antwoorden")
    texts = export_scores(
        clinic.database, clinic.library, by=OPERATOR, site_id=None, now=clinic.now
    )
    header, *rows = [line.split(",") for line in "".join(texts).splitlines()]
    named = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["instrument_version"], row["rule_set"]) for row in named] == [
        ("0.1", "hsc 0.0"),
        ("0.3", "hsc 0.4"),
    ]
