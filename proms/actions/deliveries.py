"""Send what the outbox owes: claim, commit, send, commit. Nothing is sent inside a transaction."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from proms.actions.letters import (
    Letter,
    Post,
    digest_to_nurse,
    letter_to_nurse,
    letter_to_patient,
)
from proms.actions.next_messages import make_up_for_held
from proms.channels import Accepted, Outcome, Refused
from proms.content import Library
from proms.db.session import Database
from proms.db.tables import (
    Contact,
    Delivery,
    MessageDecision,
    Patient,
    Site,
)
from proms.db.tables.partial import among
from proms.domain.reminder import (
    DeliveryState,
    MessageKind,
    may_leave,
)

log = structlog.get_logger()

# A claim of ten for each that waits at once, ten seconds or more for a slow provider, is done well
# within its lease.
LEASE = timedelta(minutes=5)
# What is owed to staff is claimed a wave at a time, so that a notice whose worker was killed leaves
# within the minute that is promised.
STAFF_LEASE = timedelta(seconds=40)
CLAIM = 10
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
MOST_DOUBLINGS = 10  # long past the longest wait, and no number grows without end
# As ix_delivery_owed has them.
UNSETTLED = (DeliveryState.DUE, DeliveryState.SENDING, DeliveryState.UNKNOWN)


class Lane(StrEnum):
    """Messages of one lane never wait for those of another."""

    STAFF = "staff"
    PATIENTS = "patients"


TO_STAFF = (MessageKind.STAFF_NOTICE, MessageKind.DIGEST)


def deliver_due(
    database: Database,
    library: Library,
    post: Post,
    *,
    lane: Lane,
    now: datetime,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Send what is due in a lane; two workers never claim the same delivery. Once it is `stopping`
    what was not tried yet is given back. Returns how many were dealt with, sent or not."""
    # The claim is committed before anything leaves, and so is each attempt: a worker that dies
    # leaves rows behind that say which messages surely never left. A provider is never waited for
    # inside a transaction, which would keep those rows locked; and each outcome is committed by
    # itself.
    with database.writing() as session:
        claimed, letters = _claim(session, library, post, lane, now)
        session.commit()

    def deal_with(letter: Letter) -> None:
        if stopping():
            _give_back(database, letter)
        else:
            _send(database, post, letter, now)

    if post.side_by_side == 1:
        for letter in letters:
            deal_with(letter)
    elif letters:
        with ThreadPoolExecutor(min(post.side_by_side, len(letters))) as crew:
            # Read to the end, so that what goes wrong in a thread goes wrong here.
            list(crew.map(deal_with, letters))
    return claimed


def _give_back(database: Database, letter: Letter) -> None:
    """It was claimed and not tried: the next worker's."""
    with database.writing() as session:
        delivery = session.get_one(Delivery, letter.delivery_id)
        delivery.state = DeliveryState.DUE
        delivery.leased_until = None
        delivery.attempts -= 1
        session.commit()


def _send(database: Database, post: Post, letter: Letter, now: datetime) -> None:
    """Say that it is tried, try, and say how it ended."""
    with database.writing() as session:
        session.get_one(Delivery, letter.delivery_id).attempted_at = now
        session.commit()
    outcome = post.channels[letter.channel].send(
        letter.address, letter.text.body, ref=str(letter.delivery_id), subject=letter.text.subject
    )
    with database.writing() as session:
        _settle(session.get_one(Delivery, letter.delivery_id), outcome, now)
        session.commit()


def _claim(
    session: Session, library: Library, post: Post, lane: Lane, now: datetime
) -> tuple[int, list[Letter]]:
    """Take what is due for this worker alone: how many deliveries, and the letters that are to
    leave."""
    due = col(Delivery.state) == DeliveryState.DUE
    # A lease is how long a claim is good for. One that has run out belongs to a worker that died
    # between its claim and the outcome.
    lease_lost = (col(Delivery.state) == DeliveryState.SENDING) & (col(Delivery.leased_until) < now)
    to_staff = col(Delivery.kind).in_(TO_STAFF)
    owed = (
        select(Delivery)
        .where(
            to_staff if lane is Lane.STAFF else ~to_staff,
            col(Delivery.due_at) <= now,
            # Says no more than the line below it; it is how the database finds the index.
            among(Delivery.state, UNSETTLED),
            or_(due, lease_lost),
        )
        .order_by(_urgent_first(lane), col(Delivery.due_at))
        .limit(CLAIM if lane is Lane.STAFF else CLAIM * post.side_by_side)
        # Another worker that is claiming at this moment holds its rows until it commits: we take
        # the next ones instead of waiting for those.
        .with_for_update(skip_locked=True)
    )
    claimed = session.exec(owed).all()
    at_hand = _read_together(session, claimed)
    letters = []
    for delivery in claimed:
        letter = _prepare_alone(session, library, post, delivery, now)
        if letter:
            letters.append(letter)
    del at_hand
    return len(claimed), letters


def _urgent_first(lane: Lane) -> ColumnElement[str]:
    """Urgent notices before digests, and a link that somebody asked for before reminders."""
    kind = col(Delivery.kind)
    return kind.desc() if lane is Lane.STAFF else kind.asc()


