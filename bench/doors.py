"""What a patient notices of ten clients that guess passwords: her answers kept by the production
server, beside the same server left in peace."""

import base64
import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from sqlmodel import select

from bench.crowd import KEYRING, engines
from bench.timing import Figure
from proms import clock
from proms.actions.access import begin_visit, make_link
from proms.actions.audit import OPERATOR
from proms.actions.enrolment import NewPatient, enrol
from proms.actions.people import NewSite, NewStaff, add_site, add_staff
from proms.content import Library
from proms.db.migrate import upgrade
from proms.db.session import connect
from proms.db.tables import Assignment
from proms.domain.person import ContactKind, Language, Role, Sex
from proms.settings import HOME

SAVES = 60
WARM_UP = 10
SETTLING = 0.4  # seconds for each turn: what the guessers fill has filled by then


def figures(library: Library, times: int) -> list[Figure]:
    """The median save while ten clients guess, on each engine; the peer is the save in peace."""
    measured = []
    saves = max(WARM_UP, SAVES * times // 5)
    with engines() as ways:
        for engine, fresh in ways.items():
            address = fresh()
            assignment_id, token = patient_with_phone(library, address)
            with serving(address) as port:

                def save(port: int = port, id_: int = assignment_id, token: str = token) -> None:
                    save_answer(port, id_, token)

                _median(save, WARM_UP)
                alone = _median(save, saves)
                for how, kind in (("one address", "one"), ("many addresses", "many")):
                    with _guessing(port, kind):
                        sleep(SETTLING * times)
                        beset = _median(save, saves)
                    what = f"an answer kept, ten clients guess from {how}, {engine}"
                    peer = f"without them ({alone * 1000:.0f} ms)"
                    measured.append(Figure(what, 1, beset, peer, alone / beset, "under 100 ms"))
    return measured


def _median(run: Callable[[], None], times: int) -> float:
    taken = []
    for _ in range(times):
        began = perf_counter()
        run()
        taken.append(perf_counter() - began)
        sleep(0.02)
    return median(taken)


def save_answer(port: int, assignment_id: int, token: str) -> None:
    body = json.dumps({"answers": {"TEMP": 0, "CHILL": 0}})
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("PUT", f"/api/v1/assignments/{assignment_id}/draft", body, headers)
        answer = connection.getresponse()
        said = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {said[:200]!r}")


def patient_with_phone(library: Library, address: str) -> tuple[int, str]:
    """A patient with an open symptom check, and the token of her device."""
    upgrade(address)
    database, now = connect(address), clock.now()
    with database.writing() as session:
        site = add_site(session, NewSite("B", "Bench", "020 123 45 67", ""), by=OPERATOR, now=now)
        new = NewStaff("bench", "Bench", Role.COORDINATOR, secrets.token_urlsafe())
        by = add_staff(session, KEYRING, new, site_id=site.id, by=OPERATOR, now=now)
        patient = enrol(
            session, library, KEYRING, _invented(now.date()), protocol="pump-it", by=by, now=now
        )
        link = make_link(session, KEYRING, patient_id=patient.id, now=now)
        session.commit()
    _, token = begin_visit(database, KEYRING, token=link, now=now)
    with database.reading() as session:
        held = session.exec(select(Assignment).where(Assignment.instrument == "hsc")).all()
        assignment_id = next(each.id for each in held if each.opens_at <= now)
    database.engine.dispose()
    return assignment_id, token


def _invented(today: date) -> NewPatient:
    return NewPatient(
        name="Invented",
        hospital_number="1",
        birth_year=1960,
        sex=Sex.FEMALE,
        language=Language.NL,
        consent=today - timedelta(days=1),
        contact_kind=ContactKind.EMAIL,
        address="invented@example.org",
    )


@contextmanager
def serving(address: str) -> Iterator[int]:
    """`proms serve` with two processes."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    key = base64.b64encode(KEYRING.keys["bench"]).decode()
    env = {
        **os.environ,
        "DATABASE_URL": address,
        "PROMS_DEMO": "1",
        "PROMS_SECRET": KEYRING.secret,
        "PROMS_IDENTITY_KEYS": f"bench:{key}",
        "PROMS_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    command = [sys.executable, "-m", "proms.cli", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=env, cwd=HOME, stderr=subprocess.DEVNULL) as server:
        try:
            _await(port)
            yield port
        finally:
            server.terminate()


def _await(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.2)
    raise RuntimeError("the server did not start")


@contextmanager
def _guessing(port: int, kind: str) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.guessing", str(port), kind]
    with subprocess.Popen(
        command, cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as clients:
        try:
            yield
        finally:
            told, _ = clients.communicate("")
            if os.environ.get("BENCH_TELL"):
                print(kind, told.strip(), file=sys.stderr)
