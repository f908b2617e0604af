"""An example of every call that is accepted, by its endpoint."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from proms.actions.audit import staff_actor
from proms.actions.contact_codes import new_code
from proms.actions.handing_over import hand_over
from proms.actions.ways import chosen_contact
from proms.db.tables import Patient, Site
from proms.domain.person import Role
from proms.web.guard import STAFF_COOKIE
from tests.alert_pages import FORMS, OF_ALL, page_sent
from tests.clinic import KEYRING, PASSWORD
from tests.labs import LAB_FORM, LAB_JSON, carried
from tests.renderer import filled_in
from tests.twilio_server import ACCOUNT

if TYPE_CHECKING:
    from tests.every_call import Scene

DAY = "2026-03-02"
IMPORTED = "patient;what;kind;date\n{code};milestone;withdrawal;2026-03-02\n"


@dataclass(frozen=True)
class Sent:
    """What a call carries; of `form` and `json` at most one."""

    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    form: dict[str, Any] | None = None
    json: Any = None


@dataclass(frozen=True)
class Her:
    """A patient of whom everything exists that a call may name."""

    patient: Patient
    link: str
    visit: str
    ids: dict[str, Any]


def fhir_response(scene: Scene, her: Her) -> Sent:
    """A patient's answers as a renderer sends them."""
    assignment = her.ids["c30"]
    rule = next(rule for rule, _ in scene.rules() if rule.endpoint == "api.get_questionnaires")
    bearer = {"Authorization": f"Bearer {her.visit}"}
    found = scene.call(rule, "GET", Sent(query={"assignment": assignment}, headers=bearer))
    asked = found.json["entry"][0]["resource"]  # type: ignore[index]
    body = filled_in(asked, assignment, {"q1": 2})
    return Sent(json=body, headers={"Idempotency-Key": "k1"})


NEW_PATIENT = {
    "name": "Bert Bakker",
    "birth_year": 1950,
    "sex": "male",
    "language": "nl",
    "consent": DAY,
    "contact_kind": "sms",
    "address": "06 12345678",
}
KEPT = {"value": 0, "at": "2026-03-02T08:00:00.000Z"}
MILESTONE = {"form": "milestone", "kind": "withdrawal", "on": DAY, "number": "1"}
ROSTER = {
    "mon_opens": "08:00",
    "mon_closes": "17:00",
    "from_1": DAY,
    "until_1": "",
    "who_1_1": "1",
    "no_on_call": "1",
    "own_days": "2026-12-31",
    "next_after": "30",
    "on_call_after": "60",
    "reason": "board",
}
TO_CALL = {"event": "HSC-BASE", "number": 1}
Made = Callable[["Scene", Her], Sent]


def new_patient(scene: Scene, her: Her) -> dict[str, Any]:
    return {**NEW_PATIENT, "hospital_number": f"98{scene.spare:05}", "trial_number": None}


def code_sent(scene: Scene, her: Her) -> str:
    """The code in a test message to her."""
    with scene.clinic.database.writing() as session:
        contact = chosen_contact(session, her.patient.id)
        assert contact
        code = new_code(session, KEYRING, contact, scene.clinic.now)
        session.commit()
    return code


def tablet_code(scene: Scene, her: Her) -> str:
    """A code for one sitting of hers on a tablet."""
    with scene.clinic.database.writing() as session:
        patient = session.get_one(Patient, her.patient.id)
        by = staff_actor(scene.clinic.els)
        return hand_over(session, KEYRING, patient=patient, by=by, now=scene.clinic.now)


def other_pin_use(scene: Scene) -> str:
    """What the site has not decided about PINs."""
    with scene.clinic.database.reading() as session:
        site = session.get_one(Site, scene.clinic.site.id)
    return "offered" if site.pin_use == "off" else "off"


def imported(her: Her) -> dict[str, Any]:
    file = IMPORTED.format(code=her.patient.code)
    return {
        "content": urlsafe_b64encode(file.encode()).decode(),
        "reason": "moved",
        "file_name": "import.csv",
        "revisions": f"{her.patient.code}:2",
    }


def told_by_telephone(her: Her, field: str) -> dict[str, str]:
    key = f"key-{her.ids['answered']:012}"
    told = {"key": key, "read": "", "mode": "call", "source_on": DAY, "rest_skipped": "1"}
    return {**told, field: "1"}


def with_alerts(typed: dict[str, str]) -> Made:
    return lambda scene, her: Sent(form=page_sent(scene.clinic, her.patient, **typed))


