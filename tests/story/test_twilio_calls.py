"""Twilio tells what became of each message: in any order, several times, early or late, and nobody
else may."""

from dataclasses import dataclass, field
from random import Random
from time import perf_counter

import pytest
import time_machine
from sqlmodel import col, select

from proms.actions.letters import Post
from proms.channels import Accepted
from proms.db.tables import Delivery, DeliveryReport
from proms.domain.person import ContactKind
from proms.jobs.ticks import run_all
from proms.settings import Twilio
from tests.clinic import KEYRING, At
from tests.phone import HOME, website
from tests.twilio_server import ACCOUNT, TOKEN, signature


@pytest.fixture
def app(clinic, database_url):
    with website(database_url, twilio=Twilio(ACCOUNT, TOKEN, "proms")) as running:
        yield running


@dataclass
class Caller:
    """Twilio, as it reaches us: through a proxy that ends TLS, for a host of the inside."""

    client: object
    clinic: object
    token: str = TOKEN
    account: str = ACCOUNT
    times: list[float] = field(default_factory=list)

    def says(self, delivery_id, sid, status, code=None, **other):
        form = {"MessageSid": sid, "MessageStatus": status, "AccountSid": self.account, **other}
        if code:
            form["ErrorCode"] = code
        return self.posts(f"/hooks/twilio/{delivery_id}", form)

    def posts(self, path, form, signed=None):
        signed = signature(HOME + path, form, self.token) if signed is None else signed
        began = perf_counter()
        with time_machine.travel(self.clinic.now, tick=False):
            answer = self.client.post(
                path, data=form, headers={"X-Twilio-Signature": signed, "Host": "inside:8000"}
            )
        self.times.append(perf_counter() - began)
        return answer


@pytest.fixture
def twilio(app, clinic):
    return Caller(app.test_client(), clinic)


@dataclass
class Phones:
    """A channel that takes everything, each under a name of its own, and may be told something
    while it does."""

    during: object = lambda ref: None
    refs: list[str] = field(default_factory=list)

    def send(self, address, text, *, ref, subject, **_mail):
        self.refs.append(ref)
        self.during(ref)
        return Accepted(f"SM{ref}")


def works(clinic, channel):
    post = Post(dict.fromkeys(ContactKind, channel), KEYRING, "https://proms.example.org")
    run_all(At(clinic.database, clinic.look, post, "pump-it", False, clinic.seen, at=clinic.now))


@pytest.fixture
def sent(clinic):
    """Two messages that have left, to Anna and to Bea."""
    clinic.today("2026-01-05", "08:30")
    patient = clinic.enrols("Anna")
    clinic.enrols("Bea")
    clinic.now = clinic.now.replace(hour=8, minute=5)
    works(clinic, Phones())
    rows = messages(clinic)
    assert [row.state for row in rows] == ["sent", "sent"]
    assert patient.id == rows[0].patient_id
    return rows


def messages(clinic):
    with clinic.database.reading() as session:
        return session.exec(select(Delivery).order_by(col(Delivery.id))).all()


def states(clinic):
    return [row.state for row in messages(clinic)]


def test_a_message_is_delivered_and_stays_so(clinic, twilio, sent):
    first = sent[0]
    for status in ("sent", "delivered", "delivered", "sent", "queued"):
        assert twilio.says(first.id, first.sid, status).status_code == 204
    assert states(clinic) == ["delivered", "sent"]
    with clinic.database.reading() as session:
        assert len(session.exec(select(DeliveryReport)).all()) == 3
    (row, _) = messages(clinic)
    assert row.settled_at == first.settled_at  # it counts for the day on which it left


def test_what_did_not_arrive_has_twilios_own_code_for_why(clinic, twilio, sent):
    twilio.says(sent[1].id, sent[1].sid, "undelivered", "30005")
    twilio.says(sent[1].id, sent[1].sid, "delivered")
    (_, row) = messages(clinic)
    assert (row.state, row.error) == ("undelivered", "30005")


@pytest.mark.parametrize("status", ["sent", "delivered"])
def test_f06_a_report_that_comes_before_we_know_what_twilio_calls_it_is_joined(
    clinic, twilio, status
):
    clinic.today("2026-01-05", "08:30")
    clinic.enrols("Anna")
    clinic.enrols("Bea")
    clinic.now = clinic.now.replace(hour=8, minute=5)
    works(clinic, Phones(during=lambda ref: twilio.says(ref, f"SM{ref}", status)))
    assert states(clinic) == [status] * 2
    assert [row.sid for row in messages(clinic)] == [f"SM{row.id}" for row in messages(clinic)]


