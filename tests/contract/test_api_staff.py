"""What the API promises to a hospital's systems, in the name of its staff."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from sqlmodel import func, select

from proms.actions.audit import OPERATOR
from proms.actions.people import NewSite, NewStaff, add_site, add_staff
from proms.db.tables import (
    Alert,
    Assignment,
    AuditEntry,
    CycleVersion,
    MilestoneVersion,
    Patient,
    Staff,
)
from proms.domain.person import Role
from proms.domain.schedule.history_entry import MilestoneRecorded
from tests.caller import Caller, Callers
from tests.clinic import MOBILE, PASSWORD, SERVED, Clinic

NEW = {
    "name": "Bert Bakker",
    "hospital_number": "7654399",
    "birth_year": 1950,
    "sex": "male",
    "language": "nl",
    "consent": "2026-03-02",
    "contact_kind": "sms",
    "address": "06 12345678",
}


@pytest.fixture
def anna(clinic: Clinic) -> Patient:
    clinic.today("2026-03-02")
    return clinic.enrols("Anna de Vries")


@pytest.fixture
def nurse(callers: Callers, anna: Patient, clinic: Clinic) -> Caller:
    return callers.staff(clinic.els)


@pytest.fixture
def coordinator(callers: Callers, anna: Patient, clinic: Clinic) -> Caller:
    return callers.staff(clinic.mo)


def elsewhere(clinic: Clinic, login: str, role: Role) -> Staff:
    """Somebody of another hospital."""
    new = NewSite("UTR", "Ziekenhuis Elders", phone="030 123 45 67", study_phone="030 123 45 68")
    with clinic.database.writing() as session:
        site = add_site(session, new, by=OPERATOR, now=clinic.now)
        person = NewStaff(login, login.title(), role, PASSWORD, phone=MOBILE)
        return add_staff(
            session,
            clinic.keyring,
            person,
            site_id=site.id or 0,
            by=OPERATOR,
            now=clinic.now,
            served=SERVED,
        )


# Alerts


def test_a_nurse_sees_what_waits_with_the_literal_answers_the_most_urgent_first(
    clinic: Clinic, nurse: Caller, anna: Patient
) -> None:
    clinic.answers(anna, JAUND=2, ITCH=3)
    listed = nurse.get("/alerts").json
    assert listed["total"] == len(listed["alerts"])
    first = listed["alerts"][0]
    assert (first["alert"]["rule"], first["alert"]["urgency"], first["alert"]["state"]) == (
        "B1",
        "red",
        "open",
    )
    assert (first["patient"], first["instrument"], first["times"]) == (anna.code, "hsc", 1)
    assert {"item": "JAUND", "value": 2} in first["evidence"]
    second = nurse.get("/alerts?page=2&size=1").json
    assert (second["page"], second["size"], second["total"]) == (2, 1, listed["total"])
    assert second["alerts"] == listed["alerts"][1:2]


def test_the_first_nurse_takes_an_alert_and_only_a_person_closes_it(
    callers: Callers, clinic: Clinic, nurse: Caller, anna: Patient
) -> None:
    clinic.answers(anna, JAUND=2)
    alert = nurse.get("/alerts").json["alerts"][0]["alert"]["id"]
    taken = nurse.put(f"/alerts/{alert}/acknowledgement")
    assert (taken.status_code, taken.json["state"]) == (200, "acknowledged")
    (listed,) = nurse.get("/alerts").json["alerts"]
    assert (listed["taken_by"], listed["reason"]) == ("Els", "Geelzucht gemeld")
    assert listed["alert"]["acknowledged_at"]
    colleague = callers.staff(clinic.employs("ria", Role.NURSE, "06 12345670"))
    again = colleague.put(f"/alerts/{alert}/acknowledgement")
    assert (again.status_code, again.json["code"]) == (409, "already_acknowledged")
    for wrong in (
        {},
        {"resolution": "forgotten", "note": "x", "times": 1},
        {"resolution": "advice", "times": 1},
        {"resolution": "advice", "note": "x"},
        {"note": "x", "more": 1},
    ):
        assert nurse.put(f"/alerts/{alert}/resolution", wrong).status_code == 422
    blank = nurse.put(
        f"/alerts/{alert}/resolution", {"resolution": "advice", "note": " ", "times": 1}
    )
    assert (blank.status_code, blank.json["code"], list(blank.json["errors"])) == (
        422,
        "incomplete",
        ["note"],
    )
    done = nurse.put(
        f"/alerts/{alert}/resolution", {"resolution": "admission", "note": "Opgenomen.", "times": 1}
    )
    assert (done.json["state"], done.json["resolution"]) == ("resolved", "admission")
    assert clinic.worklist() == []
    # What is closed stays so, whoever wants to take it; she herself may have tapped twice.
    late = colleague.put(f"/alerts/{alert}/acknowledgement")
    assert (late.status_code, late.json["code"]) == (409, "already_resolved")
    own = nurse.put(f"/alerts/{alert}/acknowledgement")
    assert (own.status_code, own.json["state"]) == (200, "resolved")


def test_another_hospitals_alert_is_as_absent_as_none(
    callers: Callers, clinic: Clinic, nurse: Caller, anna: Patient
) -> None:
    clinic.answers(anna, JAUND=2)
    alert = nurse.get("/alerts").json["alerts"][0]["alert"]["id"]
    stranger = callers.staff(elsewhere(clinic, "eva", Role.NURSE))
    assert stranger.get("/alerts").json["total"] == 0
    for act in (f"/alerts/{alert}/acknowledgement", "/alerts/999999/acknowledgement"):
        assert stranger.put(act).status_code == 404
    assert clinic.worklist() == [("B1", "red", "open")]


def test_only_a_nurse_takes_alerts(callers: Callers, clinic: Clinic, anna: Patient) -> None:
    clinic.answers(anna, JAUND=2)
    for person in (clinic.mo, clinic.kim, clinic.ad):
        refused = callers.staff(person).put("/alerts/1/acknowledgement")
        assert (refused.status_code, refused.json["code"]) == (403, "not_allowed")


# Patients


def test_what_does_not_read_as_a_patient_is_refused_field_by_field(
    clinic: Clinic, coordinator: Caller
) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"name": " "}, "name"),
        ({"name": "An\x00na"}, "name"),
        ({"birth_year": 2020}, "birth_year"),
        ({"birth_year": "1950"}, "birth_year"),
        ({"consent": "2026-03-03"}, "consent"),
        ({"consent": "yesterday"}, "consent"),
        ({"address": "call me"}, "address"),
        ({"sex": "?"}, "sex"),
        ({"stoma": "no"}, "stoma"),
        ({"arm": "A"}, "arm"),
    ]
    for change, field in wrong:
        answered = coordinator.post("/patients", {**NEW, **change})
        assert (answered.status_code, list(answered.json["errors"])) == (422, [field])
    assert coordinator.get("/patients").json["total"] == 1


def test_a_coordinator_enrols_a_patient_and_nobody_reads_back_who_she_is(
    callers: Callers, coordinator: Caller, nurse: Caller, clinic: Clinic
) -> None:
    made = coordinator.post("/patients", {**NEW, "stoma": True})
    assert (made.status_code, made.json["stoma"], made.json["arm"], made.json["status"]) == (
        201,
        True,
        None,
        "active",
    )
    listed = nurse.get("/patients?size=1")
    assert (listed.json["total"], len(listed.json["patients"])) == (2, 1)
    one = nurse.get(f"/patients/{made.json['code']}")
    assert one.json == made.json
    for answered in (made, listed, one):
        assert not [
            word
            for word in ("Bert", "Bakker", "Anna", "7654321", "7654399", "612345678")
            if word in answered.text
        ]
    assert nurse.post("/patients", NEW).status_code == 403
    assert callers.staff(clinic.kim).get("/patients").status_code == 403


def test_another_hospitals_patient_is_as_absent_as_none(
    callers: Callers, clinic: Clinic, anna: Patient
) -> None:
    stranger = callers.staff(elsewhere(clinic, "eva", Role.COORDINATOR))
    for code in (anna.code, "NOBODY", "%00", "a%2Fb", "x" * 40):
        assert stranger.get(f"/patients/{code}").status_code == 404
        assert stranger.get(f"/patients/{code}/cycles").status_code == 404


# History


def test_a_dose_given_before_a_death_may_still_be_recorded_and_one_after_it_is_refused_by_name(
    callers: Callers, clinic: Clinic, anna: Patient
) -> None:
    cycles = f"/patients/{anna.code}/cycles"
    clinic.randomises(anna, arm="A", on="2026-03-02")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.today("2026-03-20")
    clinic.records(anna, MilestoneRecorded("death", date(2026, 3, 16)))
    coordinator = callers.staff(clinic.mo)
    revision = coordinator.get(cycles).json["revision"]
    for preview in ("?preview=1", ""):
        late = coordinator.post(cycles + preview, {**given(1, "2026-03-17"), "revision": revision})
        assert (late.status_code, late.json["code"]) == (409, "patient_inactive")
        assert "2026-03-17 is after death on 2026-03-16" in late.json["message"]
    assert coordinator.get(cycles).json["cycles"] == []
    body = {**given(1, "2026-03-12"), "revision": revision}
    assert coordinator.post(f"{cycles}?preview=1", body).status_code == 200
    saved = coordinator.post(cycles, body)
    assert saved.status_code == 201, saved.text
    listed = coordinator.get(cycles).json["cycles"]
    assert [(each["number"], each["day_1"], each["status"]) for each in listed] == [
        (1, "2026-03-12", "given")
    ]


def test_a_delayed_cycle_is_looked_at_beforehand_then_saved(
    callers: Callers, clinic: Clinic, anna: Patient
) -> None:
    ahead = f"/patients/{anna.code}"
    clinic.randomises(anna, arm="A", on="2026-03-02")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.gives_cycle(anna, "systemic", 1, on="2026-03-02")
    clinic.today("2026-03-20")
    coordinator = callers.staff(clinic.mo)
    kept = everything(clinic)
    body = {**given(2, "2026-03-20"), "planned": "2026-03-16", "revision": 3}
    seen = coordinator.post(f"{ahead}/cycles?preview=1", body)
    assert (seen.status_code, seen.json["revision"], seen.json["doubts"]) == (200, 3, [])
    assert everything(clinic) == kept
    saved = coordinator.post(f"{ahead}/cycles", body)
    assert (saved.status_code, saved.json["revision"]) == (201, 4)
    assert saved.json["changes"] == seen.json["changes"]
    moved = {(each["kind"], each["event"], each["number"]) for each in saved.json["changes"]}
    assert ("move", "HSC-SYST-D8", 2) in moved
    stale = coordinator.post(f"{ahead}/cycles", body)
    assert (stale.status_code, stale.json["code"]) == (409, "history_changed")
    cycles = coordinator.get(f"{ahead}/cycles").json
    assert [(each["number"], each["day_1"], each["status"]) for each in cycles["cycles"]] == [
        (1, "2026-03-02", "given"),
        (2, "2026-03-20", "given"),
    ]
    listed = coordinator.get(f"{ahead}/milestones").json["milestones"]
    assert [(each["kind"], each["on"], each["arm"]) for each in listed] == [
        ("consent", "2026-03-02", None),
        ("randomisation", "2026-03-02", "A"),
    ]


def test_what_the_protocol_does_not_allow_is_refused_by_name(
    coordinator: Caller, anna: Patient
) -> None:
    ahead = f"/patients/{anna.code}"
    tries = {
        "unknown_word": ("milestones", {"kind": "wedding", "on": "2026-03-02"}),
        "milestone_not_in_arm": ("milestones", {"kind": "pump_surgery", "on": "2026-03-02"}),
        "too_early": ("milestones", {"kind": "withdrawal", "on": "2025-01-01"}),
    }
    for code, (where, body) in tries.items():
        for query in ("?preview=1", ""):
            refused = coordinator.post(f"{ahead}/{where}{query}", {**body, "revision": 0})
            assert (refused.status_code, refused.json["code"]) == (422, code)
    no_arm = coordinator.post(
        f"{ahead}/milestones", {"kind": "randomisation", "on": "2026-03-02", "revision": 0}
    )
    assert (no_arm.status_code, list(no_arm.json["errors"])) == (422, ["arm"])
    assert coordinator.get(ahead).json["revision"] == 0


def test_a_cycle_says_what_it_was_given_under(
    callers: Callers, clinic: Clinic, anna: Patient
) -> None:
    ahead = f"/patients/{anna.code}"
    clinic.randomises(anna, arm="A", on="2026-03-02")
    clinic.chooses(anna, "systemic", "folfox")
    clinic.today("2026-03-20")
    clinic.chooses(anna, "systemic", "folfiri")
    coordinator = callers.staff(clinic.mo)
    body = {**given(1, "2026-03-02"), "regimen": "folfox", "revision": 3}
    assert coordinator.post(f"{ahead}/cycles", body).status_code == 201
    body = {**given(2, "2026-03-20"), "revision": 4}
    assert coordinator.post(f"{ahead}/cycles", body).status_code == 201
    cycles = coordinator.get(f"{ahead}/cycles").json["cycles"]
    assert [each["regimen"] for each in cycles] == ["folfox", "folfiri"]
    planned = {"component": "systemic", "number": 3, "planned": "2026-04-03", "revision": 5}
    refused = coordinator.post(f"{ahead}/cycles", {**planned, "regimen": "folfox"})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["regimen"])


def test_what_is_odd_is_saved_only_with_a_reason(coordinator: Caller, anna: Patient) -> None:
    ahead = f"/patients/{anna.code}"
    record(
        coordinator,
        f"{ahead}/milestones",
        {"kind": "randomisation", "on": "2026-03-02", "arm": "A"},
    )
    record(coordinator, f"{ahead}/components/systemic", {"regimen": "folfox"}, method="PUT")
    body = {**given(1, "2026-03-02"), "drugs": ["irinotecan"], "revision": 2}
    assert (
        coordinator.post(f"{ahead}/cycles?preview=1", body).json["doubts"][0]["code"]
        == "drug_not_in_regimen"
    )
    assert coordinator.post(f"{ahead}/cycles", body).json["code"] == "drug_not_in_regimen"
    assert coordinator.post(f"{ahead}/cycles", {**body, "reason": "allergie"}).status_code == 201


# Exports


def test_only_an_analyst_downloads_the_scores_and_their_codebook(
    callers: Callers, clinic: Clinic, anna: Patient
) -> None:
    clinic.answers(anna, "qlq-c30")
    analyst = callers.staff(clinic.kim)
    file, described = analyst.get("/exports/scores"), analyst.get("/exports/codebook")
    assert (file.status_code, file.mimetype) == (200, "text/csv")
    assert (
        file.headers["Content-Disposition"] == 'attachment; filename="proms-scores-2026-03-02.csv"'
    )
    (row,) = csv.DictReader(io.StringIO(file.text))
    assert (row["usubjid"], row["C30SUM"]) == (anna.code, "100.0")
    assert [each["column"] for each in csv.DictReader(io.StringIO(described.text))] == list(row)
    for person in (clinic.els, clinic.mo, clinic.ad):
        caller = callers.staff(person)
        assert {caller.get(f"/exports/{name}").status_code for name in ("scores", "codebook")} == {
            403
        }


def record(caller: Caller, path: str, body: dict[str, Any], method: str = "POST") -> None:
    """Save a fact on the revision there is."""
    code = path.split("/")[2]
    revision = caller.get(f"/patients/{code}").json["revision"]  # type: ignore[index]
    answered = caller.call(method, path, json={**body, "revision": revision})
    assert answered.status_code == 201, answered.text


def given(number: int, day_1: str) -> dict[str, Any]:
    return {
        "component": "systemic",
        "number": number,
        "planned": day_1,
        "day_1": day_1,
        "status": "given",
    }


def everything(clinic: Clinic) -> list[object]:
    """What a preview could have changed."""
    with clinic.database.reading() as session:
        counted = [
            session.exec(select(func.count()).select_from(table)).one()
            for table in (CycleVersion, MilestoneVersion, Assignment, AuditEntry, Alert)
        ]
        windows = session.exec(
            select(Assignment.id, Assignment.opens, Assignment.state).order_by(Assignment.id)
        ).all()
        return [*counted, *windows]
