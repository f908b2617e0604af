"""Dispatchers that die at any point, are killed at any moment, or are several: no message is lost,
none is sent twice where the provider can be asked, and at most one more, flagged, where not."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle

import pytest
from sqlmodel import col, delete, select

from proms import clock
from proms.actions.enrolment import add_contact
from proms.content import Library
from proms.db.session import connect
from proms.db.tables import ChannelTrouble, Delivery, Site
from proms.domain.person import ContactKind
from tests.clinic import Clinic
from tests.conftest import ENGINES
from tests.fault.dispatcher import DIED, KEYRING, Dispatcher, Nursery, nursery, post
from tests.fault.test_notices import enrols, waits_for, worker
from tests.owed_links import owe_links
from tests.twilio_server import Answer, TwilioServer, refusal, running

pytestmark = pytest.mark.both_engines

# Minutes after which a dispatcher comes by, to the end of what is done about a message in doubt:
# where the provider says what it has, and where it does not.
LISTED, NOT_LISTED = (0, 6, 12, 18), (0, 31, 37, 68)
NUMBERS = 20


@pytest.fixture
def twilio() -> Iterator[TwilioServer]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def cradle() -> Iterator[Nursery]:
    with nursery() as begun:
        yield begun


@pytest.fixture
def clinic(database_url: str, library: Library) -> Iterator[Clinic]:
    """A clinic of today where it is noon, as the dispatchers have the real clock."""
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


class Queue:
    """Messages to one patient, at some numbers of hers."""

    def __init__(self, clinic: Clinic, numbers: int) -> None:
        self.clinic = clinic
        self.patient_id = enrols(clinic, "Anna").id
        with clinic.database.writing() as session:
            contacts = [
                add_contact(
                    session,
                    KEYRING,
                    self.patient_id,
                    kind=ContactKind.SMS,
                    address=f"+3120{number:07}",
                    consented_on=clinic.now.date(),
                ).id
                for number in range(numbers)
            ]
            session.commit()
        self.contacts = cycle(contacts)

    def owes(self, count: int) -> list[str]:
        """So many more messages are due; their names at the provider."""
        now = self.clinic.now
        with self.clinic.database.writing() as session:
            until = now + timedelta(hours=6)
            rows = owe_links(session, self.patient_id, self.contacts, count, due=now, until=until)
            session.commit()
            return [str(row.id) for row in rows]

    def all_is_well_again(self) -> None:
        with self.clinic.database.writing() as session:
            session.exec(delete(ChannelTrouble))
            session.commit()

    def rows(self, names: list[str]) -> list[Delivery]:
        with self.clinic.database.reading() as session:
            wanted = select(Delivery).where(col(Delivery.id).in_([int(name) for name in names]))
            return list(session.exec(wanted.order_by(col(Delivery.id))))


def took(twilio: TwilioServer, names: list[str]) -> list[int]:
    """How often the provider took each of these messages."""
    times = Counter(twilio.taken_refs)
    return [times[name] for name in names]


def points(by_day: str) -> pytest.MarkDecorator:
    """At every point, on each engine, by night; by day at some, on one."""
    night = [pytest.param(engine, 1, marks=pytest.mark.nightly) for engine in ENGINES]
    return pytest.mark.parametrize(
        ("database_url", "every"), [(by_day, 5), *night], indirect=["database_url"]
    )


@points(by_day="sqlite")
def test_f02_a_dispatcher_that_dies_at_any_point_loses_nothing_and_doubles_nothing(
    clinic: Clinic, twilio: TwilioServer, cradle: Nursery, library: Library, every: int
) -> None:
    dies_at_each_point(clinic, twilio, cradle, library, every=every, listed=True)


@points(by_day="postgresql")
def test_f02_where_the_provider_cannot_be_asked_there_is_at_most_one_more_and_it_is_flagged(
    clinic: Clinic, twilio: TwilioServer, cradle: Nursery, library: Library, every: int
) -> None:
    dies_at_each_point(clinic, twilio, cradle, library, every=every, listed=False)


def dies_at_each_point(
    clinic: Clinic,
    twilio: TwilioServer,
    cradle: Nursery,
    library: Library,
    *,
    every: int,
    listed: bool,
) -> None:
    queue, point, ended = Queue(clinic, 3), 0, [DIED]
    database_url = clinic.database.engine.url.render_as_string(hide_password=False)
    rounds = LISTED if listed else NOT_LISTED
    other = Dispatcher(clinic.database, library, twilio.url, post(twilio.url))
    twilio.listing = None if listed else refusal(503, 20503)
    while ended == [DIED]:
        point += every
        names = queue.owes(3)
        # Taken and not said, taken and said, not taken.
        twilio.script = [Answer(500, "oops", taken=True), None, Answer(500, "oops")]
        order = {"minutes": rounds, "crash_at": point}
        ended = cradle.run(database_url, twilio.url, clinic.now, **order)
        twilio.script = []
        # Another one goes on from wherever that was.
        later = clinic.now + timedelta(minutes=rounds[-1] + 6)
        other.comes_by(later, rounds)
        rows, times = queue.rows(names), took(twilio, names)
        states = [row.state for row in rows]
        flagged = [row.resent_at is not None for row in rows]
        if listed:
            assert (states, times, flagged) == (["sent"] * 3, [1] * 3, [False] * 3), point
        for row, state, taken in zip(rows, states, times, strict=True):
            if state == "unknown":
                # Its one resend was in doubt too: it is not sent again, and the site is shown it.
                assert row.resent_at, point
                assert row.settled_at, point
                assert taken <= 2, point
            else:
                assert state == "sent", point
                assert taken in ((1, 2) if row.resent_at else (1,)), point
        queue.all_is_well_again()
    assert ended == [0]
    assert point > 30  # of so many it was asked to die at


@pytest.mark.parametrize(
    ("database_url", "killed"),
    [
        ("sqlite", (5, 1000)),
        pytest.param("postgresql", (5, 1000), marks=pytest.mark.nightly),
        pytest.param("sqlite", (50, 5000), marks=pytest.mark.nightly),
        pytest.param("postgresql", (50, 5000), marks=pytest.mark.nightly),
    ],
    indirect=["database_url"],
)
def test_f02_workers_killed_at_any_moment_lose_no_message_and_send_none_twice(
    database_url: str,
    clinic: Clinic,
    twilio: TwilioServer,
    library: Library,
    killed: tuple[int, int],
) -> None:
    """By day 200 messages at each of 5 kills; by night 100 at each of 50, as many as a claim takes.

    With 2,000 at each it would be 100,000 messages and half an hour an engine; what a kill can hurt
    is in its own claim, and what waits beyond it is the same row over and over.
    """
    (kills, count), choose = killed, random.Random(7)
    each = count // kills
    # Of two in doubt to one number nobody can say which one left.
    queue = Queue(clinic, count)
    names: list[str] = []
    for _ in range(kills):
        names += queue.owes(each)
        seen = len(twilio.received)
        wanted = seen + choose.randrange(1, each * 3 // 4)
        with worker(database_url, twilio) as process:
            assert waits_for(lambda wanted=wanted: len(twilio.received) >= wanted, 60)
            time.sleep(choose.uniform(0, 0.02))
            process.kill()
            process.wait()
    later = clock.now() + timedelta(minutes=6)  # when the last lease has run out
    sends = post(twilio.url, side_by_side=10)
    Dispatcher(clinic.database, library, twilio.url, sends).comes_by(later, LISTED)
    assert {row.state for row in queue.rows(names)} == {"sent"}
    assert Counter(took(twilio, names)) == {1: len(names)}
    assert [row for row in queue.rows(names) if row.resent_at] == []


@pytest.mark.parametrize("count", [300, pytest.param(5000, marks=pytest.mark.nightly)])
def test_f12_four_dispatchers_never_claim_the_same_message(
    database_url: str, clinic: Clinic, twilio: TwilioServer, cradle: Nursery, count: int
) -> None:
    queue = Queue(clinic, NUMBERS)
    names = queue.owes(count)
    order = {"minutes": (0,), "workers": 4, "side_by_side": 4}
    assert cradle.run(database_url, twilio.url, clinic.now, **order) == [0] * 4
    assert Counter(took(twilio, names)) == {1: count}
    assert len(twilio.received) == count
    assert {row.state for row in queue.rows(names)} == {"sent"}
    assert {row.attempts for row in queue.rows(names)} == {1}
