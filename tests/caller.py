"""Somebody who calls the API of a clinic, at the clinic's own time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from proms.actions.access import make_link
from proms.db.session import Database
from proms.db.tables import Patient, Staff
from tests.clinic import KEYRING, PASSWORD, Clinic

V1 = "/api/v1"


@dataclass(frozen=True)
class Caller:
    """A device or a system with a bearer token, or without."""

    client: FlaskClient
    clinic: Clinic
    token: str | None = None

    def get(self, path: str) -> TestResponse:
        return self.call("GET", path)

    def post(self, path: str, json: object, **headers: str) -> TestResponse:
        return self.call("POST", path, json=json, headers=headers)

    def put(self, path: str, json: object = None) -> TestResponse:
        return self.call("PUT", path, json=json) if json is not None else self.call("PUT", path)

    def call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **sent: Any
    ) -> TestResponse:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with time_machine.travel(self.clinic.now, tick=False):
            return self.client.open(
                f"{V1}{path}", method=method, headers={**bearer, **(headers or {})}, **sent
            )

    def submits(
        self, assignment_id: int, answers: object, key: str, **more: object
    ) -> TestResponse:
        headers = {"Idempotency-Key": key}
        body = {"answers": answers, **more}
        return self.call(
            "POST", f"/assignments/{assignment_id}/response", headers=headers, json=body
        )


@dataclass(frozen=True)
class Callers:
    """Everybody who may call: patients by their link, staff by their log-in."""

    app: Flask
    clinic: Clinic

    @property
    def nobody(self) -> Caller:
        return Caller(self.app.test_client(), self.clinic)

    def patient(self, patient: Patient) -> Caller:
        with self.clinic.database.writing() as session:
            link = make_link(session, KEYRING, patient_id=patient.id or 0, now=self.clinic.now)
            session.commit()
        return self._in({"link": link})

    def staff(self, staff: Staff) -> Caller:
        return self._in({"login": self.clinic.login_of(staff), "password": PASSWORD})

    def _in(self, way: dict[str, str]) -> Caller:
        answered = self.nobody.post("/session", way)
        assert answered.status_code == 201, answered.text
        return replace(self.nobody, token=answered.json["token"])  # type: ignore[index]


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    said: list[str] = []

    def keep(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", keep)
    yield said
    event.remove(database.engine, "before_cursor_execute", keep)
