"""What is looked at when a message to a patient is about to leave: the hour, her pause, the way it
goes, and whether a later one stands for it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, and_, col, or_, select

from proms.actions.letters import states_of_packs
from proms.actions.next_messages import make_up_for_held, pause_of
from proms.actions.settling import end
from proms.actions.ways import fall_back, may_have_arrived_otherwise, nothing_goes_to
from proms.content import Library
from proms.db.tables import ChannelPause, Contact, Delivery, MessageDecision, Patient, Site
from proms.domain.person import PatientStatus
from proms.domain.reminder import (
    OWED,
    DeliveryState,
    HoldReason,
    MessageKind,
    PauseReason,
    may_leave,
)
from proms.domain.reminder.confirming import is_held
from proms.domain.reminder.ways import CHANNEL_PAUSED
from proms.domain.schedule import AssignmentState

BEHIND_A_NEWER = timedelta(minutes=1)  # until it is looked at again


def is_held_back(session: Session, library: Library, delivery: Delivery, now: datetime) -> bool:
    """Whether a message to a patient does not leave now; why, and when it is looked at again, is
    written on it."""
    leaves = _may_leave(session, library, delivery, now)
    if leaves > now:
        # Decided in time, but the worker or the provider was away until now: no patient is
        # woken for it.
        delivery.due_at = leaves
        return True
    if _paused(session, delivery, now):
        _give_back_later(session, library, delivery, now)
        return True
    if held := _why_not_there(session, library, delivery, now):
        end(delivery, DeliveryState.CANCELLED, held, now)
        fall_back(session, delivery, now)
        return True
    return _behind_a_newer(session, delivery, now)


def over_meanwhile(session: Session, delivery: Delivery) -> str | None:
    """Why a message that was claimed is not sent after all: she left, or wants none there, while it
    waited for its turn. Behind a slow provider that is long enough for either."""
    if delivery.patient_id is None:
        return None
    stands_still = and_(
        col(ChannelPause.patient_id) == Patient.id,
        col(ChannelPause.lifted_at).is_(None),
        or_(
            col(ChannelPause.contact_id) == delivery.contact_id,
            col(ChannelPause.why) == PauseReason.STOPPED,
        ),
    )
    asked = (
        select(Patient.status, ChannelPause.id)
        .outerjoin(ChannelPause, stands_still)
        .where(Patient.id == delivery.patient_id)
    )
    status, pause = session.exec(asked).first() or (None, None)
    if status != PatientStatus.ACTIVE:
        return HoldReason.NOT_ACTIVE.value
    return CHANNEL_PAUSED if pause else None


def why_not_wanted(session: Session, delivery: Delivery) -> str:
    """Why a message is not sent any more though it was decided, as it is noted of it."""
    if delivery.patient_id is None:
        return "not_wanted"
    if session.get_one(Patient, delivery.patient_id).status != PatientStatus.ACTIVE:
        return HoldReason.NOT_ACTIVE.value
    states = states_of_packs(session, session.get_one(MessageDecision, delivery.decision_id))
    if states and set(states) == {AssignmentState.ANSWERED}:
        return HoldReason.ANSWERED.value
    return "not_wanted"


def _why_not_there(
    session: Session, library: Library, delivery: Delivery, now: datetime
) -> str | None:
    """Why it does not go where it was to go, though it is still wanted."""
    contact = session.get_one(Contact, delivery.contact_id)
    if nothing_goes_to(session, contact):
        return CHANNEL_PAUSED
    if delivery.kind == MessageKind.CONFIRMATION:
        return None
    if may_have_arrived_otherwise(session, delivery):
        return "arrived_otherwise"
    patient = session.get_one(Patient, delivery.patient_id)
    plan = library.protocol(patient.protocol, patient.protocol_version).messages
    if contact.second and is_held(plan, contact.kind, contact.shown_at, now):
        return "unconfirmed"
    return None


def _behind_a_newer(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Whether a later reminder of hers stands for this one, which could not leave on its own day:
    after an outage she gets one, not one for each day of it."""
    zone = _zone(session, session.get_one(Patient, delivery.patient_id))
    own_day = delivery.created_at.astimezone(zone).date()
    if delivery.kind != MessageKind.REMINDER or own_day == now.astimezone(zone).date():
        return False
    newer = select(Delivery).where(
        Delivery.patient_id == delivery.patient_id,
        Delivery.kind == MessageKind.REMINDER,
        col(Delivery.created_at) > delivery.created_at,
    )
    states = {
        row.state
        for row in session.exec(newer)
        if row.created_at.astimezone(zone).date() > own_day and not _given_up(row)
    }
    if states & {DeliveryState.SENT, DeliveryState.DELIVERED}:
        end(delivery, DeliveryState.CANCELLED, "superseded", now)
        return True
    if states & OWED:
        # Only once that one has left: should it not be wanted any more, this one is.
        delivery.due_at = now + BEHIND_A_NEWER
        return True
    return False


def _given_up(delivery: Delivery) -> bool:
    return delivery.state == DeliveryState.UNKNOWN and delivery.settled_at is not None


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
    pause = pause_of(patient)
    return (
        pause is not None
        and pause.holds(today)
        and delivery.kind not in (MessageKind.LINK, MessageKind.CONFIRMATION)
    )


def _give_back_later(session: Session, library: Library, delivery: Delivery, now: datetime) -> None:
    """Decided before the pause: taken back, and made up for when the pause ends."""
    end(delivery, DeliveryState.CANCELLED, HoldReason.PAUSED.value, now)
    session.flush()
    patient = session.get_one(Patient, delivery.patient_id)
    plan = library.protocol(patient.protocol, patient.protocol_version).messages
    make_up_for_held(session, patient, plan, _zone(session, patient), now)


def _zone(session: Session, patient: Patient) -> ZoneInfo:
    return ZoneInfo(session.get_one(Site, patient.site_id).timezone)
