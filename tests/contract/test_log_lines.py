"""Nothing that anybody sends reaches a log line: every form and every route, on both engines, with
what breaks a form."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from proms import clock, logs
from proms.actions import evaluations
from proms.actions.access import make_link
from proms.db.tables import Patient
from proms.settings import HOME as HOUSE
from proms.web.guard import open_to_all
from tests.caller import V1, Callers
from tests.clinic import KEYRING, Clinic
from tests.desk import Desk, Sheet
from tests.phone import HOME, website
from tests.ports import free_port

CANARY = "Kanarievogel"
PHONE = "+31612345678"
TYPED = (
    CANARY * 400,  # too long for anything
    f"{CANARY}\x00{CANARY}",
    f"{CANARY}\x1b[31m\r\n{CANARY}",
    f"{PHONE} {CANARY}",
)
# What JSON can hold beside: half a character, and every other type.
SENT: tuple[Any, ...] = (*TYPED, f"\ud800{CANARY}", [CANARY], {CANARY: CANARY}, 10**30, None)


@pytest.fixture
def app(clinic: Clinic, database_url: str) -> Iterator[Flask]:
    clinic.today("2026-01-05", "09:00")
    with website(database_url) as running:
        yield running


@pytest.fixture
def anna(clinic: Clinic) -> Patient:
    patient = clinic.enrols("Anna")
    clinic.works()
    clinic.answers(patient, TEMP=4)
    return patient


class Line:
    """What was written to stderr since it was last looked at."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self.capfd = capfd

    def read(self) -> str:
        return "".join(self.capfd.readouterr())


@pytest.fixture
def line(capfd: pytest.CaptureFixture[str]) -> Line:
    logs.configure()
    capfd.readouterr()
    return Line(capfd)


def test_an_error_is_told_by_its_kind_and_place_and_not_in_its_words(
    app: Flask, clinic: Clinic, line: Line
):
    @open_to_all
    def stumble(token: str) -> str:
        raise ZeroDivisionError(token)

    @open_to_all
    def misfit(token: str) -> str:
        statement = text("INSERT INTO site (code, name) VALUES (:code, :name)")
        with clinic.database.writing() as session:
            session.connection().execute(statement, {"code": token, "name": token * 40})
        return ""

    for view in (stumble, misfit):
        app.add_url_rule(f"/{view.__name__}/<token>", view.__name__, view)
    for view in (stumble, misfit):
        answer = app.test_client().get(f"/{view.__name__}/{CANARY}", base_url=HOME)
        assert answer.status_code == 500
        said = line.read()
        assert CANARY not in said
        (told,) = [json.loads(each) for each in said.splitlines()]
        assert told["event"] == "request_failed"
        assert told["request"] == answer.headers["X-Request-ID"]
        assert "tests/contract/test_log_lines.py" in " ".join(told["trace"]), told
    assert "Error" in told["error"]


def test_a_librarys_own_words_are_not_repeated(line: Line):
    for name in ("twilio.http_client", "sqlalchemy.pool", "apscheduler.scheduler", "werkzeug"):
        try:
            raise ValueError(CANARY)
        except ValueError:
            logging.getLogger(name).exception("to %s", CANARY)
    said = line.read()
    assert CANARY not in said
    assert said.count('"error": "ValueError"') == 4
    logs._warned(UserWarning(CANARY), UserWarning, __file__, 1)  # as `warnings` calls it
    assert CANARY not in line.read()


