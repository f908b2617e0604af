"""When the next message about a pack is decided: after a decision, a pause, another number."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, tuple_
from sqlmodel import Session, col, select

from proms.db.tables import Assignment, Delivery, MessageDecision, Patient
from proms.domain.protocol import MessagePlan
from proms.domain.reminder import (
    DeliveryState,
    Fate,
    HoldReason,
    MessageKind,
    Pause,
    Standing,
    Turn,
    Verdict,
    next_turn,
)
from proms.domain.schedule import OUTSTANDING


class PackOf(NamedTuple):
    """One pack of one patient."""

    patient_id: int
    event: str
    number: int


Turns = Mapping[PackOf, Sequence[Turn]]

BY_STAFF = "by_staff"  # noted of a message that a person took back
ON_ITS_WAY = frozenset(
    {
        DeliveryState.DUE,
        DeliveryState.SENDING,
        DeliveryState.SENT,
        DeliveryState.DELIVERED,
        DeliveryState.UNKNOWN,
    }
)
_CARRYING = func.coalesce(MessageDecision.decided_with, MessageDecision.id)
_DECIDED: Any = (
    select(MessageDecision, Delivery.state, Delivery.error, Patient.mended_after)
    .join(Patient, col(Patient.id) == MessageDecision.patient_id)
    .outerjoin(Delivery, col(Delivery.decision_id) == _CARRYING)
    .where(
        MessageDecision.kind == MessageKind.REMINDER,
        col(MessageDecision.step).is_not(None),
    )
    .order_by(col(MessageDecision.id))
)
OF_PATIENT: Any = _DECIDED.where(MessageDecision.patient_id == bindparam("patient_id"))
OF_PACKS: Any = _DECIDED.where(
    tuple_(MessageDecision.patient_id, MessageDecision.event, MessageDecision.number).in_(
        bindparam("packs", expanding=True)
    )
)


def turns_of_patient(session: Session, patient_id: int) -> Turns:
    """What was decided of each of her packs, in order."""
    return _turns(session.exec(OF_PATIENT, params={"patient_id": patient_id}).all())


def turns_of_packs(session: Session, packs: Iterable[PackOf]) -> Turns:
    """The same of some packs of any patients."""
    return _turns(session.exec(OF_PACKS, params={"packs": [tuple(pack) for pack in packs]}).all())


def make_up_for_held(
    session: Session,
    patient: Patient,
    plan: MessagePlan,
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """Give every open pack whose last message did not go out its next one, as soon as one may
    leave."""
    turns = turns_of_patient(session, patient.id)
    outstanding = select(Assignment).where(
        Assignment.patient_id == patient.id,
        col(Assignment.state).in_(OUTSTANDING),
        col(Assignment.opens_at) <= now,
        col(Assignment.closes_at) > now,
    )
    standing = standing_of(patient, plan, zone, now)
    for assignment in session.exec(outstanding):
        decided = turns.get(pack_of(assignment), ())
        if decided and decided[-1].fate not in (Fate.LEFT, Fate.WITHHELD):
            schedule_message(assignment, decided, standing)


def make_up_for_mended(
    session: Session, patient: Patient, plan: MessagePlan, zone: ZoneInfo, now: datetime
) -> None:
    """The same once her address is put right: what was held or lost for want of one goes too."""
    # It stays on her record: the schedule may be planned anew before a worker looks at it.
    decided = select(func.max(MessageDecision.id)).where(MessageDecision.patient_id == patient.id)
    patient.mended_after = session.exec(decided).one()
    make_up_for_held(session, patient, plan, zone, now)


def standing_of(patient: Patient, plan: MessagePlan, zone: ZoneInfo, now: datetime) -> Standing:
    """How a patient stands to messages now."""
    return Standing(plan, zone, now, pause_of(patient))


def pause_of(patient: Patient) -> Pause | None:
    """The pause she asked for last, over or not."""
    if patient.paused_until is None:
        return None
    return Pause(patient.paused_from or date.min, patient.paused_until)


def pack_of(assignment: Assignment) -> PackOf:
    return PackOf(assignment.patient_id, assignment.event, assignment.number)


def held_row(
    pack: PackOf,
    opens: date,
    step: int,
    turns: Sequence[Turn],
    *,
    reason: HoldReason,
    now: datetime,
) -> MessageDecision:
    """A step of a pack that is held for good: its next turn."""
    return MessageDecision(
        patient_id=pack.patient_id,
        kind=MessageKind.REMINDER,
        event=pack.event,
        number=pack.number,
        step=step,
        opens=opens,
        turn=turn_number(step, opens, turns),
        verdict=Verdict.HOLD,
        reason=reason,
        decided_at=now,
    )


def turn_number(step: int, opens: date, turns: Sequence[Turn]) -> int:
    """The how-manieth decision the next one about a step is."""
    return 1 + sum(turn.step == step and turn.opens == opens for turn in turns)


def store_together(session: Session, together: Iterable[Sequence[MessageDecision]]) -> None:
    """Store what was held together: of each group the later rows name the first; no row of these is
    ever changed."""
    groups = [rows for rows in together if rows]
    session.add_all(rows[0] for rows in groups)
    session.flush()
    for first, *rest in groups:
        for row in rest:
            row.decided_with = first.id
        session.add_all(rest)
    session.flush()


def schedule_message(assignment: Assignment, turns: Sequence[Turn], standing: Standing) -> None:
    """Set when this assignment's next message is to be decided; none after the last, or while it
    waits."""
    upcoming = None
    if assignment.state in OUTSTANDING:
        upcoming = next_turn(assignment.opens, assignment.closes, turns, standing)
    assignment.message_step, assignment.message_at = upcoming or (None, None)


def _turns(rows: Sequence[tuple[MessageDecision, str | None, str | None, int | None]]) -> Turns:
    turns: dict[PackOf, list[Turn]] = {}
    for (decision, mended_after), together in groupby(rows, key=lambda row: (row[0], row[3])):
        pack = PackOf(decision.patient_id, decision.event or "", decision.number or 0)
        ends = {(state, error) for _, state, error, _ in together}
        mended = decision.id <= (mended_after or 0)
        turns.setdefault(pack, []).append(_turn(decision, ends, mended))
    return turns


def _turn(
    decision: MessageDecision, ends: set[tuple[str | None, str | None]], mended: bool
) -> Turn:
    """What a decision came to; `ends` are the states of its deliveries, one a channel, each with
    what is noted of it."""
    states = {state for state, _ in ends}
    reason = HoldReason(decision.reason) if decision.reason else None
    fate = Fate.LOST
    if decision.verdict == Verdict.HOLD:
        fate = Fate.HELD
    elif states & ON_ITS_WAY:
        fate = Fate.LEFT
    elif (DeliveryState.CANCELLED, BY_STAFF) in ends:
        fate = Fate.WITHHELD
    elif DeliveryState.CANCELLED in states:
        fate = Fate.TAKEN_BACK
    opens = decision.opens or decision.decided_at.date()  # which every decision about a pack has
    return Turn(decision.step or 1, opens, decision.decided_at, fate, reason, mended)
