"""No report came that a text arrived: Twilio is asked once, by its own name for the message."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from proms.actions.letters import Post
from proms.channels.inbox import Inbox
from proms.channels.sms import Sms
from proms.db.tables import Delivery
from proms.domain.person import ContactKind
from proms.jobs.ticks import run_all
from tests import twilio_server
from tests.clinic import KEYRING, At, instant
from tests.twilio_server import ACCOUNT, TOKEN, refusal
from tests.two_ways import enrolled

HOUR = timedelta(hours=1)


@pytest.fixture
def twilio():
    with twilio_server.running() as server:
        yield server


@pytest.fixture
def works(clinic, twilio):
    """The worker so much later, with Twilio; letters go to a mailbox."""
    letters = []
    sms = Sms.connect(
        ACCOUNT, TOKEN, sender="proms", callback="https://p.example.org", base_url=twilio.url
    )
    email = Inbox(lambda address, _text, _ref: letters.append(address))
    channels = {ContactKind.SMS: sms, ContactKind.EMAIL: email}
    post = Post(channels, KEYRING, "https://proms.example.org")

    def later(ago=timedelta()):
        clinic.now += ago
        run_all(
            At(clinic.database, clinic.look, post, "pump-it", False, clinic.seen, at=clinic.now)
        )
        return letters

    return later


@pytest.fixture
def sent(clinic, works):
    """Her reminder left at nine, and nothing more was heard of it."""
    enrolled(clinic)
    clinic.now = instant("2026-01-05", "09:00")
    works()


def states(clinic):
    with clinic.database.reading() as session:
        rows = session.exec(select(Delivery).order_by(col(Delivery.id)))
        return [(row.channel, row.state, row.error) for row in rows]


def test_what_did_not_arrive_is_found_out_and_goes_by_her_second_way(clinic, twilio, works, sent):
    twilio.taken[-1] |= {"status": "undelivered", "error_code": 30003}
    works(5 * HOUR)
    assert states(clinic) == [("sms", "sent", None)]
    assert works(HOUR) == ["anna@example.org"]
    assert states(clinic) == [("sms", "undelivered", "30003"), ("email", "sent", None)]


def test_what_arrived_is_known_to_have_arrived(clinic, twilio, works, sent):
    twilio.taken[-1]["status"] = "delivered"
    works(6 * HOUR)
    assert states(clinic) == [("sms", "delivered", None)]


@pytest.mark.parametrize("says", ["sent", "a new word", None])
def test_where_twilio_does_not_say_it_is_asked_once_and_the_message_stays_sent(
    clinic, twilio, works, sent, says
):
    if says is None:
        twilio.listing = refusal(503, 20503)
    else:
        twilio.taken[-1]["status"] = says
    works(6 * HOUR)
    asked = len(twilio.asked)
    assert asked == 1
    works(HOUR)
    works(HOUR)
    assert len(twilio.asked) == asked
    assert states(clinic) == [("sms", "sent", None)]
