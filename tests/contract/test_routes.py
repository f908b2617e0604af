"""Who may call which route: every route of the application, by every role, of the own and of
another hospital."""

import re
from pathlib import Path

import pytest
import time_machine

from proms.actions.access import begin_visit, log_in, make_link
from proms.actions.attempts import Origin
from proms.db.session import connect
from proms.domain.person import Role
from proms.settings import HOME as HOME_FOLDER
from proms.web.guard import OPEN, PATIENT, PATIENT_COOKIE, STAFF_COOKIE, admits
from tests.clinic import KEYRING, PASSWORD, Clinic
from tests.desk import stranger
from tests.phone import HOME, website

CARERS = {Role.NURSE, Role.COORDINATOR}
# The table: what is not in it is open to all, a patient's, or a mistake.
STAFF_PAGES = {
    "staff.worklist": set(Role),  # sends everybody else on to her own page
    "staff.leave": set(Role),
    "staff.worklist_as_typed": {Role.NURSE},
    "staff.patient_as_typed": {Role.NURSE},
    "staff.take": {Role.NURSE},
    "staff.worklist_mark": CARERS,
    "staff.call_list_page": CARERS,
    "staff.call_page": CARERS,
    "staff.show_number_to_call": CARERS,
    "staff.note_pack_call": CARERS,
    "staff.hand_over": CARERS,
    "staff.keep_note": {Role.NURSE},
    "staff.expect": {Role.NURSE},
    "staff.end_expected": {Role.NURSE},
    "staff.resolve_all_information": {Role.NURSE},
    "staff.resolve": {Role.NURSE},
    "staff.patients": CARERS,
    "staff.find_patients": CARERS,
    "staff.messages": CARERS,
    "staff.cancel": CARERS,
    "staff.patient": CARERS,
    "staff.show_contact": CARERS,
    "staff.link_again": CARERS,
    "staff.confirmation": CARERS,
    "staff.send_test_message": CARERS,
    "staff.confirm": CARERS,
    "staff.response": CARERS,
    "staff.aside": CARERS,
    "staff.calendar": CARERS,
    "staff.half_year": CARERS,
    "staff.consultation": CARERS,
    "staff.strip": CARERS,
    "staff.fill_in_check": CARERS,
    "staff.fill_in_extra_check": CARERS,
    "staff.save_filled_in": CARERS,
    "staff.save_filled_in_extra": CARERS,
    "staff.labs": CARERS,
    "staff.record_labs": CARERS,
    "staff.import_labs": CARERS,
    "staff.labs_template": CARERS,
    "staff.look_at_labs": CARERS,
    "staff.save_labs_file": CARERS,
    "staff.new_patient": {Role.COORDINATOR},
    "staff.enrol_patient": {Role.COORDINATOR},
    "staff.new_contact": {Role.COORDINATOR},
    "staff.second_way": {Role.COORDINATOR},
    "staff.save_second_way": {Role.COORDINATOR},
    "staff.stop_second_way": {Role.COORDINATOR},
    "staff.preview": {Role.COORDINATOR},
    "staff.save": {Role.COORDINATOR},
    "staff.import_form": {Role.COORDINATOR},
    "staff.import_template": {Role.COORDINATOR},
    "staff.look_at_import": {Role.COORDINATOR},
    "staff.save_file": {Role.COORDINATOR},
    "staff.data": {Role.ANALYST, Role.ADMINISTRATOR},
    "staff.scores": {Role.ANALYST, Role.ADMINISTRATOR},
    "staff.codebook_csv": {Role.ANALYST, Role.ADMINISTRATOR},
    "staff.instruments": set(
        Role
    ),  # what the trial asks is no secret; no patient is on these pages
    "staff.instrument": set(Role),
    "staff.paper": set(Role),
    "staff.pin": CARERS,
    "staff.tablet": CARERS,
    "staff.new_tablet_code": CARERS,
    "staff.new_pin": CARERS,
    "staff.no_pin": CARERS,
    "staff.leaflet": set(Role),
    "staff.blank_form": set(Role),
    "staff.on_the_phone": set(Role),
    "staff.roster": {*CARERS, Role.ADMINISTRATOR},
    "staff.rules": {*CARERS, Role.ADMINISTRATOR},
    "staff.set_aside": {*CARERS, Role.ADMINISTRATOR},
    "staff.try_set_aside_again": {*CARERS, Role.ADMINISTRATOR},
    "staff.save_roster": {Role.COORDINATOR, Role.ADMINISTRATOR},
    "staff.pin_use": {Role.COORDINATOR, Role.ADMINISTRATOR},
    "staff.change_pin_use": {Role.COORDINATOR, Role.ADMINISTRATOR},
    "staff.sender": {Role.ADMINISTRATOR},
    "staff.look_at_name": {Role.ADMINISTRATOR},
    "staff.change_name": {Role.ADMINISTRATOR},
    "staff.people": {Role.ADMINISTRATOR},
    "staff.add_person": {Role.ADMINISTRATOR},
    "staff.person": {Role.ADMINISTRATOR},
    "staff.change_person": {Role.ADMINISTRATOR},
    "staff.ask_deactivation": {Role.ADMINISTRATOR},
    "staff.deactivate": {Role.ADMINISTRATOR},
    "staff.ask_reactivation": {Role.ADMINISTRATOR},
    "staff.reactivate": {Role.ADMINISTRATOR},
    "staff.ask_password": {Role.ADMINISTRATOR},
    "staff.give_password": {Role.ADMINISTRATOR},
}
# The first assignment is a symptom check, which a nurse fills in and no coordinator.
NOT_OF_THIS = {(Role.COORDINATOR, "staff.save_filled_in")}
OPEN_PAGES = {"staff.login", "staff.enter"}
REFUSED = (401, 403)


