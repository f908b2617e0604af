"""When the next message about a pack is decided: after a decision, a pause, another number."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from proms.db.tables import Assignment, Delivery, MessageDecision, Patient
from proms.domain.protocol import MessagePlan
from proms.domain.reminder import DeliveryState, HoldReason, MessageKind, message_after
from proms.domain.schedule import OUTSTANDING

# By event, number and the day the pack opens: each step decided, and whether it did not go out
# though it should.
Steps = Mapping[tuple[str, int, date], Mapping[int, bool]]

# Held until something ends: it is made up for.
HELD = frozenset({HoldReason.PAUSED, HoldReason.NO_CONTACT})
LOST = frozenset({DeliveryState.DEAD, DeliveryState.UNDELIVERED})
DECIDED: Any = (
    select(  # type: ignore[call-overload,misc]
        MessageDecision.event,
        MessageDecision.number,
        MessageDecision.opens,
        MessageDecision.step,
        MessageDecision.reason,
        Delivery.state,
    )
    .outerjoin(Delivery, col(Delivery.decision_id) == MessageDecision.id)
    .where(
        MessageDecision.patient_id == bindparam("patient_id"),
        MessageDecision.kind == MessageKind.REMINDER,
        col(MessageDecision.step).is_not(None),
    )
    .order_by(col(MessageDecision.step))
)


def steps_decided(
    session: Session, patient_id: int, *, lost: Collection[DeliveryState] = ()
) -> Steps:
    """What was decided of each pack; what ended in one of these states counts as not gone out, as
    does what a pause held or took back."""
    decided: dict[tuple[str, int, date], dict[int, bool]] = {}
    not_gone_out = {DeliveryState.CANCELLED, *lost}
    rows = session.exec(DECIDED, params={"patient_id": patient_id})
    for event, number, opens, step, reason, state in rows:
        steps = decided.setdefault((event, number, opens), {})
        missed = reason in HELD or state in not_gone_out
        if reason == HoldReason.DAY_CAP:
            # Held for what was to leave that day: it counts as whatever became of the step before.
            missed = steps.get(max(steps, default=0), False)
        steps[step] = missed
    return decided


def make_up_for_held(
    session: Session,
    patient: Patient,
    plan: MessagePlan,
    zone: ZoneInfo,
    now: datetime,
    *,
    lost: Collection[DeliveryState] = (),
) -> None:
    """Give every open pack whose last message did not go out its next one, as soon as one may
    leave."""
    decided = steps_decided(session, patient.id, lost=lost)
    outstanding = select(Assignment).where(
        Assignment.patient_id == patient.id,
        col(Assignment.state).in_(OUTSTANDING),
        col(Assignment.opens_at) <= now,
        col(Assignment.closes_at) > now,
    )
    for assignment in session.exec(outstanding):
        done = decided.get((assignment.event, assignment.number, assignment.opens), {})
        if done and done[max(done)]:
            schedule_message(assignment, patient, plan, zone, now, done=done)


def schedule_message(
    assignment: Assignment,
    patient: Patient,
    plan: MessagePlan,
    zone: ZoneInfo,
    now: datetime,
    *,
    done: Mapping[int, bool],
) -> None:
    """Set when this assignment's next message is to be decided; none after the last, or while it
    waits."""
    upcoming = None
    if assignment.state in OUTSTANDING:
        upcoming = message_after(
            plan, assignment.opens, now, zone, done=done, paused_until=patient.paused_until
        )
    assignment.message_step, assignment.message_at = upcoming or (None, None)