def _read_together(session: Session, claimed: Sequence[Delivery]) -> list[object]:
    """Who the claimed messages are for and why: read at once, so that the session finds each by its
    id.

    The caller holds on to them, since a session forgets a row that nobody holds.
    """
    patient_ids = [delivery.patient_id for delivery in claimed if delivery.patient_id]
    if not patient_ids:
        return []
    contact_ids = {delivery.contact_id for delivery in claimed}
    decision_ids = {delivery.decision_id for delivery in claimed}
    people: list[Patient | Site] = []
    at_home = select(Patient, Site).join(Site).where(col(Patient.id).in_(patient_ids))
    for patient, site in session.exec(at_home):
        people += [patient, site]
    contacts = session.exec(select(Contact).where(col(Contact.id).in_(contact_ids)))
    decisions = session.exec(
        select(MessageDecision).where(col(MessageDecision.id).in_(decision_ids))
    )
    return [*people, *contacts, *decisions]


def _prepare_alone(
    session: Session, library: Library, post: Post, delivery: Delivery, now: datetime
) -> Letter | None:
    """The letter to send; a row that cannot be read is set aside, and the others go."""
    try:
        # What it had begun to change is undone with it.
        with session.begin_nested():
            return _prepare(session, library, post, delivery, now)
    except Exception as error:  # noqa: BLE001  (an address under a key that is gone, and the like)
        log.error("delivery_unreadable", delivery=delivery.id, error=type(error).__name__)
        _end(delivery, DeliveryState.DEAD, "unreadable", now)
        return None


def _prepare(
    session: Session, library: Library, post: Post, delivery: Delivery, now: datetime
) -> Letter | None:
    """The letter to send, or None with the reason on the delivery: the check happens at the claim,
    not before."""
    staff_notice = delivery.kind == MessageKind.STAFF_NOTICE
    if delivery.state == DeliveryState.SENDING and delivery.attempted_at and not staff_notice:
        # Whoever held the lease may have sent it: a patient is not sent the same message twice on a
        # guess. What was claimed and never tried did not leave.
        _end(delivery, DeliveryState.UNKNOWN, "lease_lost", now)
        return None
    if now >= delivery.send_until:
        _end(delivery, DeliveryState.EXPIRED, "too_late", now)
        return None
    if staff_notice:
        letter = letter_to_nurse(session, post, delivery)
    elif delivery.kind == MessageKind.DIGEST:
        letter = digest_to_nurse(session, post, delivery)
    else:
        leaves = _may_leave(session, library, delivery, now)
        if leaves > now:
            # Decided in time, but the worker or the provider was away until now: no patient is
            # woken for it.
            delivery.due_at = leaves
            return None
        if _paused(session, delivery, now):
            _give_back_later(session, library, delivery, now)
            return None
        letter = letter_to_patient(session, post, delivery, now)
    if letter is None:
        _end(delivery, DeliveryState.CANCELLED, "not_wanted", now)
        return None
    delivery.state = DeliveryState.SENDING
    delivery.leased_until = now + (STAFF_LEASE if delivery.kind in TO_STAFF else LEASE)
    delivery.attempted_at = None
    delivery.attempts += 1
    return letter


def _may_leave(session: Session, library: Library, delivery: Delivery, now: datetime) -> datetime:
    """The first instant, not before `now`, at which the patient's protocol and the hour at her site
    let it leave."""
    patient = session.get_one(Patient, delivery.patient_id)
    plan = library.protocol(patient.protocol, patient.protocol_version).messages
    zone = _zone(session, patient)
    return may_leave(plan, MessageKind(delivery.kind), delivery.created_at, now, zone)


def _paused(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Whether she asked for no messages today; a link that a person asked for is hers all the
    same."""
    patient = session.get_one(Patient, delivery.patient_id)
    today = now.astimezone(_zone(session, patient)).date()
    paused = patient.paused_until is not None and today <= patient.paused_until
    return paused and delivery.kind != MessageKind.LINK


def _give_back_later(session: Session, library: Library, delivery: Delivery, now: datetime) -> None:
    """Decided before the pause: taken back, and made up for when the pause ends."""
    _end(delivery, DeliveryState.CANCELLED, "not_wanted", now)
    session.flush()
    patient = session.get_one(Patient, delivery.patient_id)
    plan = library.protocol(patient.protocol, patient.protocol_version).messages
    make_up_for_held(session, patient, plan, _zone(session, patient), now)


def _zone(session: Session, patient: Patient) -> ZoneInfo:
    return ZoneInfo(session.get_one(Site, patient.site_id).timezone)


def _settle(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """Write down how it ended, or when to try again."""
    match outcome:
        case Accepted():
            delivery.sid = outcome.sid
            _end(delivery, DeliveryState.SENT, None, now)
        case Refused(for_good=True):
            _end(delivery, DeliveryState.DEAD, str(outcome.code), now)
        case Refused():
            _try_again(delivery, str(outcome.code), now, wait=outcome.retry_after)
        case _ if delivery.kind == MessageKind.STAFF_NOTICE:
            # It may have left, but a nurse may well hear twice.
            _try_again(delivery, "unknown", now, wait=None)
        case _:
            _end(delivery, DeliveryState.UNKNOWN, "unknown", now)


def _try_again(delivery: Delivery, error: str, now: datetime, *, wait: int | None) -> None:
    """As many seconds later as the provider asked for, else each time twice as late as before."""
    doubled = FIRST_WAIT * 2 ** min(delivery.attempts, MOST_DOUBLINGS)
    pause = timedelta(seconds=wait) if wait else min(doubled, LONGEST_WAIT)
    delivery.due_at = now + pause
    delivery.state = DeliveryState.DUE
    delivery.leased_until = None
    delivery.error = error


def _end(delivery: Delivery, state: DeliveryState, error: str | None, now: datetime) -> None:
    """Nothing will be done about it any more."""
    delivery.state = state
    delivery.error = error
    delivery.leased_until = None
    delivery.settled_at = now
