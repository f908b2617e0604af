"""A questionnaire as a device reads it: every question with its condition, and answers that are
numbers."""

from collections.abc import Iterator

import pytest

from proms.db.tables import Patient
from tests.caller import Caller, Callers
from tests.clinic import Clinic
from tests.phone import website


@pytest.fixture
def anna(clinic: Clinic) -> Patient:
    clinic.today("2026-03-02")
    return clinic.enrols("Anna")


@pytest.fixture
def phone(clinic: Clinic, database_url: str, anna: Patient) -> Iterator[Caller]:
    """The device Anna's link was opened on."""
    with website(database_url) as app:
        yield Callers(app, clinic).patient(anna)


def test_a_device_that_is_offline_gets_every_question_with_its_condition(
    clinic: Clinic, phone: Caller, anna: Patient
) -> None:
    form = phone.get(f"/assignments/{clinic.asked(anna).id}").json
    every = {item["code"]: item for item in form["every_item"]}
    assert list(every) == [item.code for item in clinic.library.instrument("hsc").items]
    assert every["SITE"]["asked_if"] == {"fact": "pump", "is": True}
    assert every["JAUND"]["asked_if"] is None
    assert form["facts"] == {
        "hsc.HANDFOOT": False,
        "hsc.MOUTH": False,
        "level": "amber",
        "pump": False,
    }


def test_a_rating_is_asked_as_a_number_between_two_others(
    clinic: Clinic, phone: Caller, anna: Patient
) -> None:
    rating = phone.get(f"/assignments/{clinic.asked(anna, 'eq-5d-5l').id}").json["items"][-1]
    assert (rating["code"], rating["kind"], rating["range"], rating["options"]) == (
        "VAS",
        "number",
        [0, 100],
        [],
    )
    sent = phone.submits(clinic.asked(anna, "eq-5d-5l").id, {"VAS": 101}, "k")
    assert (sent.status_code, list(sent.json["errors"]["answers"])) == (422, ["VAS"])
    assert phone.submits(clinic.asked(anna, "eq-5d-5l").id, {"VAS": 0}, "k").status_code == 201
