"""A contact that messages do not reach, or whose owner wants none, is sent nothing more until it is
mended."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlmodel import Session, and_, col, or_, select, update

from proms.actions.audit import WORKER, Actor, Subject, record
from proms.db.append_only import append_missing
from proms.db.tables import ChannelPause, Contact, Delivery, Patient
from proms.domain.reminder import DeliveryState, OutboxLimits, PauseReason
from proms.domain.tick import NO_CHANNEL, UNREADABLE

ARRIVES_WITHIN = timedelta(days=1)  # else no report comes, and sent is as good as delivered
OPTED_OUT = "21610"  # Twilio's code: the patient wrote STOP to this sender
OURS = (UNREADABLE, NO_CHANNEL)  # no fault of the address


def consider_pause(
    session: Session, delivery: Delivery, limits: OutboxLimits, now: datetime
) -> None:
    """Pause the contact once so many messages in a row did not arrive; the caller commits."""
    if delivery.contact_id is None or delivery.patient_id is None:
        return
    if delivery.error == OPTED_OUT:
        _pause(session, _contact_of(session, delivery), PauseReason.STOPPED, WORKER, now)
        return
    session.flush()
    lost = (DeliveryState.DEAD, DeliveryState.UNDELIVERED)
    settled = (
        select(Delivery.state)
        .where(
            Delivery.contact_id == delivery.contact_id,
            or_(
                Delivery.state == DeliveryState.DELIVERED,
                and_(
                    col(Delivery.state).in_(lost),
                    or_(col(Delivery.error).is_(None), col(Delivery.error).not_in(OURS)),
                ),
                and_(
                    col(Delivery.state) == DeliveryState.SENT,
                    col(Delivery.settled_at) < now - ARRIVES_WITHIN,
                ),
            ),
        )
        .order_by(col(Delivery.id).desc())
        .limit(limits.undelivered)
    )
    last = session.exec(settled).all()
    if len(last) == limits.undelivered and all(state in lost for state in last):
        _pause(session, _contact_of(session, delivery), PauseReason.UNDELIVERED, WORKER, now)


def stop_contact(
    session: Session,
    contact: Contact,
    *,
    by: Actor,
    now: datetime,
    why: PauseReason = PauseReason.STOPPED,
) -> None:
    """She wants no messages there, or it is not hers; that outweighs that they did not arrive."""
    if _pause(session, contact, why, by, now):
        return
    holds = update(ChannelPause).where(
        col(ChannelPause.contact_id) == contact.id, col(ChannelPause.lifted_at).is_(None)
    )
    session.exec(holds.values(why=why.value))


def hold_contact(
    session: Session, contact: Contact, why: PauseReason, *, by: Actor, now: datetime
) -> bool:
    """Send nothing there for a reason that is no wish of hers; False where it stands still
    already."""
    return _pause(session, contact, why, by, now)


def _contact_of(session: Session, delivery: Delivery) -> Contact:
    return session.get_one(Contact, delivery.contact_id)


def _pause(session: Session, contact: Contact, why: PauseReason, by: Actor, now: datetime) -> bool:
    """Send nothing more to a contact; False where it is paused already."""
    new = {
        "patient_id": contact.patient_id,
        "contact_id": contact.id,
        "channel": contact.kind,
        "why": why.value,
        "since": now,
    }
    if not append_missing(session, ChannelPause, [new]):
        return False
    patient = session.get_one(Patient, contact.patient_id)
    subject = Subject("patient", patient.id, patient.id, patient.site_id)
    record(session, "channel.paused", subject, by=by, now=now, channel=contact.kind, why=why.value)
    return True


def end_pause_of(session: Session, contact: Contact, now: datetime) -> PauseReason | None:
    """Nothing holds up this contact any more, which is used no longer; returns what did."""
    holds = select(ChannelPause).where(
        ChannelPause.contact_id == contact.id, col(ChannelPause.lifted_at).is_(None)
    )
    pause = session.exec(holds).first()
    if pause is None:
        return None
    pause.lifted_at = now
    session.flush()
    return PauseReason(pause.why)


def lift_pauses(session: Session, patient_id: int, now: datetime) -> None:
    """Every pause of hers ends, since she is reached in another way from now on."""
    holds = update(ChannelPause).where(
        col(ChannelPause.patient_id) == patient_id, col(ChannelPause.lifted_at).is_(None)
    )
    session.exec(holds.values(lifted_at=now))


def are_paused(session: Session, contact_ids: Collection[int]) -> set[int]:
    """Those of these contacts to which nothing is sent."""
    holds = select(ChannelPause.contact_id).where(
        col(ChannelPause.contact_id).in_(contact_ids), col(ChannelPause.lifted_at).is_(None)
    )
    return set(session.exec(holds))
