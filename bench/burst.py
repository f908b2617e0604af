"""What a patient notices while a morning's reminders leave: her answers kept by the production
server, beside the same server when nothing leaves. `python -m bench.burst` is the worker."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from functools import partial
from time import perf_counter, sleep
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import col, select, update

from bench.crowd import KEYRING, copy_patient, engines
from bench.doors import WARM_UP, patient_with_phone, save_answer, serving
from bench.sending import ANSWERS_IN, SIDE_BY_SIDE, Provider
from bench.timing import Figure
from proms import clock
from proms.actions.deliveries import Lane, deliver_due
from proms.actions.letters import Post
from proms.actions.reminders import remind_due
from proms.content import Library, load
from proms.db.session import Database, connect
from proms.db.tables import Assignment, Contact, Delivery, Patient
from proms.domain.reminder import DeliveryState, OutboxLimits
from proms.settings import HOME

REMINDERS = 3_060  # ten times the trial's patients
SAVES = 400
BETWEEN_SAVES = 0.02  # seconds
PROMISED = 30 * 60  # seconds until all have left
MORNING = time(10)  # by the clock of the site
ADDRESS = "nobody@example.org"


class Measured(NamedTuple):
    """The slowest but for one in twenty, and how long all took."""

    p95: float
    seconds: float


def figures(library: Library, times: int) -> Iterator[Figure]:
    """A part of the burst where few turns are asked for."""
    reminders, saves = (max(1, all_ * min(times, 5) // 5) for all_ in (REMINDERS, SAVES))
    with engines() as ways:
        for engine, fresh in ways.items():
            address = fresh()
            assignment_id, token = patient_with_phone(library, address)
            _owe(address, reminders)
            with serving(address) as port:
                save = partial(save_answer, port, assignment_id, token)
                _saves(save, WARM_UP)
                alone = _saves(save, saves)
                with _worker(address) as work:
                    during = _saves(save, saves, until=work)
                left = _left(address)
            what = f"an answer kept while {reminders:,} reminders leave, p95, {engine}"
            peer = f"p95 without them ({alone.p95 * 1000:.0f} ms)"
            yield Figure(what, 1, during.p95, peer, alone.p95 / during.p95, "as without")
            what = f"reminders decided and left while the web serves, {engine}"
            pace = PROMISED * left / REMINDERS / during.seconds
            yield Figure(what, left, during.seconds, "30 minutes for all", pace, "above 1")


def _saves(
    save: partial[None], fewest: int, until: "subprocess.Popen[bytes] | None" = None
) -> Measured:
    """So many answers kept one after the other, or as many as are while a process runs."""
    taken: list[float] = []
    began = perf_counter()
    while len(taken) < fewest if until is None else until.poll() is None:
        at = perf_counter()
        save()
        taken.append(perf_counter() - at)
        sleep(BETWEEN_SAVES)
    return Measured(sorted(taken)[len(taken) * 95 // 100], perf_counter() - began)


def _owe(address: str, reminders: int) -> None:
    """So many other patients, each with her first check open and a reminder due."""
    database = connect(address)
    copy_patient(database, reminders)
    with database.writing() as session:
        first = session.exec(select(Patient.id).order_by(col(Patient.id))).first() or 0
        for contact in session.exec(select(Contact).where(col(Contact.patient_id) != first)):
            # Sealed for its own row, so that no copy opens.
            contact.address = KEYRING.seal(ADDRESS, place=f"contact.{contact.id}.address")
        session.exec(update(Assignment).values(message_at=None, message_step=None))
        theirs = update(Assignment).where(
            col(Assignment.patient_id) != first,
            Assignment.instrument == "hsc",
            col(Assignment.opens_at) <= clock.now(),
        )
        session.exec(theirs.values(message_at=Assignment.opens_at, message_step=1))
        session.commit()
    database.engine.dispose()


def _left(address: str) -> int:
    database = connect(address)
    with database.reading() as session:
        sent = select(Delivery.id).where(Delivery.state == DeliveryState.SENT)
        count = len(session.exec(sent).all())
    database.engine.dispose()
    return count


@contextmanager
def _worker(address: str) -> "Iterator[subprocess.Popen[bytes]]":
    env = {**os.environ, "DATABASE_URL": address}
    command = [sys.executable, "-m", "bench.burst"]
    with subprocess.Popen(command, env=env, cwd=HOME) as process:
        yield process


def work(database: Database, library: Library) -> None:
    """Decide and send what is due, as a worker does whose provider answers in 50 ms."""
    post = Post(
        dict.fromkeys(("sms", "email"), Provider(ANSWERS_IN)),
        KEYRING,
        "https://proms.example.org",
        SIDE_BY_SIDE,
        OutboxLimits(texts_a_day=100_000),
    )
    # By day, whenever this is run: at night nothing would leave.
    zone = ZoneInfo("Europe/Amsterdam")
    today = clock.now().astimezone(zone).date()
    now = datetime.combine(today, MORNING, zone).astimezone(UTC)
    busy = True
    while busy:
        with database.writing() as session:
            decided = remind_due(session, library, now=now)
        busy = bool(decided)
        while deliver_due(database, library, post, lane=Lane.PATIENTS, now=now):
            busy = True


if __name__ == "__main__":
    work(connect(os.environ["DATABASE_URL"]), load(HOME, stand_ins=True))
