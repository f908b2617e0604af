"""Send what the outbox owes: claim, commit, send, commit. Nothing is sent inside a transaction."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from proms.actions.channel_trouble import begin_probe, may_probe, open_channels
from proms.actions.countries import goes_abroad
from proms.actions.held_back import is_held_back, over_meanwhile, why_not_wanted
from proms.actions.letters import (
    Letter,
    Post,
    digest_to_nurse,
    letter_to_nurse,
    letter_to_patient,
)
from proms.actions.set_aside import Attempt, Unit, forget, is_of_database, note_failure
from proms.actions.settling import end, put_in_doubt, settle
from proms.actions.site_texts import put_off_what_is_too_much, waits_for_room
from proms.actions.ways import fall_back
from proms.content import Library
from proms.db.keyring import Unreadable
from proms.db.session import Database
from proms.db.tables import (
    Alert,
    Contact,
    Delivery,
    MessageDecision,
    Patient,
    Site,
    Staff,
)
from proms.db.tables.partial import among
from proms.domain.alert.record import AlertState
from proms.domain.reminder import DeliveryState, MessageKind
from proms.domain.tick import NO_CHANNEL, UNREADABLE, USUAL, TickName, Tries

# A claim of ten for each that waits at once, ten seconds or more for a slow provider, is done well
# within its lease.
LEASE = timedelta(minutes=5)
# What is owed to staff is claimed a wave at a time, so that a notice whose worker was killed leaves
# within the minute that is promised.
STAFF_LEASE = timedelta(seconds=40)
CLAIM = 10
# An alert's first notice that could not leave for so long says no more than a later one: both lead
# to one worklist.
STALE = timedelta(minutes=10)
TO_LEAVE = (DeliveryState.DUE, DeliveryState.SENDING)
LEFT = (DeliveryState.SENT, DeliveryState.DELIVERED)
# As ix_delivery_owed has them.
UNSETTLED = (DeliveryState.DUE, DeliveryState.SENDING, DeliveryState.UNKNOWN)


class Lane(StrEnum):
    """Messages of one lane never wait for those of another."""

    STAFF = "staff"
    PATIENTS = "patients"


TICKS = {Lane.STAFF: TickName.NOTIFY, Lane.PATIENTS: TickName.DELIVER}
TO_STAFF = (MessageKind.STAFF_NOTICE, MessageKind.DIGEST)


def deliver_due(
    database: Database,
    library: Library,
    post: Post,
    *,
    lane: Lane,
    now: datetime,
    stopping: Callable[[], bool] = lambda: False,
    tries: Tries = USUAL,
) -> int:
    """Send what is due in a lane; two workers never claim the same delivery. Once it is `stopping`
    what was not tried yet is given back. Returns how many were dealt with, sent or not."""
    # The claim is committed before anything leaves, and so is each attempt: a worker that dies
    # leaves rows behind that say which messages surely never left. A provider is never waited for
    # inside a transaction, which would keep those rows locked; and each outcome is committed by
    # itself.
    with database.writing() as session:
        attempt = Attempt(TICKS[lane], now, tries)
        claimed, letters = _claim(session, library, post, lane, attempt)
        post.passes("before the claim is committed")
        session.commit()
    post.passes("claimed")

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
        delivery = session.get_one(Delivery, letter.delivery_id, with_for_update=True)
        if _is_ours(delivery, letter):
            delivery.state = DeliveryState.DUE
            delivery.leased_until = None
            delivery.attempts -= 1
        session.commit()


def _send(database: Database, post: Post, letter: Letter, now: datetime) -> None:
    """Say that it is tried, try, and say how it ended."""
    with database.writing() as session:
        delivery = session.get_one(Delivery, letter.delivery_id, with_for_update=True)
        if not _is_ours(delivery, letter):
            return  # this worker stood still for longer than its lease
        if over := over_meanwhile(session, delivery):
            end(delivery, DeliveryState.CANCELLED, over, now)
            fall_back(session, delivery, now)
            session.commit()
            return
        delivery.attempted_at = now
        post.passes("before the attempt is committed")
        session.commit()
    post.passes("about to send")
    outcome = post.channels[letter.channel].send(
        letter.address,
        letter.text.body,
        ref=str(letter.delivery_id),
        subject=letter.text.subject,
        **letter.mail,
    )
    post.passes("sent")
    with database.writing() as session:
        settle(session, post, letter, outcome, now)
        post.passes("before the outcome is committed")
        session.commit()
    post.passes("settled")


def _is_ours(delivery: Delivery, letter: Letter) -> bool:
    """Whether the claim that this letter was made for still holds."""
    claim = delivery.state, delivery.attempts, delivery.attempted_at
    return claim == (DeliveryState.SENDING, letter.attempt, None)


def _claim(
    session: Session, library: Library, post: Post, lane: Lane, attempt: Attempt
) -> tuple[int, list[Letter]]:
    """Take what is due for this worker alone: how many deliveries, and the letters that are to
    leave."""
    now, opened = attempt.now, open_channels(session)
    to_staff = col(Delivery.kind).in_(TO_STAFF)
    owed = (
        select(Delivery)
        .where(
            to_staff if lane is Lane.STAFF else ~to_staff,
            col(Delivery.due_at) <= now,
            # Says no more than the line below it; it is how the database finds the index.
            among(Delivery.state, UNSETTLED),
            _free(now),
        )
        .order_by(_urgent_first(lane), col(Delivery.due_at))
        # Another worker that is claiming at this moment holds its rows until it commits: we take
        # the next ones instead of waiting for those.
        .with_for_update(skip_locked=True)
    )
    most = CLAIM if lane is Lane.STAFF else CLAIM * post.side_by_side
    now_tried = owed.where(_tried_now(opened, now)) if opened else owed
    claimed = list(session.exec(now_tried.limit(most)))
    for channel in opened:
        claimed += _probe(session, owed, channel, now)
    at_hand = _read_together(session, claimed)
    letters = []
    for delivery in claimed:
        letter = _prepare_alone(session, library, post, delivery, attempt)
        if letter:
            letters.append(letter)
    most, leaving = post.limits.texts_a_day, {letter.delivery_id for letter in letters}
    about_to = [delivery for delivery in claimed if delivery.id in leaving]
    put_off = put_off_what_is_too_much(session, library, about_to, most, now)
    letters = [letter for letter in letters if letter.delivery_id not in put_off]
    forget(session, [letter.delivery_id for letter in letters], attempt)
    del at_hand
    return len(claimed), letters


def _free(now: datetime) -> ColumnElement[bool]:
    """Due, or claimed by a worker that died between its claim and the outcome: a lease is how long
    a claim is good for."""
    return or_(col(Delivery.state) == DeliveryState.DUE, _lease_lost(now))


def _lease_lost(now: datetime) -> ColumnElement[bool]:
    sending = col(Delivery.state) == DeliveryState.SENDING
    return and_(sending, col(Delivery.leased_until) < now)


def _tried_now(opened: Sequence[str], now: datetime) -> ColumnElement[bool]:
    """What is claimed though the provider of some channels fails: all on other channels, urgent
    notices, and what will not be sent anyway."""
    return or_(
        col(Delivery.channel).not_in(opened),
        col(Delivery.kind) == MessageKind.STAFF_NOTICE,
        and_(_lease_lost(now), col(Delivery.attempted_at).is_not(None)),
        col(Delivery.send_until) <= now,
    )


def _probe(
    session: Session, owed: SelectOfScalar[Delivery], channel: str, now: datetime
) -> list[Delivery]:
    """The one message that shows whether the provider of a channel works again, once it is time."""
    if not may_probe(session, channel, now):
        return []
    held_back = owed.where(col(Delivery.channel) == channel, ~_tried_now([channel], now))
    probes = list(session.exec(held_back.limit(1)))
    if probes:
        begin_probe(session, channel, now)
    return probes


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
    session: Session, library: Library, post: Post, delivery: Delivery, attempt: Attempt
) -> Letter | None:
    """The letter to send; a row that cannot be read is set aside, and the others go."""
    try:
        # What it had begun to change is undone with it.
        with session.begin_nested():
            return _prepare(session, library, post, delivery, attempt.now)
    except Exception as error:  # an address under a key that is gone, and the like
        if is_of_database(error):
            raise
        unit = Unit(delivery.id, delivery, _site_of_staff(session, delivery), delivery.patient_id)
        # The keys of a worker stay what they are: what does not open will not open later either.
        tries = Tries(most=1) if isinstance(error, Unreadable) else attempt.tries
        again = note_failure(session, unit, error, replace(attempt, tries=tries))
        if again:
            delivery.due_at = again
        else:
            # The delivery says so itself from here on, and a corrected address makes up for it.
            forget(session, [delivery.id], attempt)
            end(delivery, DeliveryState.DEAD, UNREADABLE, attempt.now)
            fall_back(session, delivery, attempt.now)
        return None


def _site_of_staff(session: Session, delivery: Delivery) -> int | None:
    staff = session.get(Staff, delivery.staff_id) if delivery.staff_id else None
    return staff.site_id if staff else None


def _prepare(
    session: Session, library: Library, post: Post, delivery: Delivery, now: datetime
) -> Letter | None:
    """The letter to send, or None with the reason on the delivery: the check happens at the claim,
    not before."""
    staff_notice = delivery.kind == MessageKind.STAFF_NOTICE
    if delivery.state == DeliveryState.SENDING and delivery.attempted_at and not staff_notice:
        # Whoever held the lease may have sent it: a patient is not sent the same message twice on a
        # guess. What was claimed and never tried did not leave.
        put_in_doubt(delivery, "lease_lost", post.limits, now)
        return None
    if hopeless := _hopeless(post, delivery, now):
        end(delivery, *hopeless, now)
        fall_back(session, delivery, now)
        return None
    if staff_notice and _told_by_later(session, delivery, now):
        end(delivery, DeliveryState.CANCELLED, "superseded", now)
        return None
    if staff_notice:
        letter = letter_to_nurse(session, post, delivery)
    elif delivery.kind == MessageKind.DIGEST:
        letter = digest_to_nurse(session, post, delivery)
    else:
        if is_held_back(session, library, delivery, now):
            return None
        if goes_abroad(session, post, delivery, now):
            return None
        if waits_for_room(session, library, delivery, now):
            return None
        letter = letter_to_patient(session, post, delivery, now)
    if letter is None:
        end(delivery, DeliveryState.CANCELLED, why_not_wanted(session, delivery), now)
        return None
    delivery.state = DeliveryState.SENDING
    delivery.leased_until = now + (STAFF_LEASE if delivery.kind in TO_STAFF else LEASE)
    delivery.attempted_at = None
    delivery.attempts += 1
    return replace(letter, attempt=delivery.attempts)


def _told_by_later(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Whether another notice stands for one to a nurse that waited: a later one about an alert that
    is still open, or one that left since. After an outage she gets one by that channel, not one for
    each that waited."""
    repeated_in_vain = delivery.step > 1 and delivery.attempts > 0
    if now - delivery.created_at < STALE and not repeated_in_vain:
        return False
    others = (
        select(Delivery.id)
        .join(Alert, col(Alert.id) == Delivery.alert_id)
        .where(
            Delivery.staff_id == delivery.staff_id,
            Delivery.channel == delivery.channel,
            Delivery.kind == MessageKind.STAFF_NOTICE,
            or_(
                and_(
                    col(Delivery.id) > delivery.id,
                    col(Delivery.state).in_(TO_LEAVE),
                    col(Delivery.send_until) > now,
                    Alert.state == AlertState.OPEN,
                ),
                and_(
                    col(Delivery.state).in_(LEFT),
                    col(Delivery.settled_at) > delivery.created_at,
                ),
            ),
        )
    )
    return session.exec(others.limit(1)).first() is not None


def _hopeless(post: Post, delivery: Delivery, now: datetime) -> tuple[DeliveryState, str] | None:
    """How a message ends that is not even tried, and why."""
    if now >= delivery.send_until:
        return DeliveryState.EXPIRED, "too_late"
    if delivery.channel not in post.channels:
        return DeliveryState.DEAD, NO_CHANNEL
    return None
