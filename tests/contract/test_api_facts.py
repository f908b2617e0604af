"""What is known of a patient's person, read and recorded by a hospital's system."""

import pytest
from sqlmodel import func, select

from proms.db.tables import FactVersion, Patient
from tests.caller import Caller, Callers
from tests.clinic import Clinic


@pytest.fixture
def anna(clinic: Clinic) -> Patient:
    clinic.today("2026-01-05")
    anna = clinic.enrols("Anna de Vries")
    clinic.randomises(anna, "A", "2026-01-05")
    clinic.today("2026-03-04")
    return anna


@pytest.fixture
def coordinator(callers: Callers, anna: Patient, clinic: Clinic) -> Caller:
    return callers.staff(clinic.mo)


GAINED = {"value": True, "since": "2026-03-02", "reason": "ileostomy", "revision": 1}


def test_a_stoma_is_looked_at_beforehand_then_saved_and_the_same_again_changes_nothing(
    coordinator: Caller, anna: Patient, clinic: Clinic
) -> None:
    address = f"/patients/{anna.code}/facts/stoma/2"
    seen = coordinator.put(f"{address}?preview=1", GAINED)
    assert seen.status_code == 200
    added = {(change["kind"], change["event"]) for change in seen.json["changes"]}
    assert ("open", "QOL-W12") in added
    first = coordinator.get(f"/patients/{anna.code}/facts").json
    assert first["today"]["stoma"] is False
    assert first["revision"] == 1
    saved = coordinator.put(address, GAINED)
    assert saved.status_code == 201
    assert saved.json["changes"] == seen.json["changes"]
    again = coordinator.put(address, GAINED)
    assert again.status_code == 200
    assert again.json == {"revision": 2, "changes": [], "doubts": [], "reason_needed": False}
    told = coordinator.get(f"/patients/{anna.code}/facts").json
    assert told["today"]["stoma"] is True
    (row,) = [row for row in told["facts"] if row["number"] == 2]
    assert row["since"] == "2026-03-02"
    assert row["reason"] == "ileostomy"
    with clinic.database.reading() as session:
        count = select(func.count()).select_from(FactVersion).where(FactVersion.fact == "stoma")
        assert session.exec(count).one() == 2


def test_a_change_is_taken_back_with_a_reason(coordinator: Caller, anna: Patient) -> None:
    address = f"/patients/{anna.code}/facts/stoma/2"
    coordinator.put(address, GAINED)
    undone = {"value": None, "since": None, "reason": "another patient", "revision": 2}
    assert coordinator.put(address, undone | {"reason": ""}).status_code == 422
    assert coordinator.put(address, undone).status_code == 201
    assert coordinator.get(f"/patients/{anna.code}/facts").json["today"]["stoma"] is False


@pytest.mark.parametrize(
    ("where", "change", "refused"),
    [
        ("stoma/2", {"since": "2026-03-05"}, "422 not_yet_happened"),
        ("stoma/2", {"value": "female"}, "422 unknown_word"),
        ("stoma/2", {"value": False}, "422 incomplete"),
        ("stoma/2", {"reason": ""}, "422 incomplete"),
        ("stoma/2", {"value": 1}, "422 invalid"),
        ("beard/1", {}, "422 unknown_word"),
        ("stoma/1", {"since": None, "value": None}, "422 fact_without_value"),
        ("stoma/2", {"revision": 0}, "409 history_changed"),
        ("stoma/0", {}, "404 not_found"),
        ("stoma/2", {"number": 3}, "422 invalid"),
    ],
)
def test_what_cannot_be_recorded_is_refused_by_name(
    coordinator: Caller, anna: Patient, where: str, change: dict[str, object], refused: str
) -> None:
    answer = coordinator.put(f"/patients/{anna.code}/facts/{where}", GAINED | change)
    assert f"{answer.status_code} {answer.json['code']}" == refused
    assert coordinator.get(f"/patients/{anna.code}").json["stoma"] is False


def test_a_nurse_reads_and_does_not_record(callers: Callers, clinic: Clinic, anna: Patient) -> None:
    nurse = callers.staff(clinic.els)
    assert nurse.get(f"/patients/{anna.code}/facts").status_code == 200
    assert nurse.put(f"/patients/{anna.code}/facts/stoma/2", GAINED).status_code == 403
