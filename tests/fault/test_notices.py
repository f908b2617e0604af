"""A red answer reaches a nurse whatever happens to the worker or the provider: real workers, killed
and kept waiting, and a provider on the loopback."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import repeat

import pytest
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, func, or_, select

from proms import clock
from proms.db.session import connect
from proms.db.tables import Alert, Contact, Delivery, Heartbeat, Patient, Site
from proms.domain.reminder import DeliveryState, MessageKind
from tests.clinic import Clinic
from tests.fault.test_kill import KEYRING, KEYS, SECRET
from tests.owed_links import owe_links
from tests.twilio_server import ACCOUNT, TOKEN, Answer, TwilioServer, running

PATIENTS = 8
QUEUED = 500
REDS = 12  # more than are sent side by side
PROMISED = 60  # seconds
NOTICE = "/staff/"


@pytest.fixture
def twilio() -> Iterator[TwilioServer]:
    with running() as server:
        yield server


@pytest.fixture
def clinic(database_url: str, library) -> Iterator[Clinic]:
    """A clinic of today, whose patients are all asked something. It lies where it is noon: the
    worker has the real clock, and at night it sends no patient anything."""
    database = connect(database_url)
    clinic = Clinic(database, library)
    clinic.keyring = KEYRING
    clinic.now = clock.now()
    with database.writing() as session:
        site = session.get_one(Site, clinic.site.id)
        site.timezone = f"Etc/GMT{clinic.now.hour - 12:+d}"  # west of Greenwich it says plus
        session.commit()
    yield clinic
    database.engine.dispose()


@contextmanager
def worker(database_url: str, twilio: TwilioServer) -> Iterator[subprocess.Popen[bytes]]:
    """The production worker on this database, sending to this provider."""
    env = {
        **os.environ,
        "DATABASE_URL": database_url,
        "PROMS_SECRET": SECRET,
        "PROMS_IDENTITY_KEYS": KEYS,
        "PROMS_PUBLIC_URL": "https://proms.example.org",
        "PROMS_TWILIO_ACCOUNT": ACCOUNT,
        "PROMS_TWILIO_TOKEN": TOKEN,
        "PROMS_TWILIO_SENDER": "proms",
        "PROMS_TWILIO_BASE_URL": twilio.url,
        "PROMS_TEXTS_A_DAY": "100000",
        "PROMS_LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "proms.cli", "worker"]
    with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def notices(twilio: TwilioServer) -> list[str]:
    return [form["Body"] for form in list(twilio.received) if NOTICE in form["Body"]]


def waits_for(what, seconds: float) -> bool:
    give_up = time.monotonic() + seconds
    while not what():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def enrols(clinic: Clinic, name: str) -> Patient:
    """Yesterday there is past at every site."""
    yesterday = clinic.now.date() - timedelta(days=1)
    return clinic.enrols(name, consent=yesterday.isoformat())


def reports_red(clinic: Clinic, name: str) -> None:
    patient = enrols(clinic, name)
    clinic.answers(patient, JAUND=2)


def queue_up(clinic: Clinic) -> None:
    """As many links as there are that somebody asked for, due for an hour."""
    patient = enrols(clinic, "Queue")
    due = clinic.now - timedelta(hours=1)
    with clinic.database.writing() as session:
        contact = session.exec(select(Contact).where(Contact.patient_id == patient.id)).one()
        until = clinic.now + timedelta(hours=12)
        owe_links(session, patient.id, repeat(contact.id), QUEUED, due=due, until=until)
        session.commit()


def test_f28_a_provider_that_hangs_and_a_queue_of_messages_hold_up_no_red_notice(
    database_url: str, clinic: Clinic, twilio: TwilioServer
) -> None:
    queue_up(clinic)
    twilio.answer = Answer(silent=True)  # each call waits until the worker gives up
    with worker(database_url, twilio):
        assert waits_for(lambda: len(twilio.received) >= 5, 60)
        for number in range(REDS):
            reports_red(clinic, f"Anna {number}")
        assert waits_for(lambda: tried_notices(clinic) >= REDS, 2 * PROMISED)
        slowest = max(seconds_to_first_try(clinic))
        print(f"of {REDS} red alerts the last was handed over after {slowest:.1f} s")
        assert slowest <= PROMISED
        assert notices(twilio)
        assert not_sent(clinic) > QUEUED / 2  # the queue still stands


def first_tries(clinic: Clinic) -> list[tuple[datetime, datetime]]:
    """When each red alert's first notice was owed and when it was tried."""
    with clinic.database.reading() as session:
        rows = session.exec(
            select(Delivery).where(
                Delivery.kind == MessageKind.STAFF_NOTICE, col(Delivery.attempted_at).is_not(None)
            )
        ).all()
    firsts: dict[int | None, Delivery] = {}
    for row in sorted(rows, key=lambda row: row.id):
        firsts.setdefault(row.alert_id, row)
    return [(row.created_at, row.attempted_at) for row in firsts.values() if row.attempted_at]


