"""Laboratory values, read and recorded by a hospital's system."""

import pytest
from sqlmodel import select

from proms.db.tables import AuditEntry, LabVersion, Patient
from tests.caller import Caller, Callers
from tests.clinic import Clinic


@pytest.fixture
def anna(clinic: Clinic) -> Patient:
    clinic.today("2026-01-05")
    anna = clinic.enrols("Anna de Vries")
    clinic.randomises(anna, "B", "2026-01-12")
    clinic.chooses(anna, "pump", "fudr")
    clinic.operates(anna, "2026-02-02")
    clinic.today("2026-03-09")
    clinic.gives_cycle(anna, "pump", 1, "2026-03-09")
    clinic.today("2026-03-23")
    return anna


@pytest.fixture
def nurse(callers: Callers, anna: Patient, clinic: Clinic) -> Caller:
    return callers.staff(clinic.els)


VALUE = {"test": "alp", "taken_on": "2026-03-09", "value": 100, "unit": "U/L", "upper_limit": 120}


def test_a_value_is_kept_and_comes_back_with_what_follows_from_it(
    nurse: Caller, anna: Patient
) -> None:
    address = f"/patients/{anna.code}/labs"
    assert nurse.post(address, VALUE).status_code == 201
    later = {**VALUE, "taken_on": "2026-03-23", "value": 312.5}
    saved = nurse.post(address, later)
    assert saved.status_code == 201
    assert (saved.json["value"], saved.json["version"]) == (312.5, 1)
    told = nurse.get(address).json
    assert told["source"] == "CTCAE 5.0"
    first, second = told["values"]
    assert (first["grade"], first["rises"], first["reference_on"]) == (0, 0, None)
    assert (second["grade"], second["rises"]) == (2, 1)
    assert second["times_reference"] == 3.125
    assert second["reference_on"] == "2026-03-09"
    assert round(second["times_upper_limit"], 3) == 2.604
    assert not {name for name in second if "dose" in name}


def test_the_same_again_is_no_second_version_and_another_value_needs_its_reason(
    nurse: Caller, anna: Patient, clinic: Clinic
) -> None:
    address = f"/patients/{anna.code}/labs"
    nurse.post(address, VALUE)
    assert nurse.post(address, VALUE).status_code == 200
    other = {**VALUE, "value": 104}
    refused = nurse.post(address, other)
    assert refused.status_code == 422
    assert list(refused.json["errors"]) == ["reason"]
    corrected = nurse.post(address, {**other, "reason": "mistyped"})
    assert (corrected.status_code, corrected.json["version"]) == (201, 2)
    taken_back = nurse.post(address, {**VALUE, "value": None, "reason": "of another patient"})
    assert (taken_back.status_code, taken_back.json["value"]) == (201, None)
    assert nurse.get(address).json["values"] == []
    again = nurse.post(address, {**VALUE, "value": None, "reason": "of another patient"})
    assert again.status_code == 422
    with clinic.database.reading() as session:
        rows = session.exec(select(LabVersion).order_by(LabVersion.id)).all()
        entries = session.exec(select(AuditEntry).where(AuditEntry.verb == "labs.recorded")).all()
    assert [(row.value, row.reason) for row in rows] == [
        (100, None),
        (104, "mistyped"),
        (None, "of another patient"),
    ]
    assert all(row.recorded_by == clinic.els.id for row in rows)
    assert [entry.detail["values"][0]["corrects"] for entry in entries] == [False, True, True]
    assert "104" not in str([entry.detail for entry in entries])


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"test": "bilirubin", "value": 1.2, "unit": "mg/dL"}, "unit", "µmol/L is expected"),
        ({"unit": None}, "unit", "cannot be empty"),
        ({"unit": "g/L"}, "unit", "U/L is expected"),
        ({"upper_limit": None}, "upper_limit", "upper limit"),
        ({"upper_limit": 2}, "upper_limit", "30 to 600 U/L"),
        ({"test": "sodium"}, "test", "bilirubin, alp"),
        ({"taken_on": "2026-01-04"}, "taken_on", "consent"),
        ({"taken_on": "2026-03-24"}, "taken_on", "still to come"),
        ({"value": "100"}, "value", "number"),
        ({"value": 0}, "value", "number"),
        ({"value": True}, "value", "number"),
        ({"value": 1.234}, "value", "decimals"),
        ({"value": 1e30}, "value", "number"),
        ({"value": float("inf")}, "value", "number"),
        ({"dose": 80}, "dose", "Unknown"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field_and_nothing_is_kept(
    change: dict[str, object], field: str, words: str, nurse: Caller, anna: Patient
) -> None:
    address = f"/patients/{anna.code}/labs"
    refused = nurse.post(address, {**VALUE, **change})
    assert refused.status_code == 422
    assert words in str(refused.json["errors"][field])
    assert nurse.get(address).json["values"] == []


def test_a_value_is_recorded_once_under_a_key(nurse: Caller, anna: Patient) -> None:
    address = f"/patients/{anna.code}/labs"
    key = {"Idempotency-Key": "k1"}
    first = nurse.post(address, VALUE, **key)
    again = nurse.post(address, VALUE, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert nurse.post(address, {**VALUE, "value": 5}, **key).status_code == 409


def test_neither_analyst_nor_administrator_sees_or_writes_a_value(
    callers: Callers, anna: Patient, clinic: Clinic
) -> None:
    address = f"/patients/{anna.code}/labs"
    for staff in (clinic.kim, clinic.ad):
        caller = callers.staff(staff)
        assert caller.get(address).status_code == 403
        assert caller.post(address, VALUE).status_code == 403
    assert callers.staff(clinic.mo).post(address, VALUE).status_code == 201