# By endpoint, or by endpoint and method where they differ.
EXAMPLES: dict[Any, Made] = {
    **{endpoint: with_alerts(typed) for endpoint, typed in FORMS.items()},
    "staff.resolve_all_information": lambda scene, her: Sent(form=OF_ALL),
    "front.language": lambda scene, her: Sent({"code": "nl"}, form={"back": "/today"}),
    ("front.language", "GET"): lambda scene, her: Sent({"code": "nl"}, {"back": "/today"}),
    "hooks.report": lambda scene, her: Sent(
        {"delivery_id": 1},
        form={
            "AccountSid": ACCOUNT,
            "MessageSid": "SM1",
            "MessageStatus": "undelivered",
            "ErrorCode": "30003",
        },
    ),
    "hooks.inbound": lambda scene, her: Sent(
        form={
            "AccountSid": ACCOUNT,
            "MessageSid": f"SM{scene.spare}",
            "From": "+31201234999",
            "Body": "hello",
            "OptOutType": "",
        }
    ),
    "demo.inbox": lambda scene, her: Sent(query={"to": "x", "before": "1", "still": "1"}),
    "demo.clock": lambda scene, her: Sent(form={"days": "1"}),
    # Patients' pages
    "patient.open_form": lambda scene, her: Sent(form={}),
    "patient.not_mine": lambda scene, her: Sent({"token": her.link}),
    "patient.say_not_mine": lambda scene, her: Sent({"token": her.link}, form={}),
    "patient.begin_again": lambda scene, her: Sent({"code": "en"}, form={}),
    "patient.save": lambda scene, her: Sent(form={"answer": "2"}),
    "patient.question": lambda scene, her: Sent(query={"check": "1"}),
    "patient.leave_out": lambda scene, her: Sent(form={}),
    "patient.send": lambda scene, her: Sent(
        {"assignment_id": her.ids["answered"]}, form={"key": f"key-{her.ids['answered']:012}"}
    ),
    "patient.send_now": lambda scene, her: Sent(
        {"assignment_id": her.ids["answered"]}, form={"key": f"key-{her.ids['answered']:012}"}
    ),
    "patient.keep": lambda scene, her: Sent(json={"entries": {"q31": {"value": 2}}}),
    "patient.arrive": lambda scene, her: Sent(
        {"assignment_id": her.ids["answered"]},
        json={"key": f"key-{her.ids['answered']:012}", "entries": {"JAUND": KEPT}},
    ),
    "patient.reply": lambda scene, her: Sent(form={"reply": "will"}),
    "patient.reply_after": lambda scene, her: Sent(
        {"code": her.ids["receipt"]}, form={"reply": "will"}
    ),
    "patient.say_wait": lambda scene, her: Sent({"code": her.ids["receipt"]}, form={"wait": "no"}),
    "patient.receipt": lambda scene, her: Sent({"code": her.ids["receipt"]}),
    "patient.start": lambda scene, her: Sent({"token": her.link}),
    "patient.begin": lambda scene, her: Sent({"token": her.link}, form={}),
    "patient.extra": lambda scene, her: Sent({"event": "HSC-PRN"}, form={}),
    "patient.check_pause": lambda scene, her: Sent(form={"first": DAY, "until": "2026-03-09"}),
    "patient.begin_pause": lambda scene, her: Sent(form={"first": DAY, "until": "2026-03-09"}),
    "patient.end_pause": lambda scene, her: Sent(form={}),
    "patient.choose": lambda scene, her: Sent(form={"pin": "2580", "again": "2580"}),
    # Staff's pages
    "staff.enter": lambda scene, her: Sent(
        form={"login": "els", "password": PASSWORD, "next": "/staff/"}
    ),
    "staff.login": lambda scene, her: Sent(query={"next": "/staff/patients"}),
    "staff.leave": lambda scene, her: Sent(
        form={}, headers={f"cookie:__Host-{STAFF_COOKIE}": scene.tokens[Role.ANALYST]}
    ),
    "staff.worklist": lambda scene, her: Sent(query={"show": "mine"}),
    "staff.patients": lambda scene, her: Sent(),
    "staff.find_patients": lambda scene, her: Sent(form={"find": "anna"}),
    "staff.patient": lambda scene, her: Sent(query={"from": "2026-03-02", "log": "all"}),
    "staff.calendar": lambda scene, her: Sent(query={"from": "2026-03-02", **MILESTONE}),
    "staff.enrol_patient": lambda scene, her: Sent(
        form={**new_patient(scene, her), "trial_number": f"T{scene.spare}", "stoma": "1"}
    ),
    "staff.new_contact": lambda scene, her: Sent(
        form={"contact_kind": "email", "address": "anna@example.org", "consented_on": DAY}
    ),
    "staff.save_second_way": lambda scene, her: Sent(
        form={"kind": "email", "address": "anna.tweede@example.org", "consented_on": DAY}
    ),
    "staff.stop_second_way": lambda scene, her: Sent(form={}),
    "staff.fill_in_check": lambda scene, her: Sent({"assignment_id": her.ids["c30"]}),
    "staff.save_filled_in": lambda scene, her: Sent(
        {"assignment_id": her.ids["c30"]}, form=told_by_telephone(her, "a.q1")
    ),
    "staff.fill_in_extra_check": lambda scene, her: Sent(
        {"event": "HSC-PRN"}, headers=scene.as_nurse
    ),
    "staff.save_filled_in_extra": lambda scene, her: Sent(
        {"event": "HSC-PRN"}, form=told_by_telephone(her, "a.ITCH"), headers=scene.as_nurse
    ),
    "staff.link_again": lambda scene, her: Sent(form={}),
    "staff.send_test_message": lambda scene, her: Sent(form={}),
    "staff.confirm": lambda scene, her: Sent(form={"code": code_sent(scene, her)}),
    "staff.look_at_name": lambda scene, her: Sent(form={"sender": "Voorbeeld"}),
    "staff.change_name": lambda scene, her: Sent(form={"sender": "Voorbeeld"}),
    "staff.messages": lambda scene, her: Sent(),
    "staff.cancel": lambda scene, her: Sent({"delivery_id": 1}, form={}),
    "staff.preview": lambda scene, her: Sent(form=MILESTONE),
    "staff.save": lambda scene, her: Sent(
        form={**MILESTONE, "revision": "2", "reason": "moved", "seen": ""}
    ),
    "staff.look_at_import": lambda scene, her: Sent(form=imported(her)),
    "staff.save_file": lambda scene, her: Sent(form=imported(her)),
    "staff.record_labs": lambda scene, her: Sent(form=LAB_FORM),
    "staff.strip": lambda scene, her: Sent({"strip_code": "biliary"}, {"from": "2026-03-02"}),
    "staff.consultation": lambda scene, her: Sent(query={"from": "2026-03-02"}),
    "staff.labs": lambda scene, her: Sent(query={"test": "alp", "taken_on": DAY}),
    "staff.look_at_labs": lambda scene, her: Sent(form=carried(her.patient.code)),
    "staff.save_labs_file": lambda scene, her: Sent(form=carried(her.patient.code)),
    "staff.people": lambda scene, her: Sent(),
    "staff.add_person": lambda scene, her: Sent(
        form={
            "login": f"new{scene.spare}",
            "name": "Nieuw",
            "role": "nurse",
            "language": "nl",
            "password": PASSWORD,
            "phone": "06 12345678",
            "email": "new@example.org",
        }
    ),
    "staff.roster": lambda scene, her: Sent(),
    "staff.save_roster": lambda scene, her: Sent(
        form=ROSTER | {"next_after": str(scene.spare + 1)}
    ),
    "staff.person": lambda scene, her: Sent({"staff_id": scene.employee()}),
    "staff.change_person": lambda scene, her: Sent(
        {"staff_id": scene.employee()},
        form={
            "role": "coordinator",
            "language": "en",
            "phone": "06 12345678",
            "email": "new@example.org",
            "colleague": "1",
            "confirmed": "1",
        },
    ),
    "staff.ask_deactivation": lambda scene, her: Sent({"staff_id": scene.employee()}),
    "staff.deactivate": lambda scene, her: Sent(
        {"staff_id": scene.employee()}, form={"colleague": "1"}
    ),
    "staff.ask_reactivation": lambda scene, her: Sent({"staff_id": scene.employee()}),
    "staff.reactivate": lambda scene, her: Sent({"staff_id": scene.employee()}, form={}),
    "staff.ask_password": lambda scene, her: Sent({"staff_id": scene.employee()}),
    "staff.give_password": lambda scene, her: Sent(
        {"staff_id": scene.employee()}, form={"password": PASSWORD}
    ),
    "staff.call_page": lambda scene, her: Sent(TO_CALL),
    "staff.show_number_to_call": lambda scene, her: Sent(TO_CALL, form={"note": "twice"}),
    "staff.note_pack_call": lambda scene, her: Sent(
        TO_CALL, form={"outcome_of_call": "leave", "note": "away"}
    ),
    "staff.try_set_aside_again": lambda scene, her: Sent({"row": 1}, form={}),
    "staff.instrument": lambda scene, her: Sent(
        {"code": "hsc", "version": "0.1"}, {"show": "questions", "in": "nl"}
    ),
    "staff.end_expected": lambda scene, her: Sent(form={"back": "patient"}),
    "staff.rules": lambda scene, her: Sent(query={"month": "2026-03"}),
    "staff.new_tablet_code": lambda scene, her: Sent(form={}),
    "patient.scanned_tablet": lambda scene, her: Sent({"code": "ABCD2345"}),
    "patient.take_tablet": lambda scene, her: Sent(form={"code": tablet_code(scene, her)}),
    "patient.given_back": lambda scene, her: Sent(form={}),
    "staff.new_pin": lambda scene, her: Sent(form={"pin": "2580"}),
    "staff.no_pin": lambda scene, her: Sent(form={}),
    "staff.change_pin_use": lambda scene, her: Sent(form={"use": other_pin_use(scene)}),
    "patient.enter": lambda scene, her: Sent(form={"pin": "2580"}),
    "staff.leaflet": lambda scene, her: Sent({"language": "nl"}, query={"of": her.patient.code}),
    "staff.blank_form": lambda scene, her: Sent({"code": "hsc", "language": "en"}),
    "staff.on_the_phone": lambda scene, her: Sent(
        {"code": "hsc", "version": "0.1", "language": "nl", "item": "TEMP"}, {"variant": "x"}
    ),
    # The API
    "api_page.shelf": lambda scene, her: Sent({"name": "swagger-ui.css"}),
    "api.post_session": lambda scene, her: Sent(json={"login": "els", "password": PASSWORD}),
    "api.delete_session": lambda scene, her: Sent(headers={"Authorization": f"Bearer {her.visit}"}),
    "api.get_alerts": lambda scene, her: Sent(query={"page": "1", "size": "2"}),
    "api.put_acknowledgement": lambda scene, her: Sent(),
    "api.put_resolution": lambda scene, her: Sent(
        json={"resolution": "advice", "note": "Gebeld.", "times": 9}
    ),
    "api.get_patients": lambda scene, her: Sent(query={"page": "1", "size": "2"}),
    "api.post_patient": lambda scene, her: Sent(json=new_patient(scene, her)),
    "api.post_milestone": lambda scene, her: Sent(
        query={"preview": "0"},
        json={"kind": "withdrawal", "on": DAY, "number": 1, "revision": 2, "reason": ""},
    ),
    "api.post_cycle": lambda scene, her: Sent(
        json={
            "component": "systemic",
            "number": 1,
            "planned": DAY,
            "day_1": DAY,
            "status": "given",
            "drugs": [],
            "dose_percent": 100,
            "revision": 2,
            "reason": "",
        }
    ),
    "api.put_component": lambda scene, her: Sent(
        {"component": "systemic"}, json={"regimen": "folfiri", "revision": 2, "reason": "side"}
    ),
    "api.put_fact": lambda scene, her: Sent(
        {"fact": "stoma", "number": "1"},
        json={"value": True, "since": DAY, "revision": 2, "reason": "ileostomy"},
    ),
    "api.post_lab": lambda scene, her: Sent(json=LAB_JSON),
    "api.get_assignment": lambda scene, her: Sent(),
    "api.post_assignment": lambda scene, her: Sent(json={"event": "HSC-PRN", "language": "nl"}),
    "api.put_draft": lambda scene, her: Sent(
        {"assignment_id": her.ids["c30"]},
        json={"answers": {"q1": 1}, "missing": {"q2": "skipped"}, "language": "nl"},
    ),
    "api.post_response": lambda scene, her: Sent(
        {"assignment_id": her.ids["c30"]},
        json={"answers": {"q1": 1}, "missing": {"q2": "skipped"}},
        headers={"Idempotency-Key": "k1"},
    ),
    "api.get_questionnaires": lambda scene, her: Sent(query={"_count": "1", "page": "1"}),
    "api.get_questionnaire": lambda scene, her: Sent({"questionnaire_id": "hsc-0.1-0.1"}),
    "api.get_responses": lambda scene, her: Sent(query={"patient": her.patient.code}),
    "api.get_response": lambda scene, her: Sent({"response_id": f"{her.ids['answered']}-1"}),
    "api.post_questionnaire_response": fhir_response,
}
