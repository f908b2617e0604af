"""A provider that asks to send less, fails or is gone for hours: nothing is lost, nothing doubled,
and nobody is flooded when it is back."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random

import pytest
from sqlmodel import col, select

from proms.actions.asking import ask_providers
from proms.actions.deliveries import Lane, deliver_due
from proms.actions.letters import Post
from proms.channels import Accepted, Refused, Unknown
from proms.db.tables import ChannelTrouble, Contact, Delivery, MessageDecision
from proms.domain.reminder import MessageKind
from proms.domain.reminder.doubt import SentMessage
from proms.jobs.ticks import remind
from tests.clinic import KEYRING, ZONE, At

MINUTE = timedelta(minutes=1)


@dataclass
class Provider:
    """Takes messages and remembers them; while `fails` it says what that gives, and `takes` them
    all the same or not."""

    clinic: object
    fails: object = None
    takes: bool = False
    silent: bool = False
    tries: int = 0
    taken: list[tuple[str, str, datetime]] = field(default_factory=list)

    def send(self, address, text, *, ref, subject, **_mail):
        self.tries += 1
        if self.fails is None or self.takes:
            self.taken.append((ref, address, self.clinic.now))
        return self.fails or Accepted(f"SM{len(self.taken)}")

    def times(self):
        return Counter(ref for ref, _, _ in self.taken)


@dataclass
class Askable(Provider):
    def sent_to(self, address, since):
        if self.silent:
            return None
        return [
            SentMessage(f"SM{number}", at)
            for number, (_, to, at) in enumerate(self.taken, start=1)
            if to == address and at >= since
        ]


@dataclass
class Worker:
    clinic: object
    post: Post
    asks: bool = True

    def passes(self, **time):
        """So much time, in ticks of twenty seconds."""
        until = self.clinic.now + timedelta(**time)
        while self.clinic.now < until:
            self.clinic.now += timedelta(seconds=20)
            self.ticks()

    def ticks(self):
        now, database = self.clinic.now, self.clinic.database
        if self.asks:
            ask_providers(database, self.post, now=now)
        for lane in Lane:
            deliver_due(database, self.clinic.library, self.post, lane=lane, now=now)


def worker_with(clinic, **channels):
    return Worker(clinic, Post(channels, KEYRING, "https://proms.example.org", dice=Random(7)))


def queue(clinic, count):
    """So many links that somebody asked for, each to a patient of her own."""
    for number in range(count):
        patient = clinic.enrols(f"Anna {number}", address=f"020 12 34 {number:03}")
        with clinic.database.writing() as session:
            contact = session.exec(select(Contact).where(Contact.patient_id == patient.id)).one()
            decision = MessageDecision(
                patient_id=patient.id, kind=MessageKind.LINK, verdict="send", decided_at=clinic.now
            )
            session.add(decision)
            session.flush()
            session.add(
                Delivery(
                    kind=MessageKind.LINK,
                    channel="sms",
                    decision_id=decision.id,
                    patient_id=patient.id,
                    contact_id=contact.id,
                    state="due",
                    due_at=clinic.now,
                    send_until=clinic.now + timedelta(hours=12),
                    created_at=clinic.now,
                )
            )
            session.commit()


@pytest.fixture
def clinic(clinic):
    clinic.now = datetime(2026, 1, 5, 9, tzinfo=UTC)
    return clinic


def rows(clinic, **wanted):
    with clinic.database.reading() as session:
        found = session.exec(select(Delivery).filter_by(**wanted).order_by(col(Delivery.id)))
        return found.all()


def trouble(clinic):
    with clinic.database.reading() as session:
        return session.get(ChannelTrouble, "sms")


def test_f04_after_ten_minutes_of_too_many_everything_is_sent_within_a_quarter_of_an_hour_and_once(
    clinic,
):
    queue(clinic, 25)
    twilio = Provider(clinic, Refused("429", for_good=False, retry_after=30))
    worker = worker_with(clinic, sms=twilio)
    worker.passes(minutes=10)
    assert twilio.taken == []
    assert {row.state for row in rows(clinic)} == {"due"}
    assert twilio.tries < 60  # it is left alone but for a probe
    twilio.fails = None
    worker.passes(minutes=15)
    assert {row.state for row in rows(clinic)} == {"sent"}
    assert set(twilio.times().values()) == {1}
    assert len(twilio.taken) == 25


@pytest.mark.parametrize("listed", [True, False])
def test_f05_errors_of_the_server_double_nothing_where_it_can_be_asked_and_else_at_most_once(
    clinic, listed
):
    queue(clinic, 12)
    twilio = Askable(clinic, Unknown("server_error"), takes=True, silent=not listed)
    worker = worker_with(clinic, sms=twilio)
    worker.passes(minutes=3)
    assert trouble(clinic).open_since
    twilio.fails = None
    worker.passes(minutes=75)
    assert {row.state for row in rows(clinic)} == {"sent"}
    most = max(twilio.times().values())
    flagged = [row for row in rows(clinic) if row.resent_at]
    assert len(twilio.times()) == 12
    if listed:
        assert (most, flagged) == (1, [])
    else:
        assert most == 2
        assert {str(row.id) for row in flagged} == {
            ref for ref, times in twilio.times().items() if times == 2
        }


def test_what_never_left_is_sent_once_the_server_is_well(clinic):
    queue(clinic, 12)
    twilio = Askable(clinic, Unknown("server_error"))
    worker = worker_with(clinic, sms=twilio)
    worker.passes(minutes=12)
    twilio.fails = None
    worker.passes(minutes=30)
    assert twilio.times() == Counter(str(row.id) for row in rows(clinic))
    assert [row.resent_at for row in rows(clinic)] == [None] * 12


def test_two_workers_try_one_message_between_them_while_a_provider_is_away(clinic):
    queue(clinic, 12)
    twilio = Provider(clinic, Refused("unreachable", for_good=False))
    workers = [worker_with(clinic, sms=twilio) for _ in range(2)]
    workers[0].ticks()
    clinic.now += 6 * MINUTE
    before = twilio.tries
    for worker in workers:
        worker.ticks()
    assert twilio.tries == before + 1


def test_an_address_that_is_refused_says_nothing_of_the_provider(clinic):
    queue(clinic, 10)
    twilio = Provider(clinic, Refused("21211", for_good=True))
    worker_with(clinic, sms=twilio).ticks()
    assert twilio.tries == 10
    assert trouble(clinic) is None


def test_a_red_notice_is_tried_all_the_same_and_shows_that_the_provider_is_back(clinic):
    queue(clinic, 12)
    twilio = Provider(clinic, Refused("unreachable", for_good=False))
    worker = worker_with(clinic, sms=twilio)
    worker.ticks()
    assert trouble(clinic).open_since
    twilio.fails = None
    clinic.answers(clinic.enrols("Bea"), JAUND=2)
    clinic.now += timedelta(seconds=10)
    worker.ticks()
    assert len(rows(clinic, kind="staff_notice", state="sent")) == 1
    assert trouble(clinic).open_since is None
    assert twilio.taken[0][1].startswith("+49")  # the nurse's, before all patients


def test_what_is_too_late_expires_while_the_provider_is_away(clinic):
    queue(clinic, 12)
    twilio = Provider(clinic, Refused("unreachable", for_good=False))
    worker = worker_with(clinic, sms=twilio)
    worker.ticks()
    clinic.now += timedelta(hours=12)
    for _ in range(2):
        worker.ticks()
    assert {row.state for row in rows(clinic)} == {"expired"}


@pytest.mark.parametrize("back_at", ["08:20", "09:20", "14:00"])
def test_f27_after_a_whole_day_without_a_provider_each_patient_gets_one_late_message(
    clinic, back_at
):
    patients = [clinic.enrols(f"Anna {number}") for number in range(2)]
    twilio = Provider(clinic, Refused("unreachable", for_good=False))
    worker = worker_with(clinic, sms=twilio)
    back = datetime.combine(
        clinic.now.date() + timedelta(days=1), time.fromisoformat(back_at), ZONE
    ).astimezone(UTC)
    while clinic.now < back + timedelta(hours=5):
        if clinic.now >= back:
            twilio.fails = None
        remind(At(clinic.database, clinic.look, worker.post, "pump-it", False, at=clinic.now))
        worker.ticks()
        clinic.now += 10 * MINUTE
    per_patient = Counter(row.patient_id for row in rows(clinic, state="sent"))
    assert per_patient == Counter(patient.id for patient in patients)
