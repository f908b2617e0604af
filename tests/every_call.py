"""Every call the application takes, each with an example that is accepted: what walks over all
routes begins with these. A route without an example fails the walk."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import time_machine
from flask import Flask
from sqlmodel import Session, col, select, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from proms.actions.access import begin_visit, make_link
from proms.actions.refusals import AlreadyAnswered
from proms.db.tables import Alert, KeptAside, Login, Patient, Response, Staff
from proms.domain.alert.record import AlertState
from proms.domain.person import Role
from proms.settings import Twilio
from proms.web.guard import EITHER, PATIENT, PATIENT_COOKIE, STAFF_COOKIE, admits
from tests.clinic import KEYRING, MOBILE, Clinic
from tests.every_example import DAY, EXAMPLES, Her, Sent
from tests.known_symptom import known_symptom
from tests.phone import HOME
from tests.twilio_server import ACCOUNT, TOKEN, signature

TWILIO = Twilio(ACCOUNT, TOKEN, "proms")
PART = re.compile(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>")


class Scene:
    """A clinic with its application, a token of everybody, and as many patients as are used up."""

    def __init__(self, app: Flask, clinic: Clinic) -> None:
        self.app, self.clinic = app, clinic
        app.config["WTF_CSRF_ENABLED"] = False  # the token has its own story
        clinic.today(DAY)
        self.spare = 0
        self.tokens = {Role(staff.role): self._token(staff) for staff in self._staff()}

    def rules(self) -> Iterator[tuple[Rule, str]]:
        """Every route with every method a person could use; static files are no route of ours."""
        for rule in self.app.url_map.iter_rules():
            if rule.endpoint != "static":
                yield from ((rule, method) for method in sorted(rule.methods - {"HEAD", "OPTIONS"}))

    def example(self, rule: Rule, method: str) -> Sent:
        """What the route accepts, about things nobody has used yet."""
        her = self.her()
        made = EXAMPLES.get((rule.endpoint, method)) or EXAMPLES.get(rule.endpoint)
        sent = made(self, her) if made else Sent()
        path = {name: sent.path.get(name, her.ids.get(name)) for name in rule.arguments}
        lacking = [name for name, value in path.items() if value is None]
        assert not lacking, f"give {rule.endpoint} an example: nothing says {lacking}"
        if method in {"POST", "PUT", "PATCH", "DELETE"}:
            assert made, f"give {method} {rule.rule} an example in tests/every_example.py"
        headers = {**self._bearer(rule, her), **sent.headers}
        return replace(sent, path=path, headers=headers)

    def call(self, rule: Rule, method: str, sent: Sent, data: str | None = None) -> TestResponse:
        """The answer; `data` is a body as it stands."""
        address = PART.sub(lambda part: quoted(sent.path[part[1]]), rule.rule)
        body: dict[str, Any] = {}
        if sent.form is not None:
            body["data"] = dict(sent.form)
        if sent.json is not None:
            body["json"] = sent.json
        if data is not None:
            body["data"] = data
        client = self.app.test_client()
        for name, value in sent.headers.items():
            if name.startswith("cookie:"):
                client.set_cookie(name[7:], value, domain="proms.example.org", secure=True)
        headers = {name: text for name, text in sent.headers.items() if "cookie:" not in name}
        if rule.endpoint.startswith("hooks."):
            form = {name: str(value) for name, value in (sent.form or {}).items()}
            headers["X-Twilio-Signature"] = signature(HOME + address, form)
        with time_machine.travel(self.clinic.now, tick=False):
            return client.open(
                address,
                method=method,
                base_url=HOME,
                query_string=sent.query,
                headers=headers,
                **body,
            )

    def her(self) -> Her:
        """One more patient: answered, with an alert, a draft, and answers kept aside."""
        self.spare += 1
        clinic = self.clinic
        patient = clinic.enrols(f"Anna {self.spare}", hospital_number=f"76{self.spare:05}")
        clinic.randomises(patient, arm="A", on=DAY)
        clinic.chooses(patient, "systemic", "folfox")
        check = clinic.asked(patient)
        receipt = clinic.answers(patient, JAUND=2)
        with suppress(AlreadyAnswered):
            clinic.answers(patient, assignment=check, key="another", CHILL=1)
        draft = clinic.opens(patient, "qlq-lmc21")
        with clinic.database.writing() as session:
            link = make_link(session, KEYRING, patient_id=patient.id, now=clinic.now)
            session.commit()
        _, visit = begin_visit(clinic.database, KEYRING, token=link, now=clinic.now)
        with clinic.database.reading() as session:
            ids = self._ids(session, patient)
        ids |= {"assignment_id": draft.id, "answered": check.id, "receipt": receipt.code}
        ids["level_id"] = known_symptom(clinic, patient)
        return Her(patient, link, visit, ids)

    def begins_anew(self) -> None:
        """Nobody's alert is open any more: with each example the worklist had grown, and every page
        that shows it with it."""
        closed = {"state": AlertState.RESOLVED, "resolved_at": self.clinic.now, "notice_at": None}
        with self.clinic.database.writing() as session:
            session.exec(update(Alert).where(col(Alert.resolved_at).is_(None)).values(**closed))
            session.commit()

    @property
    def as_nurse(self) -> dict[str, str]:
        """For what a coordinator may do too, and not to this."""
        return {f"cookie:__Host-{STAFF_COOKIE}": self.tokens[Role.NURSE]}

    def employee(self) -> int:
        """One more person of the site, to be dismissed."""
        self.spare += 1
        return self.clinic.employs(f"spare{self.spare}", Role.NURSE, phone=MOBILE).id

    def _ids(self, session: Session, patient: Patient) -> dict[str, Any]:
        def newest(table: Any) -> Any:
            mine = select(table).where(table.patient_id == patient.id)
            return session.exec(mine.order_by(col(table.id).desc())).first()

        response = newest(Response)
        return {
            "code": patient.code,
            "alert_id": newest(Alert).id,
            "response_id": response.id,
            "kept_id": newest(KeptAside).id,
            "c30": self.clinic.asked(patient, "qlq-c30").id,
            "language": "nl",
            "item_code": "q31",
        }

    def _staff(self) -> list[Staff]:
        clinic = self.clinic
        return [clinic.els, clinic.mo, clinic.kim, clinic.ad]

    def _token(self, staff: Staff) -> str:
        """A log-in, without the time that a password's hash takes."""
        now, token = self.clinic.now, f"token-of-{staff.id}"
        with self.clinic.database.writing() as session:
            digest = KEYRING.hashed(token)
            session.add(Login(token_hash=digest, staff_id=staff.id, created_at=now, seen_at=now))
            session.commit()
        return token

    def _bearer(self, rule: Rule, her: Her) -> dict[str, str]:
        """The token of somebody whom the route admits."""
        admitted = admits(self.app, rule.endpoint)
        if admitted in {PATIENT, EITHER}:
            token, cookie = her.visit, PATIENT_COOKIE
        elif isinstance(admitted, frozenset):
            order = (Role.COORDINATOR, Role.NURSE, Role.ADMINISTRATOR, Role.ANALYST)
            token = self.tokens[next(role for role in order if role in admitted)]
            cookie = STAFF_COOKIE
        else:
            return {}
        if rule.rule.startswith("/api/"):
            return {"Authorization": f"Bearer {token}"}
        return {f"cookie:__Host-{cookie}": token}


def quoted(value: object) -> str:
    """A part of an address; a byte that is no text stands as Python stands it."""
    return quote(str(value).encode(errors="surrogateescape"), safe="")