@pytest.fixture
def clinic(sqlite_database_url, library):
    database = connect(sqlite_database_url)
    clinic = Clinic(database, library)
    clinic.today("2026-01-05")
    yield clinic
    database.engine.dispose()


@pytest.fixture
def app(clinic, sqlite_database_url):
    with website(sqlite_database_url) as running:
        running.config["WTF_CSRF_ENABLED"] = (
            False  # the token has its own story; here it would hide who is let in
        )
        yield running


@pytest.fixture
def anna(clinic):
    patient = clinic.enrols("Anna")
    clinic.answers(patient, JAUND=2)
    return patient


def routes(app):
    """Every route with every method a person could use."""
    for rule in app.url_map.iter_rules():
        yield from ((rule, method) for method in sorted(rule.methods - {"HEAD", "OPTIONS"}))


def address(rule, patient):
    """A route's address, filled in for a patient of the first hospital."""
    values = {"code": patient.code, "language": "nl"}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values.get(found[1], "1")), rule.rule)


def client_of(app, clinic, staff):
    login = clinic.login_of(staff)
    _, token = log_in(
        clinic.database, KEYRING, login=login, password=PASSWORD, origin=Origin(), now=clinic.now
    )
    client = app.test_client()
    client.set_cookie(f"__Host-{STAFF_COOKIE}", token, domain="proms.example.org", secure=True)
    return client


def call(client, clinic, method, where):
    with time_machine.travel(clinic.now, tick=False):
        return client.open(where, method=method, base_url=HOME)


def people(clinic):
    return {Role(each.role): each for each in (clinic.els, clinic.mo, clinic.kim, clinic.ad)}


def test_every_route_says_whom_it_is_open_to(app):
    silent = [rule.endpoint for rule, _ in routes(app) if admits(app, rule.endpoint) is None]
    assert silent == []


def test_the_table_of_staff_pages_is_the_one_the_application_has(app):
    held = {
        rule.endpoint: admits(app, rule.endpoint)
        for rule, _ in routes(app)
        if rule.endpoint.startswith("staff.")
    }
    roles = {
        endpoint: set(admitted)
        for endpoint, admitted in held.items()
        if isinstance(admitted, frozenset)
    }
    assert roles == STAFF_PAGES
    assert {endpoint for endpoint, admitted in held.items() if admitted == OPEN} == OPEN_PAGES
    assert not [endpoint for endpoint, admitted in held.items() if admitted == PATIENT]


def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(clinic, app, anna):
    wrong = []
    for role, staff in people(clinic).items():
        client = client_of(app, clinic, staff)
        for rule, method in routes(app):
            admitted = admits(app, rule.endpoint)
            if (
                not isinstance(admitted, frozenset)
                or rule.endpoint == "staff.leave"
                or is_api(rule)
            ):
                continue
            status = call(client, clinic, method, address(rule, anna)).status_code
            let_in = role in admitted and (role, rule.endpoint) not in NOT_OF_THIS
            if (status in REFUSED) == let_in:
                wrong.append((role.value, method, rule.rule, status))
    assert wrong == []


def test_of_another_hospital_nobody_finds_a_patient_whatever_her_role(clinic, app, anna):
    wrong = []
    for role in Role:
        far = stranger(clinic, role)
        client = client_of(app, clinic, far)
        for rule, method in routes(app):
            if "<code>" not in rule.rule or not rule.endpoint.startswith("staff."):
                continue
            answer = call(client, clinic, method, address(rule, anna))
            wanted = 404 if role in STAFF_PAGES[rule.endpoint] else 403
            if answer.status_code != wanted or anna.code in answer.text:
                wrong.append((role.value, method, rule.rule, answer.status_code))
    assert wrong == []
    assert clinic.worklist() == [("B1", "red", "open")]


def test_a_stranger_without_a_session_gets_no_further_than_the_log_in(clinic, app, anna):
    client, wrong = app.test_client(), []
    for rule, method in routes(app):
        if not isinstance(admits(app, rule.endpoint), frozenset) or is_api(rule):
            continue
        answer = call(client, clinic, method, address(rule, anna))
        if answer.status_code != 302 or not answer.headers["Location"].startswith("/staff/login"):
            wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []


def test_a_patients_device_opens_no_staff_page(clinic, app, anna):
    with clinic.database.writing() as session:
        link = make_link(session, KEYRING, patient_id=anna.id, now=clinic.now)
        session.commit()
    _, visit = begin_visit(clinic.database, KEYRING, token=link, now=clinic.now)
    client = app.test_client()
    for name in (PATIENT_COOKIE, STAFF_COOKIE):
        client.set_cookie(f"__Host-{name}", visit, domain="proms.example.org", secure=True)
    for rule, method in routes(app):
        if isinstance(admits(app, rule.endpoint), frozenset) and not is_api(rule):
            assert call(client, clinic, method, address(rule, anna)).status_code == 302


def test_no_page_of_staff_may_be_kept_by_a_browser_or_shown_in_a_frame(clinic, app, anna):
    client = client_of(app, clinic, clinic.els)
    headers = call(client, clinic, "GET", f"/staff/patients/{anna.code}").headers
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    sorted(Path(HOME_FOLDER, "proms/web/templates/staff").rglob("*.html")),
    ids=lambda path: path.name,
)
def test_no_staff_page_has_a_script_or_a_style_of_its_own(path):
    # The one file that every staff page shares; without it all of them work.
    shared = """<script type="module" src="{{ asset('staff.js') }}"></script>"""
    text = path.read_text().replace(shared, "")
    assert not re.search(r"<script|\bstyle=|<style|\bon\w+=|https?://", text)


def is_api(rule):
    return rule.rule.startswith("/api/")