def tried_notices(clinic: Clinic) -> int:
    return len(first_tries(clinic))


def seconds_to_first_try(clinic: Clinic) -> list[float]:
    return [(tried - owed).total_seconds() for owed, tried in first_tries(clinic)]


def not_sent(clinic: Clinic) -> int:
    with clinic.database.reading() as session:
        owed = select(func.count()).where(
            Delivery.kind == MessageKind.LINK, col(Delivery.state) != DeliveryState.SENT
        )
        return session.exec(owed).one()


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.nightly)])
def test_f14_each_red_alert_is_noticed_at_least_once_though_the_worker_is_killed(
    database_url: str, clinic: Clinic, twilio: TwilioServer, kills: int
) -> None:
    choose = random.Random(7)
    for number in range(kills):
        if number % max(1, kills // PATIENTS) == 0:
            reports_red(clinic, f"Patient {number}")
        seen, before = len(twilio.received), last_beat(clinic)
        with worker(database_url, twilio) as process:
            assert waits_for(lambda before=before: last_beat(clinic) != before, PROMISED)
            # Somewhere between its first claim and a little after its first message.
            waits_for(lambda seen=seen: len(twilio.received) > seen, choose.uniform(0, 1.5))
            time.sleep(choose.uniform(0, 0.02))
            process.kill()
            process.wait()
    with worker(database_url, twilio):
        assert waits_for(lambda: not unnoticed(clinic), 2 * PROMISED)
    assert len(notices(twilio)) >= alerts(clinic)


def last_beat(clinic: Clinic) -> datetime | None:
    with clinic.database.reading() as session:
        return session.exec(select(Heartbeat.beat_at)).one_or_none()


def alerts(clinic: Clinic) -> int:
    with clinic.database.reading() as session:
        return session.exec(select(func.count()).select_from(Alert)).one()


def unnoticed(clinic: Clinic) -> list[int]:
    """The red alerts of which no notice was accepted by the provider, nor one that a notice which
    had waited for long was left out for: both lead to one worklist."""
    later = aliased(Delivery)
    accepted_later = (
        select(later.id)
        .where(
            later.staff_id == Delivery.staff_id,
            later.kind == MessageKind.STAFF_NOTICE,
            later.state == DeliveryState.SENT,
            col(later.settled_at) > Delivery.created_at,
        )
        .exists()
    )
    with clinic.database.reading() as session:
        told = select(Delivery.alert_id).where(
            or_(
                Delivery.state == DeliveryState.SENT,
                and_(Delivery.error == "superseded", accepted_later),
            ),
            col(Delivery.alert_id).is_not(None),  # a null among them would hide every alert
        )
        return list(session.exec(select(Alert.id).where(col(Alert.id).not_in(told))).all())


def test_f12_asked_to_stop_it_finishes_what_it_tries_and_gives_the_rest_back(
    database_url: str, clinic: Clinic, twilio: TwilioServer
) -> None:
    queue_up(clinic)
    twilio.answer = Answer(silent=True)
    with worker(database_url, twilio) as process:
        assert waits_for(lambda: len(twilio.received) >= 5, 60)
        process.terminate()
        assert process.wait(15) == 0
    tried = len(twilio.received)
    with clinic.database.reading() as session:
        states = session.exec(
            select(Delivery.state, func.count())
            .where(Delivery.kind == MessageKind.LINK)
            .group_by(col(Delivery.state))
        )
        assert dict(states.all()) == {"unknown": tried, "due": QUEUED - tried}


def test_f05_what_a_killed_worker_had_claimed_and_not_tried_is_sent_later_and_nothing_twice(
    database_url: str, clinic: Clinic, twilio: TwilioServer
) -> None:
    queue_up(clinic)
    with worker(database_url, twilio) as process:
        assert waits_for(lambda: len(twilio.received) >= 20, 60)
        process.kill()
        process.wait()
    with clinic.database.writing() as session:
        # Its lease runs out.
        for delivery in session.exec(select(Delivery).where(Delivery.state == "sending")):
            delivery.leased_until = clock.now() - timedelta(seconds=1)
        session.commit()
    with worker(database_url, twilio):
        assert waits_for(lambda: not owed(clinic), 120)
    unknown = count_of(clinic, "unknown")
    assert unknown <= 10  # those that were under way
    assert QUEUED - unknown <= len(twilio.received) <= QUEUED
    assert count_of(clinic, "sent") == QUEUED - unknown


def owed(clinic: Clinic) -> int:
    return count_of(clinic, "due") + count_of(clinic, "sending")


def count_of(clinic: Clinic, state: str) -> int:
    with clinic.database.reading() as session:
        return session.exec(
            select(func.count()).where(Delivery.kind == MessageKind.LINK, Delivery.state == state)
        ).one()
