"""A thousand acknowledged submissions while web processes are killed: none lost, none double."""

import http.client
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, func, select

from proms import clock
from proms.actions.access import make_link
from proms.actions.audit import OPERATOR
from proms.actions.enrolment import NewPatient, enrol
from proms.actions.people import NewSite, NewStaff, add_site, add_staff
from proms.content import load
from proms.db.keyring import Keyring
from proms.db.session import connect
from proms.db.tables import Alert, AlertOccurrence, Assignment, Link, PatientVisit, Response, Score
from proms.domain.person import ContactKind, Language, Role, Sex
from proms.settings import HOME

pytestmark = pytest.mark.both_engines

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
KEYS = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
KEYRING = Keyring({"k1": bytes(range(32))}, SECRET)
PATIENTS, KILLS, CLIENTS = 500, 10, 8
PATIENCE = timedelta(minutes=4)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(database_url: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The production server with two web processes, on the database of this test."""
    env = {
        **os.environ,
        "DATABASE_URL": database_url,
        "PROMS_DEMO": "1",
        "PROMS_SECRET": SECRET,
        "PROMS_IDENTITY_KEYS": KEYS,
        "PROMS_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "proms.cli", "serve", "--port", str(port), "--processes", "2"]
    with subprocess.Popen(
        command, env=env, start_new_session=True, stderr=subprocess.DEVNULL
    ) as process:
        yield process
        os.killpg(process.pid, signal.SIGKILL)


def test_no_acknowledged_submission_is_lost_or_doubled_when_web_processes_are_killed(
    database_url: str, port: int, server: subprocess.Popen[bytes]
) -> None:
    sheets = waiting_sheets(database_url)
    assert len(sheets) == 2 * PATIENTS
    acknowledged: dict[int, str] = {}
    killer = Killer(server.pid, lambda: len(acknowledged))
    wait_until_up(port)
    killer.start()
    with ThreadPoolExecutor(CLIENTS) as clients:
        for assignment_id, receipt in clients.map(
            lambda sheet: send_until_acknowledged(port, *sheet), sheets
        ):
            acknowledged[assignment_id] = receipt
    killer.join()
    assert killer.killed == KILLS
    stored = receipts(database_url)
    assert stored == acknowledged
    assert whole(database_url)


class Killer(threading.Thread):
    """Kills a random web process each time a tenth of the answers is in."""

    def __init__(self, master: int, done) -> None:  # type: ignore[no-untyped-def]
        super().__init__(daemon=True)
        self.master, self.done, self.killed = master, done, 0

    def run(self) -> None:
        choose = random.Random(7)
        while self.killed < KILLS:
            if self.done() >= self.killed * PATIENTS * 2 // (KILLS + 1) and (
                children := web_processes(self.master)
            ):
                os.kill(choose.choice(children), signal.SIGKILL)
                self.killed += 1
            time.sleep(0.05)


def web_processes(master: int) -> list[int]:
    listed = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return [int(each) for each in listed]


def waiting_sheets(database_url: str) -> list[tuple[int, str, str]]:
    """(assignment, instrument, token) of every questionnaire that is open: two a patient."""
    database, now = connect(database_url), clock.now()
    library = load(HOME, stand_ins=True)  # as the demo that is killed
    with database.writing() as session:
        site = add_site(
            session, NewSite("AMS", "Voorbeeld", "020 123 45 67", ""), by=OPERATOR, now=now
        )
        new = NewStaff("mo", "Mo", Role.COORDINATOR, "a long enough password")
        by = add_staff(session, KEYRING, new, site_id=site.id, by=OPERATOR, now=now)
        sheets = []
        for index in range(PATIENTS):
            patient = enrol(
                session,
                library,
                KEYRING,
                invented(index, now.date()),
                protocol="pump-it",
                by=by,
                now=now,
            )
            token = visit(session, patient.id, now)
            rows = session.exec(select(Assignment).where(Assignment.patient_id == patient.id))
            sheets += [
                (row.id, row.instrument, token)
                for row in rows
                if row.instrument in ANSWERS and row.opens_at <= now
            ]
    database.engine.dispose()
    return sheets


def invented(index: int, today: date) -> NewPatient:
    return NewPatient(
        name=f"Invented {index}",
        hospital_number=str(index),
        birth_year=1960,
        sex=Sex.MALE,
        language=Language.NL,
        consent=today - timedelta(days=1),
        contact_kind=ContactKind.EMAIL,
        address=f"p{index}@example.org",
    )


def visit(session: Session, patient_id: int, now: datetime) -> str:
    make_link(session, KEYRING, patient_id=patient_id, now=now)
    session.flush()
    link = session.exec(select(Link).where(Link.patient_id == patient_id)).one()
    token = secrets.token_urlsafe(20)
    session.add(
        PatientVisit(
            token_hash=KEYRING.hashed(token),
            patient_id=patient_id,
            link_id=link.id,
            language="nl",
            created_at=now,
        )
    )
    session.commit()
    return token


def send_until_acknowledged(
    port: int, assignment_id: int, instrument: str, token: str
) -> tuple[int, str]:
    """What a phone does: the same answers under the same key, until there is a receipt."""
    body = json.dumps({"answers": ANSWERS[instrument]})
    headers = {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": f"key-{assignment_id}",
        "Content-Type": "application/json",
    }
    give_up = time.monotonic() + PATIENCE.total_seconds()
    while time.monotonic() < give_up:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
                connection.request(
                    "POST", f"/api/v1/assignments/{assignment_id}/response", body, headers
                )
                answer = connection.getresponse()
                said = answer.read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
            continue
        if answer.status in (200, 201):
            return assignment_id, json.loads(said)["receipt"]
        assert answer.status == 503, said
        time.sleep(0.1)
    raise AssertionError(f"assignment {assignment_id} was never acknowledged")


ANSWERS = {
    "hsc": {
        "JAUND": 2,
        "URINE": 0,
        "STOOL": 0,
        "ITCH": 0,
        "TEMP": 0,
        "CHILL": 0,
        "BLEED": ["none"],
        "ALARM": ["none"],
    },
    "qlq-c30": {f"q{n}": 1 for n in range(1, 31)},
}


def wait_until_up(port: int) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not start")


@contextmanager
def looking_at(database_url: str) -> Iterator[Session]:
    database = connect(database_url)
    with database.reading() as session:
        yield session
    database.engine.dispose()


def receipts(database_url: str) -> dict[int, str]:
    with looking_at(database_url) as session:
        rows = session.exec(select(Response.assignment_id, Response.receipt)).all()
        assert len(rows) == len({assignment for assignment, _ in rows})
        return dict(rows)


def whole(database_url: str) -> bool:
    """Every response has its scores, every yellow one its alert: nothing is stored by halves."""
    with looking_at(database_url) as session:
        alerts = session.exec(
            select(func.count()).select_from(Alert).where(Alert.rule == "B1")
        ).one()
        occurrences = session.exec(
            select(func.count(func.distinct(col(AlertOccurrence.response_id))))
        ).one()
        scored = session.exec(select(func.count(func.distinct(col(Score.response_id))))).one()
    return (alerts, occurrences, scored) == (PATIENTS, PATIENTS, PATIENTS)
