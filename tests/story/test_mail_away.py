"""F-08: the mail server is away for six hours. No alert is lost, each reaches a nurse by her
telephone, and when mail is back it says once what waits."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlmodel import col, select

from proms.actions.deliveries import Lane, deliver_due
from proms.actions.letters import Post
from proms.actions.notices import repeat_notices
from proms.channels.email import Email
from proms.channels.sms import Sms
from proms.db.tables import Alert, Delivery
from proms.domain.person import Role
from tests import certificate, mail_server, twilio_server
from tests.clinic import KEYRING, MOBILE
from tests.ports import free_port
from tests.twilio_server import ACCOUNT, TOKEN

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
TEN_MINUTES = 10 * MINUTE


@dataclass
class Worker:
    """Comes by every minute, at servers on the loopback that are there or not."""

    clinic: object
    post: Post

    def passes(self, time):
        until = self.clinic.now + time
        while self.clinic.now < until:
            self.clinic.now += MINUTE
            now, database = self.clinic.now, self.clinic.database
            with database.writing() as session:
                repeat_notices(session, now=now, limit=1000)
            while deliver_due(database, self.clinic.library, self.post, lane=Lane.STAFF, now=now):
                pass


@pytest.fixture
def ward(clinic, tmp_path):
    """The clinic with a nurse who has a telephone and a mailbox, and both servers' addresses."""
    clinic.now = datetime(2026, 1, 5, 8, tzinfo=UTC)
    clinic.employs("jo", Role.NURSE, phone=MOBILE, email="jo@example.org")
    trusted, port = certificate.make(tmp_path), free_port()
    with twilio_server.running() as twilio:
        sms = Sms.connect(
            ACCOUNT, TOKEN, sender="proms", callback="https://p.example.org", base_url=twilio.url
        )
        email = Email(
            "127.0.0.1",
            port,
            "PUMP-IT <proms@example.org>",
            user=mail_server.USER,
            password=mail_server.PASSWORD,
            ca_file=trusted.ca_file,
        )
        post = Post(
            {"sms": sms, "email": email},
            KEYRING,
            "https://proms.example.org",
            side_by_side=4,
            dice=Random(7),
        )

        @contextmanager
        def mail():
            with mail_server.running(trusted.server_context(), port) as running:
                yield running

        yield Worker(clinic, post), mail, twilio


def notices(clinic, channel):
    with clinic.database.reading() as session:
        wanted = select(Delivery).where(
            Delivery.kind == "staff_notice", Delivery.channel == channel
        )
        return list(session.exec(wanted.order_by(col(Delivery.id))))


def alerts(clinic):
    with clinic.database.reading() as session:
        return list(session.exec(select(Alert).where(Alert.urgency == "red")))


def first_by_telephone(clinic):
    """By alert, when a nurse's telephone was first handed its notice."""
    first = {}
    for row in notices(clinic, "sms"):
        if row.state == "sent":
            first.setdefault(row.alert_id, row.settled_at)
    return first


@pytest.mark.parametrize("count", [12, pytest.param(200, marks=pytest.mark.nightly)])
def test_f08_mail_that_is_away_for_six_hours_costs_no_nurse_an_alert_and_floods_nobody(
    clinic, ward, count
):
    worker, mail, twilio = ward
    patients = [clinic.enrols(f"Anna {number}") for number in range(count)]
    with mail() as before:
        clinic.answers(patients[0], JAUND=2)
        worker.passes(2 * MINUTE)
    assert len(before.letters) == 1  # mail works

    began = clinic.now
    for patient in patients[1:]:
        clinic.answers(patient, JAUND=2)
    worker.passes(TEN_MINUTES)
    raised = alerts(clinic)
    assert len(raised) == count
    reached = first_by_telephone(clinic)
    assert {alert.id for alert in raised} == reached.keys()
    assert all(at <= began + TEN_MINUTES for at in reached.values())
    assert len(twilio.taken) >= 2 * count  # both nurses

    worker.passes(began + HOUR - clinic.now)
    for patient in patients[: count * 3 // 4]:
        clinic.acknowledges(patient)
    worker.passes(began + 6 * HOUR - clinic.now)

    with mail() as after:
        worker.passes(TEN_MINUTES)
    assert [row.state for row in notices(clinic, "email") if row.state in ("due", "sending")] == []
    assert len(after.letters) == 1
    still_open = {alert.id for alert in alerts(clinic) if alert.state == "open"}
    assert len(still_open) == count - count * 3 // 4
    told = {row.alert_id for row in notices(clinic, "sms") if row.settled_at > began + 5 * HOUR}
    assert told == still_open  # the telephone never stopped


def test_a_nurse_who_is_told_in_time_is_told_of_each_alert(clinic, ward):
    worker, mail, _ = ward
    patients = [clinic.enrols(f"Anna {number}") for number in range(3)]
    with mail() as running:
        for patient in patients:
            clinic.answers(patient, JAUND=2)
        worker.passes(2 * MINUTE)
    assert len(running.letters) == 3


def test_who_is_still_open_is_told_again_though_a_later_one_that_stood_for_it_was_taken(
    clinic, ward
):
    worker, mail, _ = ward
    first, second = (clinic.enrols(f"Anna {number}") for number in range(2))
    for patient in (first, second):
        clinic.answers(patient, JAUND=2)
        worker.passes(MINUTE)
    worker.passes(TEN_MINUTES)
    clinic.acknowledges(second)
    with mail() as running:
        worker.passes(30 * MINUTE)
    assert len(running.letters) == 1