def test_f06_some_hundred_shuffled_reports_through_the_door_all_end_right(clinic, twilio, sent):
    with clinic.database.writing() as session:
        copies = [
            Delivery(**sent[0].model_dump(exclude={"id", "decision_id", "sid"}), decision_id=None)
            for _ in range(100)
        ]
        session.add_all(copies)
        session.commit()
        ids = [row.id for row in copies]
    choose, told, ends = Random(7), [], {}
    for number in ids:
        end = choose.choice(["delivered", "delivered", "sent", "failed"])
        told += [(number, status) for status in ("queued", "sent", end)]
        ends[number] = "undelivered" if end == "failed" else end
    told += choose.choices(told, k=100)
    choose.shuffle(told)
    for number, status in told:
        assert twilio.says(number, f"SMx{number}", status).status_code == 204
    found = {row.id: row.state for row in messages(clinic) if row.id in ends}
    assert found == ends
    slowest = sorted(twilio.times)[int(len(twilio.times) * 0.95)]
    print(f"95 of 100 reports are taken within {slowest * 1000:.0f} ms")
    assert slowest < 0.2


def test_t08_nobody_else_can_say_what_became_of_a_message(clinic, app, twilio, sent):
    row = sent[0]
    path = f"/hooks/twilio/{row.id}"
    form = {"MessageSid": row.sid, "MessageStatus": "delivered", "AccountSid": ACCOUNT}
    right = signature(HOME + path, form)
    refused = [
        twilio.posts(path, form, signed=""),
        twilio.posts(path, form, signed="nonsense"),
        twilio.posts(path, {**form, "MessageStatus": "undelivered"}, signed=right),
        twilio.posts(f"/hooks/twilio/{sent[1].id}", form, signed=right),  # replayed for another
        twilio.posts(f"{path}?x=1", form, signed=right),
        twilio.posts(path, form, signed=signature("http://inside:8000" + path, form)),
        Caller(app.test_client(), clinic, token="e" * 32).says(row.id, row.sid, "delivered"),
        Caller(app.test_client(), clinic, account="AC" + "1" * 32).says(
            row.id, row.sid, "delivered"
        ),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert states(clinic) == ["sent", "sent"]
    twilio.says(row.id, row.sid, "undelivered", "30003")
    assert twilio.posts(path, form, signed=right).status_code == 204  # signed for a failed one
    assert states(clinic) == ["undelivered", "sent"]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"MessageSid": "SM1"},
        {"MessageSid": "SM1", "MessageStatus": "on a pigeon"},
        {"MessageSid": "", "MessageStatus": "sent"},
        {"MessageSid": "S" * 65, "MessageStatus": "sent"},
        {"MessageSid": "SM\x001", "MessageStatus": "sent"},
    ],
)
def test_what_twilio_says_in_words_we_do_not_know_is_taken_and_changes_nothing(
    clinic, twilio, sent, form
):
    path = f"/hooks/twilio/{sent[0].id}"
    assert twilio.posts(path, {**form, "AccountSid": ACCOUNT}).status_code in (204, 400)
    assert twilio.says(999_999, "SM1", "sent").status_code == 204  # no such message
    assert states(clinic) == ["sent", "sent"]


def test_an_installation_without_twilio_has_no_such_door(clinic, database_url):
    with website(database_url) as running:
        caller = Caller(running.test_client(), clinic)
        assert caller.says(1, "SM1", "sent").status_code == 404


def test_a_message_in_doubt_is_settled_by_its_report_and_not_asked_about(clinic, twilio, sent):
    with clinic.database.writing() as session:
        row = session.get_one(Delivery, sent[0].id)
        row.state, row.sid, row.settled_at = "unknown", None, None
        row.due_at = row.attempted_at = clinic.now
        session.commit()
    twilio.says(sent[0].id, "SM77", "sent")
    (row, _) = messages(clinic)
    assert (row.state, row.sid) == ("sent", "SM77")
    phones = Phones()
    works(clinic, phones)
    assert phones.refs == []
