"""Messages: what it costs to keep account of one, and how many leave for a provider that takes its
time."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from time import perf_counter, sleep

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import insert, text
from sqlmodel import Session, col, func, select, update

from bench.crowd import KEYRING, NOW, engines, opened
from bench.timing import Figure, taking_turns
from proms.actions.deliveries import Lane, deliver_due
from proms.actions.letters import Post
from proms.channels import Accepted, Outcome
from proms.content import Library
from proms.db.session import Database
from proms.db.tables import Contact, Delivery, MessageDecision
from proms.domain.reminder import DeliveryState, MessageKind, OutboxLimits, Verdict

SENT = 100  # messages a turn
SIDE_BY_SIDE = 10  # as a worker is set up
ANSWERS_IN = 0.05  # seconds
LATER = NOW + timedelta(days=30)
PEER = "a job each in APScheduler's store"
AT_ONCE = 5_000
MANY = OutboxLimits(texts_a_day=100_000)


def figures(library: Library, pending: Sequence[int], times: int) -> Iterator[Figure]:
    """The account kept of a message among few and among many that wait, then what leaves with one
    worker and with several."""
    with engines() as addresses:
        for engine, address in addresses.items():
            for others in pending:
                yield _kept(library, engine, address(), others, times)
            for workers in (1, 2, 4):
                yield _left(library, engine, address(), workers, times)


@dataclass(frozen=True)
class Provider:
    """A provider that takes every message, after a while."""

    seconds: float = 0.0

    def send(
        self, address: str, text: str, *, ref: str, subject: str = "", **_mail: object
    ) -> Outcome:
        sleep(self.seconds)
        return Accepted(f"SM{ref}")


def _kept(library: Library, engine: str, address: str, others: int, times: int) -> Figure:
    """Claim, attempt and outcome, each committed, for messages that the provider takes at once;
    against adding a job for each and taking it out when it has run."""
    with opened(library, address, 1) as (database, _):
        _owe(database, others, LATER)
        _owe(database, SENT, NOW)
        post = _post(Provider(), 1)
        names = count()
        store = SQLAlchemyJobStore(engine=database.engine)
        scheduler = BackgroundScheduler(jobstores={"default": store}, timezone="UTC")
        scheduler.start(paused=True)

        def ours() -> None:
            _due_again(database)
            while deliver_due(database, library, post, lane=Lane.PATIENTS, now=NOW):
                pass

        def theirs() -> None:
            jobs = [
                scheduler.add_job(sleep, "date", run_date=LATER, args=[0], id=str(next(names)))
                for _ in range(SENT)
            ]
            for job in jobs:
                store.remove_job(job.id)

        seconds = taking_turns({"ours": ours, "peer": theirs}, times, clock=perf_counter)
        scheduler.shutdown(wait=False)
    ratio = seconds["peer"] / seconds["ours"]
    what = f"account kept of a message, {engine}, {others:,} more wait"
    return Figure(what, SENT, seconds["ours"], PEER, ratio, "flat")


def _left(library: Library, engine: str, address: str, workers: int, times: int) -> Figure:
    """Messages that leave for a provider which answers in 50 ms, against as many as could leave if
    nothing but it took time."""
    with opened(library, address, 1) as (database, _):
        _owe(database, SENT * workers, NOW)
        post = _post(Provider(ANSWERS_IN), SIDE_BY_SIDE)

        def works() -> None:
            while deliver_due(database, library, post, lane=Lane.PATIENTS, now=NOW):
                pass

        def ours() -> None:
            _due_again(database)
            with ThreadPoolExecutor(workers) as crew:
                for worker in [crew.submit(works) for _ in range(workers)]:
                    worker.result()

        seconds = taking_turns({"ours": ours}, times, clock=perf_counter)
    at_best = SENT * workers * ANSWERS_IN / (SIDE_BY_SIDE * workers)
    what = f"messages left, {engine}, {workers} at work, the provider answers in 50 ms"
    limit = "the provider alone"
    return Figure(what, SENT * workers, seconds["ours"], limit, at_best / seconds["ours"])


def _post(provider: Provider, side_by_side: int) -> Post:
    channels = {"sms": provider, "email": provider}
    return Post(channels, KEYRING, "https://proms.example.org", side_by_side, MANY)


def _owe(database: Database, wanted: int, due_at: datetime) -> None:
    """So many links owed to the one patient there is, with a decision each."""
    with database.writing() as session:
        contact = session.exec(select(Contact)).one()
        first = (session.exec(select(func.max(MessageDecision.id))).one() or 0) + 1
        for begin in range(first, first + wanted, AT_ONCE):
            ids = range(begin, min(begin + AT_ONCE, first + wanted))
            _insert(session, contact, ids, due_at)
        session.commit()
    if database.engine.dialect.name == "postgresql":
        _move_sequence(database)


def _insert(session: Session, contact: Contact, ids: range, due_at: datetime) -> None:
    connection = session.connection()
    decision = {
        "patient_id": contact.patient_id,
        "kind": MessageKind.LINK,
        "verdict": Verdict.SEND,
        "turn": 1,
        "decided_at": NOW,
    }
    connection.execute(insert(MessageDecision), [{**decision, "id": one} for one in ids])
    delivery = {
        "kind": MessageKind.LINK,
        "channel": contact.kind,
        "patient_id": contact.patient_id,
        "contact_id": contact.id,
        "step": 1,
        "state": DeliveryState.DUE,
        "attempts": 0,
        "due_at": due_at,
        "send_until": LATER,
        "created_at": NOW,
    }
    connection.execute(insert(Delivery), [{**delivery, "decision_id": one} for one in ids])


def _move_sequence(database: Database) -> None:
    with database.engine.execution_options(write=True).begin() as connection:
        connection.execute(
            text(
                "SELECT setval(pg_get_serial_sequence('message_decision', 'id'),"
                " (SELECT MAX(id) FROM message_decision))"
            )
        )


def _due_again(database: Database) -> None:
    with database.writing() as session:
        left = update(Delivery).where(col(Delivery.state) != DeliveryState.DUE)
        session.exec(left.values(state=DeliveryState.DUE, due_at=NOW, attempts=0, sid=None))
        session.commit()
