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
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from proms import clock, logs
from proms.actions import evaluations
from proms.actions.access import make_link
from proms.settings import HOME as HOUSE
from proms.web.guard import open_to_all
from tests.canary import telling_line
from tests.clinic import KEYRING, Clinic
from tests.every_call import TWILIO, Scene
from tests.every_example import Sent
from tests.phone import HOME, content, website
from tests.ports import free_port

CANARY = "Kanarievogel"
KEYS = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
TYPED = (CANARY * 400, f"{CANARY}\x00{CANARY}")  # too long for anything, and what no column takes
# What JSON can hold beside: half a character, and other types.
SENT: tuple[Any, ...] = (*TYPED, f"\ud800{CANARY}", [CANARY], {CANARY: CANARY})


@pytest.fixture
def app(clinic: Clinic, database_url: str) -> Iterator[Flask]:
    clinic.today("2026-01-05", "09:00")
    # A story adds addresses of its own, so the application is its own too.
    with website(database_url, library=content(demo=False), twilio=TWILIO) as running:
        yield running


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


@pytest.mark.parametrize(
    ("said", "tells"),
    [
        ({"event": "tick_failed", "trace": ["proms/jobs/ticks.py:41"], "delivery": 12}, False),
        ({"event": "library", "library": "twilio", "at": "twilio/rest/__init__.py:10"}, False),
        ({"event": "request_failed", "id": "0f3c2d9e8b7a4c5d9e1f2a3b4c5d6e7f"}, False),
        ({"event": "x", "to": "+31612345678"}, True),
        ({"event": "x", "to": "0612345678"}, True),
        ({"event": "x", "to": "bert@example.org"}, True),
        ({"event": "x", "who": "Anna Bakker"}, True),
        ({"event": "x", "patient": "A1B2C3D4"}, True),
        ({"event": "x", "path": "/q/ihTUjzJhHvAzZlE91xNK8C"}, True),
        ({"event": "x", "token": "ihTUjzJhHvAzZlE91xNK8C"}, True),
    ],
)
def test_t19_a_line_of_any_test_that_tells_of_somebody_is_found(
    said: dict[str, object], tells: bool
):
    written = f"what a command prints: Anna\n{json.dumps(said)}\n"
    assert bool(telling_line(written)) is tells


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


def test_a_command_that_fails_says_where_and_not_what(tmp_path: Path):
    env = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'without-tables.db'}",
        "PROMS_DEMO": "1",
        "PROMS_SECRET": KEYRING.secret,
        "PROMS_IDENTITY_KEYS": KEYS,
        "PROMS_PUBLIC_URL": "http://127.0.0.1:8000",
    }
    words = ["site", "add", "AMS", "--name", CANARY, "--phone", "020 123 45 67"]
    command = [sys.executable, "-m", "proms.cli", *words]
    ended = subprocess.run(command, env=env, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    (told,) = [json.loads(each) for each in ended.stderr.splitlines()]
    assert told["error"] == "OperationalError < OperationalError"
    assert "proms/actions/people.py" in " ".join(told["trace"])
    assert CANARY not in ended.stderr


def test_nothing_sent_to_any_route_reaches_a_line(app: Flask, clinic: Clinic, line: Line):
    scene, sent = Scene(app, clinic), 0
    for rule, method in scene.rules():
        example = scene.example(rule, method)
        for spoilt in _spoilt(example):
            answer = scene.call(rule, method, spoilt)
            answer.close()  # a file of the API's page would stay open
            sent += 1
            if answer.status_code < 400 and method != "GET":
                example = scene.example(rule, method)  # it is used up
    assert sent > 500
    assert CANARY not in line.read()


def test_a_crash_of_the_rules_is_told_without_the_answers(
    app: Flask, clinic: Clinic, line: Line, monkeypatch: pytest.MonkeyPatch
):
    bert = clinic.enrols("Bert")
    clinic.works()

    def crash(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError(CANARY)

    monkeypatch.setattr(evaluations, "judge", crash)
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
        "PROMS_IDENTITY_KEYS": KEYS,
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


def _spoilt(sent: Sent) -> Iterator[Sent]:
    """The call with the canary in one part of it at a time, and in a part that it does not have."""
    for value in TYPED:
        for name in sent.path:
            yield replace(sent, path={**sent.path, name: value})
        for name in (*sent.query, CANARY):
            yield replace(sent, query={**sent.query, name: value})
        for name in (*sent.form, CANARY) if sent.form is not None else ():
            yield replace(sent, form={**sent.form, name: value})
    if isinstance(sent.json, dict):
        for value in SENT:
            for name in (*sent.json, CANARY):
                yield replace(sent, json={**sent.json, name: value})
            yield replace(sent, json=value)


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