def test_no_field_of_any_form_reaches_a_line(
    app: Flask, clinic: Clinic, anna: Patient, line: Line, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    sent = 0
    for person in (clinic.els, clinic.mo, clinic.kim, clinic.ad):
        desk = Desk(app, clinic, person)
        for path in _pages(app, anna):
            desk.opens(path)
            if desk.status == 200:
                for sheet in desk.page.sheets:
                    if not sheet.action.startswith(("/staff/logout", "/language")):
                        sent += _spoil(desk.client, clinic, sheet, path)
    assert sent > 200
    assert CANARY not in line.read()


def test_no_field_of_any_call_reaches_a_line(app: Flask, clinic: Clinic, anna: Patient, line: Line):
    callers = Callers(app, clinic)
    everybody = [callers.nobody, callers.patient(anna)]
    everybody += [callers.staff(each) for each in (clinic.els, clinic.mo, clinic.kim)]
    calls = list(_calls(app, anna))
    assert len(calls) > 20
    for caller in everybody:
        for method, path, names in calls:
            for value in SENT:
                told = {"method": method, "headers": {"Idempotency-Key": "a-key"}}
                if method == "GET":
                    asked = dict.fromkeys(names or ["q"], str(value)[:2000].replace("\ud800", "?"))
                    caller.call(path=path, query_string=asked, **told)
                    continue
                body = dict.fromkeys(names, value)
                caller.call(path=path, json=body, **told)
                for name in names:
                    caller.call(path=path, json={**_plain(names), name: value}, **told)
    assert CANARY not in line.read()


def test_no_address_with_a_canary_in_it_reaches_a_line(
    app: Flask, clinic: Clinic, anna: Patient, line: Line
):
    client = Desk(app, clinic, clinic.mo).client
    for rule in app.url_map.iter_rules():
        for value in (CANARY, f"{CANARY}%00", f"%F0%28{CANARY}", "9" * 30):
            path = rule.rule
            while "<" in path:
                before, _, rest = path.partition("<")
                path = before + value + rest.partition(">")[2]
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                _ask(client, clinic, method, path)
    assert CANARY not in line.read()


def test_a_crash_of_the_rules_is_told_without_the_answers(
    app: Flask, clinic: Clinic, line: Line, monkeypatch: pytest.MonkeyPatch
):
    bert = clinic.enrols("Bert")
    clinic.works()

    def crash(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError(CANARY)

    monkeypatch.setattr(evaluations, "evaluate", crash)
    clinic.answers(bert, REMARK=CANARY)
    said = line.read()
    assert "evaluation_failed" in said
    assert CANARY not in said


def test_the_production_server_writes_nothing_of_a_request(
    clinic: Clinic, database_url: str, tmp_path: Path
):
    """gunicorn's own lines too, its access log switched on, and requests that are no HTTP."""
    anna = clinic.enrols("Anna")
    with clinic.database.writing() as session:
        token = make_link(session, KEYRING, patient_id=anna.id, now=clock.now())
        session.commit()
    clinic.database.engine.dispose()
    port, written = free_port(), tmp_path / "lines"
    env = {
        **os.environ,
        "DATABASE_URL": database_url,
        "PROMS_DEMO": "1",
        "PROMS_SECRET": KEYRING.secret,
        "PROMS_IDENTITY_KEYS": "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "PROMS_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "GUNICORN_CMD_ARGS": "--access-logfile=-",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    command = [sys.executable, "-m", "proms.cli", "serve", "--port", str(port), "--processes", "1"]
    with written.open("wb") as lines:
        server = subprocess.Popen(
            command, env=env, cwd=HOUSE, stdout=lines, stderr=lines, start_new_session=True
        )
        try:
            _await(port)
            answers = [
                _raw(port, request)
                for request in (
                    f"GET /q/{token} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                    f"GET /{CANARY} HTTP/1.1\r\nHost: x\r\nReferer: {CANARY}\r\n"
                    f"User-Agent: {CANARY}\r\nConnection: close\r\n\r\n",
                    f"{CANARY} {CANARY} {CANARY}\r\n\r\n",
                    f"GET /{CANARY} HTTP/1.1\r\n{CANARY}\r\n\r\n",
                    f"GET /{CANARY} HTTP/1.1\r\nHost: x\r\nContent-Length: {CANARY}\r\n\r\n",
                    f"{CANARY} /{CANARY} HTTP/9.9\r\n\r\n",
                    f"GET /{CANARY * 1000} HTTP/1.1\r\nHost: x\r\n\r\n",
                    f"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                    f"Content-Type: application/json\r\n\r\nzz{CANARY}\r\n",
                )
            ]
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(20)
    said = written.read_text()
    assert answers[0].startswith(b"HTTP/1.1 200")
    assert '"event": "request"' in said
    assert token not in said
    assert CANARY not in said


def _pages(app: Flask, anna: Patient) -> Iterator[str]:
    """Every page of the staff that has no more than a patient in its address."""
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<code>", anna.code)
        if rule.endpoint.startswith("staff.") and "GET" in rule.methods and "<" not in path:
            yield path


def _spoil(client: FlaskClient, clinic: Clinic, sheet: Sheet, path: str) -> int:
    """Send the form with every field spoilt, and with each of them alone."""
    names = {*sheet.held, *sheet.offered}
    forms = [dict.fromkeys(names, value) for value in TYPED]
    forms += [{**sheet.held, name: value} for name in sorted(names) for value in TYPED[:2]]
    for form in forms:
        _ask(client, clinic, sheet.method, sheet.action or path, form)
    return len(forms)


def _ask(
    client: FlaskClient,
    clinic: Clinic,
    method: str,
    path: str,
    form: dict[str, str] | None = None,
) -> TestResponse:
    given = {"query_string": form} if method == "GET" else {"data": form}
    with time_machine.travel(clinic.now, tick=False):
        return client.open(path, method=method, base_url=HOME, **given)


def _calls(app: Flask, anna: Patient) -> Iterator[tuple[str, str, list[str]]]:
    """Every call of the API: method, path, and the names of what it reads."""
    described = app.extensions["api_description"]
    for path, calls in described["paths"].items():
        filled = path.removeprefix(V1).replace("{code}", anna.code)
        while "{" in filled:
            before, _, rest = filled.partition("{")
            filled = before + "1" + rest.partition("}")[2]
        for method, call in calls.items():
            if method not in ("get", "post", "put", "delete"):
                continue
            names = [each["name"] for each in call.get("parameters", []) if each["in"] == "query"]
            for content in call.get("requestBody", {}).get("content", {}).values():
                form = content["schema"].get("$ref", "").rpartition("/")[2]
                names += described["components"]["schemas"].get(form, {}).get("properties", {})
            yield method.upper(), filled, names


def _plain(names: list[str]) -> dict[str, object]:
    return dict.fromkeys(names, "1")


def _await(port: int) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError("the server did not start")


def _raw(port: int, request: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as caller:
        caller.sendall(request.encode())
        caller.shutdown(socket.SHUT_WR)
        return caller.recv(65536)
