"""Every write of the API may be sent twice, as a network or a queue does: it is done once and
answered alike."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, col, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from proms.db.tables import AlertNote, AuditEntry, KeyedCall, Patient
from proms.domain.person import Role
from proms.web.guard import OPEN, admits
from tests.caller import Callers
from tests.clinic import Clinic
from tests.every_call import Scene
from tests.every_example import Sent
from tests.phone import website

pytestmark = pytest.mark.both_engines

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
KEY = "Idempotency-Key"
# A log-in twice is two log-ins, and takes no key: its answer is a secret, which nobody may keep.
ANEW = {"api.post_session"}
# Known by what they ask; the others of their kind need a key.
BY_NATURE = {"PUT", "DELETE"}
OTHERWISE: dict[str, Any] = {
    "api.post_assignment": {"event": "HSC-PRN", "language": "en"},
    "api.put_draft": {"answers": {"q1": 4}},
    "api.post_response": {"answers": {"q1": 4}},
}


@pytest.fixture
def scene(clinic: Clinic, database_url: str) -> Iterator[Scene]:
    with website(database_url) as app:
        yield Scene(app, clinic)


def writes(scene: Scene) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule, method in scene.rules()
        if rule.rule.startswith("/api/v1/") and method in WRITES and rule.endpoint not in ANEW
    ]


def one(scene: Scene, endpoint: str) -> tuple[Rule, str]:
    return next(each for each in writes(scene) if each[0].endpoint == endpoint)


def keyed(sent: Sent, key: str) -> Sent:
    return replace(sent, headers={**sent.headers, KEY: key})


def everything(scene: Scene) -> dict[str, list[Any]]:
    """Every row of every table."""
    with scene.clinic.database.reading() as session:
        return {name: rows(session, name) for name in SQLModel.metadata.tables}


def rows(session: Session, table: str) -> list[Any]:
    return sorted(map(repr, session.connection().execute(SQLModel.metadata.tables[table].select())))


def same(first: TestResponse, again: TestResponse) -> bool:
    """A submission that was stored before says so by its status, and by nothing else; so does a
    fact that is on record, with nothing that changes."""
    if (first.status_code, again.status_code) != (201, 200):
        return (first.status_code, first.text) == (again.status_code, again.text)
    if "receipt" in first.text:
        return first.text == again.text
    return bool(again.json["changes"] == [])  # type: ignore[index]


def done_twice(scene: Scene, rule: Rule, method: str, sent: Sent) -> list[object]:
    """What is wrong where the same call, sent again, is not answered alike or writes once more."""
    first = scene.call(rule, method, sent)
    after = everything(scene)
    again = scene.call(rule, method, sent)
    if first.status_code < 300 and same(first, again) and everything(scene) == after:
        return []
    return [(method, rule.rule, first.status_code, again.status_code, again.text)]


def test_every_write_that_comes_again_under_its_key_is_answered_alike_and_not_done_again(
    scene: Scene,
) -> None:
    wrong: list[object] = []
    for number, (rule, method) in enumerate(writes(scene)):
        sent = scene.example(rule, method)
        if admits(scene.app, rule.endpoint) != OPEN:
            sent = keyed(sent, f"key-{number}")
        wrong += done_twice(scene, rule, method, sent)
    assert wrong == []


def test_a_write_that_says_which_state_it_makes_needs_no_key(scene: Scene) -> None:
    wrong: list[object] = []
    for rule, method in writes(scene):
        if method not in BY_NATURE:
            continue
        sent = scene.example(rule, method)
        wrong += done_twice(scene, rule, method, sent)
    assert wrong == []


def test_a_key_that_came_with_something_else_is_refused_and_nothing_is_done(scene: Scene) -> None:
    wrong: list[object] = []
    for number, (rule, method) in enumerate(writes(scene)):
        if admits(scene.app, rule.endpoint) == OPEN or "fhir" in rule.rule:
            continue  # FHIR's submission goes the way of the other one
        sent = keyed(scene.example(rule, method), f"key-{number}")
        # A nurse or a coordinator asks it of another patient, a patient asks something else.
        other = keyed(scene.example(rule, method), f"key-{number}")
        if rule.endpoint in OTHERWISE:
            other = replace(sent, json=OTHERWISE[rule.endpoint])
        scene.call(rule, method, sent)
        after = everything(scene)
        refused = scene.call(rule, method, other)
        code = refused.json.get("code")  # type: ignore[union-attr]
        if (refused.status_code, code) != (409, "idempotency_key_reused"):
            wrong.append((method, rule.rule, refused.status_code, code))
        if everything(scene) != after:
            wrong.append((method, rule.rule, "wrote something"))
    assert wrong == []


def test_a_key_belongs_to_who_sends_it(scene: Scene, clinic: Clinic) -> None:
    rule, method = one(scene, "api.post_patient")
    sent = keyed(scene.example(rule, method), "mine")
    scene.call(rule, method, sent)
    callers = Callers(scene.app, clinic)
    colleague = callers.staff(clinic.employs("second", Role.COORDINATOR))
    body = {**sent.json, "hospital_number": "5555555", "address": "06 87654321"}
    answer = colleague.post("/patients", body, **{KEY: "mine"})
    assert answer.status_code == 201


def test_of_two_at_once_one_is_done_and_both_are_answered_alike(scene: Scene) -> None:
    rule, method = one(scene, "api.post_patient")
    sent = keyed(scene.example(rule, method), "at-once")
    before = count(scene, Patient)
    together = Barrier(4)

    def send(_: int) -> TestResponse:
        together.wait()
        return scene.call(rule, method, sent)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert {(each.status_code, each.text) for each in answers} == {(201, answers[0].text)}
    assert count(scene, Patient) == before + 1


def test_a_call_that_was_refused_is_not_kept_and_may_be_mended(scene: Scene) -> None:
    rule, method = one(scene, "api.post_patient")
    sent = keyed(scene.example(rule, method), "mended")
    refused = scene.call(rule, method, replace(sent, json={**sent.json, "consent": "2027-01-01"}))
    assert refused.status_code == 422
    assert count(scene, KeyedCall) == 0
    assert scene.call(rule, method, sent).status_code == 201


def test_what_is_kept_of_a_call_says_nothing_to_who_reads_the_database(scene: Scene) -> None:
    rule, method = one(scene, "api.post_patient")
    sent = keyed(scene.example(rule, method), "enrol-Bakker")
    made = scene.call(rule, method, sent)
    with scene.clinic.database.reading() as session:
        kept = str(session.exec(select(KeyedCall)).one().model_dump())
    said = ("Bakker", sent.json["hospital_number"], made.json["code"])  # type: ignore[index]
    assert not [word for word in said if word in kept]


def test_after_a_week_a_key_is_forgotten(scene: Scene, clinic: Clinic) -> None:
    rule, method = one(scene, "api.post_patient")
    scene.call(rule, method, keyed(scene.example(rule, method), "old"))
    clinic.today("2026-03-08")
    assert count(scene, KeyedCall) == 1
    clinic.today("2026-03-09")
    assert count(scene, KeyedCall) == 0


def test_a_key_that_is_none_and_one_where_none_is_read_are_refused(scene: Scene) -> None:
    rule, method = one(scene, "api.post_patient")
    for key in ("", "a b", "x" * 65):
        refused = scene.call(rule, method, keyed(scene.example(rule, method), key))
        assert (refused.status_code, list(refused.json["errors"])) == (422, [KEY])  # type: ignore[index]
    session = next(each for each in scene.rules() if each[0].endpoint == "api.post_session")
    refused = scene.call(*session, keyed(scene.example(*session), "k"))
    assert (refused.status_code, list(refused.json["errors"])) == (422, [KEY])  # type: ignore[index]


# What the pages say too


def test_a_colleagues_alert_stays_a_colleagues(scene: Scene, clinic: Clinic) -> None:
    callers = Callers(scene.app, clinic)
    els, ria = (
        callers.staff(clinic.els),
        callers.staff(clinic.employs("ria", Role.NURSE, phone="06 12345678")),
    )
    alert = f"/alerts/{scene.her().ids['alert_id']}"
    assert els.put(f"{alert}/acknowledgement").status_code == 200
    taken = ria.put(f"{alert}/acknowledgement")
    assert (taken.status_code, taken.json["code"]) == (409, "already_acknowledged")  # type: ignore[index]
    done = {"resolution": "advice", "note": "Gebeld.", "times": 1}
    assert els.put(f"{alert}/resolution", done).status_code == 200
    assert els.put(f"{alert}/acknowledgement").json["state"] == "resolved"  # type: ignore[index]
    # Said in other words, or by a colleague, it stays closed as it was, and the words are kept.
    for nurse, body in ((els, {**done, "note": "Anders."}), (ria, done)):
        assert nurse.put(f"{alert}/resolution", body).json["state"] == "resolved"  # type: ignore[index]
    with clinic.database.reading() as session:
        notes = session.exec(select(AlertNote).order_by(col(AlertNote.id))).all()
    assert [(note.by, note.note) for note in notes] == [
        (clinic.els.id, "Anders."),
        (notes[1].by, "Gebeld."),
    ]
    assert notes[1].by != clinic.els.id


def test_a_correction_needs_its_reason_and_the_preview_says_so(
    scene: Scene, clinic: Clinic
) -> None:
    mo = Callers(scene.app, clinic).staff(clinic.mo)
    address = f"/patients/{scene.her().patient.code}/milestones"
    leave = {"kind": "withdrawal", "on": "2026-03-02", "revision": 2}
    assert mo.post(address, leave).json["reason_needed"] is False  # type: ignore[index]
    back = {"kind": "withdrawal", "on": None, "revision": 3}
    assert mo.post(f"{address}?preview=1", back).json["reason_needed"] is True  # type: ignore[index]
    refused = mo.post(address, {**back, "reason": " "})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["reason"])  # type: ignore[index]
    assert mo.post(address, {**back, "reason": "a mistake"}).status_code == 201


def test_a_session_ends_and_stays_ended(scene: Scene, clinic: Clinic) -> None:
    callers = Callers(scene.app, clinic)
    for caller, path in (
        (callers.staff(clinic.els), "/alerts"),
        (callers.patient(scene.her().patient), "/assignments"),
    ):
        assert caller.get(path).status_code == 200
        assert [caller.call("DELETE", "/session").status_code for _ in range(2)] == [204, 204]
        assert caller.get(path).status_code == 401
    for nobody in (callers.nobody, replace(callers.nobody, token="unknown")):
        refused = nobody.call("DELETE", "/session")
        assert (refused.status_code, refused.json["code"]) == (401, "not_signed_in")  # type: ignore[index]
    with clinic.database.reading() as session:
        verbs = session.exec(select(AuditEntry.verb)).all()
    assert (verbs.count("staff.logged_out"), verbs.count("patient.left")) == (1, 1)


def count(scene: Scene, table: type[SQLModel]) -> int:
    with scene.clinic.database.reading() as session:
        return len(session.exec(select(table)).all())


def test_the_same_body_laid_out_otherwise_is_the_same(scene: Scene) -> None:
    rule, method = one(scene, "api.post_patient")
    sent = keyed(scene.example(rule, method), "laid-out")
    first = scene.call(rule, method, sent)
    raw = json.dumps(dict(reversed(sent.json.items())), indent=4)
    headers = {**sent.headers, "Content-Type": "application/json"}
    again = scene.call(rule, method, replace(sent, json=None, headers=headers), data=raw)
    assert (again.status_code, again.text) == (201, first.text)
    assert again.headers["Idempotent-Replayed"] == "true"
