"""A nurse finds a patient by whatever she has at hand: a name half remembered, a number read aloud,
the number that calls."""

import io
import logging

import pytest
from flask import Flask
from sqlalchemy import event

from proms.db.identity_index import IdentityIndex
from proms.db.keyring import Keyring
from proms.db.tables import Patient
from proms.domain.person import ContactKind, Role
from tests.clinic import KEYRING, Clinic
from tests.desk import Desk, stranger


@pytest.fixture
def renee(clinic: Clinic, app: Flask) -> Patient:
    return clinic.enrols(
        "Renée Jansen", hospital_number="0070001", trial_number="NKI-12", address="06-12345678"
    )


@pytest.fixture
def bert(clinic: Clinic, app: Flask) -> Patient:
    return clinic.enrols("Bert de Wit", hospital_number="8000")


def looks_for(clinic: Clinic, index: IdentityIndex, typed: str) -> list[str]:
    with clinic.database.reading() as session:
        return [found.name for found in index.find(session, KEYRING, clinic.site.id, typed)]


@pytest.mark.parametrize(
    "typed",
    [
        "renee",
        "Jansen, Renée",
        "jan",
        "0070001",
        "70001",
        "007-0001",
        "nki 12",
        "06 1234 5678",
        "+31 (0)6 12345678",
        "0031612345678",
        "0612",
    ],
)
def test_a_patient_is_found_by_what_she_is_known_by_and_the_others_are_not(
    clinic, app, renee, bert, typed
):
    desk = Desk(app, clinic, clinic.els).opens("/staff/patients").presses("Zoek", find=typed)
    assert desk.status == 200
    assert renee.code in desk.text
    assert bert.code not in desk.text
    assert desk.holds("find") == typed
    assert "1 patiënt met" in desk.text


def test_wit_bert_is_found_and_her_code_finds_a_patient(clinic, app, renee, bert):
    desk = Desk(app, clinic, clinic.els).opens("/staff/patients")
    for typed in ("Wit, Bert", "bert w", bert.code.lower(), "800"):
        desk.presses("Zoek", find=typed)
        assert bert.code in desk.text
        assert renee.code not in desk.text
    none = desk.presses("Zoek", find="niemand")
    assert "Geen patiënt van dit ziekenhuis past hierbij." in none.text
    everybody = desk.presses("Zoek", find=" ")
    assert renee.code in everybody.text
    assert bert.code in everybody.text


def test_another_hospital_finds_nobody_of_this_one(clinic, app, renee):
    desk = Desk(app, clinic, stranger(clinic, Role.NURSE)).opens("/staff/patients")
    assert renee.code not in desk.presses("Zoek", find="renee").text


def test_who_may_not_see_a_name_cannot_search(clinic, app, renee):
    for person in (clinic.kim, clinic.ad):
        desk = Desk(app, clinic, person)
        assert desk.sends("/staff/patients", find="renee").status == 403
        assert "Jansen" not in desk.text


def test_what_is_looked_for_stands_in_no_address_and_no_log(clinic, app, renee):
    log = io.StringIO()
    watching = logging.StreamHandler(log)
    logging.getLogger().addHandler(watching)
    try:
        desk = Desk(app, clinic, clinic.els).opens("/staff/patients").presses("Zoek", find="renee")
    finally:
        logging.getLogger().removeHandler(watching)
    assert desk.path == "/staff/patients"
    assert 'method="post"' in desk.answer.text
    assert "?" not in str(desk.answer.request.url)
    assert "renee" not in log.getvalue()
    # An old link with the words in it looks for nothing.
    assert "1 patiënt met" not in desk.opens("/staff/patients?find=renee").text


def test_a_new_patient_and_a_new_number_are_found_at_once_by_every_process(clinic, renee):
    one, other = IdentityIndex(), IdentityIndex()
    assert looks_for(clinic, one, "0612345678") == looks_for(clinic, other, "0612345678")
    clinic.enrols("Cor Maas")
    clinic.corrects_contact(renee.id, "renee@example.org", ContactKind.EMAIL)
    for index in (one, other):
        assert looks_for(clinic, index, "cor") == ["Cor Maas"]
        assert looks_for(clinic, index, "renee@ex") == ["Renée Jansen"]
        assert looks_for(clinic, index, "0612345678") == []


def test_a_search_is_one_statement_and_opens_nothing_twice(clinic, renee, bert):
    index = IdentityIndex()
    assert looks_for(clinic, index, "") == ["Bert de Wit", "Renée Jansen"]
    said: list[str] = []
    event.listen(
        clinic.database.engine, "before_cursor_execute", lambda *told: said.append(told[2])
    )
    nothing_opens = Keyring({"other": bytes(32)}, KEYRING.secret)
    with clinic.database.reading() as session:
        found = index.find(session, nothing_opens, clinic.site.id, "wit")
    assert [each.name for each in found] == ["Bert de Wit"]
    assert len([statement for statement in said if statement.startswith("SELECT")]) == 1


def test_a_page_of_many_finds_shows_the_first_and_says_how_to_find_fewer(clinic, app):
    for number in range(52):
        clinic.enrols(f"Anna {number:02}", contact_kind="email", address="anna@example.org")
    desk = Desk(app, clinic, clinic.els).opens("/staff/patients").presses("Zoek", find="anna")
    assert "52 patiënten met" in desk.text
    assert "De eerste 50 staan hier." in desk.text
    assert "Anna 49" in desk.text
    assert "Anna 50" not in desk.text
