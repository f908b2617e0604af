"""Find out what became of a message whose outcome is not known: ask the provider, and only where
that cannot tell send it once more, flagged."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from proms.actions.audit import WORKER, Subject, record
from proms.actions.channel_trouble import hold_channel
from proms.actions.letters import Askable, Post, address_of
from proms.actions.set_aside import Attempt, Unit, forget, is_of_database, note_failure
from proms.actions.settling import end, join_reports, owe_again
from proms.db.keyring import Unreadable
from proms.db.queries.set_aside import not_aside
from proms.db.session import Database
from proms.db.tables import Delivery, Patient, Staff
from proms.db.tables.partial import among
from proms.domain.reminder import DeliveryState
from proms.domain.reminder.doubt import (
    EARLIER,
    LATER,
    Answer,
    Doubt,
    SentMessage,
    Step,
    matching,
    next_step,
)
from proms.domain.tick import USUAL, TickName, Tries

log = structlog.get_logger()

ASKED_AT_ONCE = 20
# A worker that dies while it asks is followed by another.
ASKING = timedelta(minutes=2)


@dataclass(frozen=True)
class Question:
    """A delivery in doubt: where it went, and since when the provider is asked about it."""

    delivery_id: int
    channel: str
    address: str
    since: datetime
    together: int = 1  # how many in doubt to the same address are asked about at once


@dataclass
class Look:
    """What one look has shown so far: the channels whose provider does not answer, and how many
    messages to each address have got their name by it."""

    silent: set[str] = field(default_factory=set)
    named: Counter[str] = field(default_factory=Counter)


def ask_providers(database: Database, post: Post, *, now: datetime, tries: Tries = USUAL) -> int:
    """Look for the messages in doubt whose time has come; returns how many."""
    with database.writing() as session:
        questions = _questions(session, post, now)
        session.commit()
    look = Look()
    for question in questions:
        try:
            _look_for(database, post, question, look, now)
        except Exception as error:
            if is_of_database(error):
                raise
            _set_aside(database, question, error, Attempt(TickName.ASK, now, tries))
    return len(questions)


def _look_for(
    database: Database, post: Post, question: Question, look: Look, now: datetime
) -> None:
    listed = None if question.channel in look.silent else _ask(post, question)
    if listed is None:
        look.silent.add(question.channel)  # it is not waited for again for each of the others
    post.passes("asked")
    with database.writing() as session:
        question = replace(question, together=question.together - look.named[question.address])
        _decide(session, post, question, listed, now)
        has_name = session.get_one(Delivery, question.delivery_id).sid is not None
        forget(session, [question.delivery_id], Attempt(TickName.ASK, now))
        post.passes("before what was found is committed")
        session.commit()
    # Of those that were asked about together one fewer has still to be found.
    look.named[question.address] += has_name
    post.passes("found out")


def _set_aside(database: Database, question: Question, error: Exception, attempt: Attempt) -> None:
    with database.writing() as session:
        delivery = session.get_one(Delivery, question.delivery_id)
        staff = session.get(Staff, delivery.staff_id) if delivery.staff_id else None
        site_id = staff.site_id if staff else None
        unit = Unit(delivery.id, delivery, site_id, delivery.patient_id)
        note_failure(session, unit, error, attempt)
        session.commit()


def _questions(session: Session, post: Post, now: datetime) -> list[Question]:
    in_doubt = (
        select(Delivery)
        .where(
            col(Delivery.due_at) <= now,
            among(Delivery.state, ("due", "sending", "unknown")),
            Delivery.state == DeliveryState.UNKNOWN,
            col(Delivery.settled_at).is_(None),
            not_aside(TickName.ASK, Delivery.id, now),
        )
        .order_by(col(Delivery.due_at))
        .limit(ASKED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    questions = []
    for delivery in session.exec(in_doubt):
        delivery.due_at = now + ASKING
        try:
            address = address_of(session, post, delivery)
        except Exception as error:  # noqa: BLE001  (an address under a key that is gone)
            log.error("delivery_unreadable", delivery=delivery.id, error=type(error).__name__)
            end(delivery, DeliveryState.UNKNOWN, "unreadable", now)
            continue
        since = (delivery.unclear_since or now) - EARLIER
        questions.append(Question(delivery.id, delivery.channel, address or "", since))
    to_each = Counter(question.address for question in questions)
    return [replace(question, together=to_each[question.address]) for question in questions]


def _ask(post: Post, question: Question) -> list[SentMessage] | None:
    channel = post.channels.get(question.channel)
    if not isinstance(channel, Askable):
        return None
    return channel.sent_to(question.address, question.since)


def _decide(
    session: Session,
    post: Post,
    question: Question,
    listed: list[SentMessage] | None,
    now: datetime,
) -> None:
    delivery = session.get_one(Delivery, question.delivery_id, with_for_update=True)
    if delivery.state != DeliveryState.UNKNOWN or delivery.settled_at:
        return  # a report came while we asked
    if join_reports(session, delivery, post.limits, now):
        return
    # Messages in doubt are looked at one after the other: none takes the name of another.
    hold_channel(session, delivery.channel)
    tried_at = delivery.attempted_at or delivery.created_at
    found = _found(session, delivery, listed or [])
    # Of several in doubt to one number the list does not say which of them it has: only where it
    # has them all, or none, does it prove anything.
    in_doubt = max(question.together, _in_doubt_to(session, post, delivery, question.address))
    all_there = len(found) >= in_doubt + _resent_unfound(session, delivery)
    if found and all_there and not _another_under_way(session, delivery):
        delivery.sid = found[0].sid
        end(delivery, DeliveryState.SENT, None, now)
        return
    answer = _answer(session, post, delivery, None if found else listed)
    doubt = Doubt(tried_at, delivery.send_until, delivery.absent_at, bool(delivery.resent_at))
    step, at = next_step(doubt, answer, now, post.limits)
    if answer is Answer.ABSENT:
        delivery.absent_at = delivery.absent_at or now
    _take(session, delivery, step, at, now)


def _take(session: Session, delivery: Delivery, step: Step, at: datetime, now: datetime) -> None:
    match step:
        case Step.LOOK_AGAIN:
            delivery.due_at = at
        case Step.NEVER_LEFT:
            owe_again(delivery, "never_left", at)
            delivery.unclear_since = None
        case Step.RESEND_ONCE:
            owe_again(delivery, "resent", at)
            delivery.resent_at = now
            _record_resend(session, delivery, now)
        case Step.GIVE_UP:
            end(delivery, DeliveryState.UNKNOWN, delivery.error, now)


def _answer(
    session: Session, post: Post, delivery: Delivery, listed: list[SentMessage] | None
) -> Answer:
    if not isinstance(post.channels.get(delivery.channel), Askable):
        return Answer.CANNOT_BE_ASKED
    if listed is None or _another_under_way(session, delivery):
        return Answer.NOT_SAID
    return Answer.ABSENT


def _found(session: Session, delivery: Delivery, listed: list[SentMessage]) -> list[SentMessage]:
    tried_at = delivery.attempted_at or delivery.created_at
    known = _known_to_be_others(session, listed)
    return matching(listed, known, delivery.unclear_since or tried_at, tried_at)


def _in_doubt_to(session: Session, post: Post, delivery: Delivery, address: str) -> int:
    """How many messages to this address are in doubt, this one among them; some who live together
    share a telephone."""
    in_doubt = select(Delivery).where(
        among(Delivery.state, ("due", "sending", "unknown")),
        Delivery.state == DeliveryState.UNKNOWN,
        col(Delivery.settled_at).is_(None),
        Delivery.channel == delivery.channel,
    )
    addresses = Counter(_address(session, post, row) for row in session.exec(in_doubt))
    return addresses[address]


def _resent_unfound(session: Session, delivery: Delivery) -> int:
    """How many other messages to her were sent again since this one was tried: what is listed may
    be their first."""
    if delivery.patient_id is None or delivery.unclear_since is None:
        return 0
    again = select(Delivery.id).where(
        Delivery.patient_id == delivery.patient_id,
        Delivery.id != delivery.id,
        col(Delivery.resent_at).is_not(None),
        col(Delivery.unclear_since) >= delivery.unclear_since - EARLIER - LATER,
    )
    return len(session.exec(again).all())


def _address(session: Session, post: Post, delivery: Delivery) -> str | None:
    try:
        return address_of(session, post, delivery)
    except Unreadable:
        return None


def _known_to_be_others(session: Session, listed: list[SentMessage]) -> set[str]:
    """Of these, the messages that another delivery is known to have become."""
    sids = [message.sid for message in listed]
    known = session.exec(select(Delivery.sid).where(col(Delivery.sid).in_(sids)))
    return {sid for sid in known if sid}


def _another_under_way(session: Session, delivery: Delivery) -> bool:
    """Whether a message to the same person is being handed over: it may be in the list, under a
    name that is not known yet."""
    same = (
        Delivery.contact_id == delivery.contact_id
        if delivery.contact_id
        else Delivery.staff_id == delivery.staff_id
    )
    under_way = select(Delivery.id).where(
        same,
        Delivery.channel == delivery.channel,
        Delivery.state == DeliveryState.SENDING,
        col(Delivery.attempted_at).is_not(None),
    )
    return session.exec(under_way).first() is not None


def _record_resend(session: Session, delivery: Delivery, now: datetime) -> None:
    if delivery.patient_id is None:
        return
    patient = session.get_one(Patient, delivery.patient_id)
    subject = Subject("delivery", delivery.id, patient.id, patient.site_id)
    record(session, "message.resent", subject, by=WORKER, now=now)
