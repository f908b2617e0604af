"""Make the stored schedule equal the plan: one statement for each kind of change, whatever it
touches."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session, col, select

from proms.db.tables import Assignment, Delivery, MessageDecision, Patient
from proms.domain import schedule
from proms.domain.protocol import MessagePlan
from proms.domain.reminder import DeliveryState, MessageKind, next_message
from proms.domain.schedule import AssignmentState, Cancelled, Changes, Key, Window

OPENS_AT = time(6)
Steps = Mapping[tuple[str, int, date], Collection[int]]

# Built once: building a statement takes longer than to run it.
_THIS = (
    col(Assignment.patient_id) == bindparam("of_patient"),
    col(Assignment.event) == bindparam("of_event"),
    col(Assignment.number) == bindparam("of_number"),
    col(Assignment.instrument) == bindparam("of_instrument"),
)
OPEN = insert(Assignment)
PLACE = update(Assignment).where(*_THIS)
CANCEL = update(Assignment).where(*_THIS).values(state=AssignmentState.CANCELLED, message_at=None)
DECIDED: Any = select(
    MessageDecision.event, MessageDecision.number, MessageDecision.opens, MessageDecision.step
).where(  # type: ignore[type-var]
    MessageDecision.patient_id == bindparam("patient_id"),
    MessageDecision.kind == MessageKind.REMINDER,
    col(MessageDecision.step).is_not(None),
)


@dataclass(frozen=True)
class Renewal:
    """One patient's plan being renewed."""

    session: Session
    patient: Patient
    messages: MessagePlan
    zone: ZoneInfo
    now: datetime


class Placing(NamedTuple):
    """Where a pack is put: what its assignments have in common."""

    event: str
    number: int
    window: Window
    waiting: bool


def apply(renewal: Renewal, changes: Changes) -> None:
    """Write the changes: every pack with its next message; what is owed for a cancelled one is
    taken back."""
    moved = [change.to for change in (*changes.move, *changes.reopen, *changes.wait)]
    packs = {_placing(each) for each in (*changes.open, *moved)}
    done = _decided(renewal, packs)
    stored = {pack: _placed(renewal, pack, done) for pack in packs}
    opened = {"patient_id": renewal.patient.id, "created_at": renewal.now}
    _write(
        renewal,
        OPEN,
        ({**each.key._asdict(), **opened, **stored[_placing(each)]} for each in changes.open),
    )
    _write(
        renewal, PLACE, ({**_this(renewal, each.key), **stored[_placing(each)]} for each in moved)
    )
    _write(
        renewal,
        CANCEL,
        ({**_this(renewal, each.key), "reason": each.reason} for each in changes.cancel),
    )
    _cancel_unsent(renewal, changes.cancel)


def _write(renewal: Renewal, statement: Any, rows: Iterable[dict[str, Any]]) -> None:
    if values := list(rows):
        renewal.session.connection().execute(statement, values)


def _this(renewal: Renewal, key: Key) -> dict[str, Any]:
    return {
        "of_patient": renewal.patient.id,
        "of_event": key.event,
        "of_number": key.number,
        "of_instrument": key.instrument,
    }


def _placing(each: schedule.PlannedAssignment) -> Placing:
    return Placing(each.key.event, each.key.number, each.window, each.waiting)


def _placed(renewal: Renewal, pack: Placing, done: Steps) -> dict[str, Any]:
    """What is stored of a pack that is put here: its dates, the instants they stand for, and its
    next message.

    It opens at 06:00 on the first day and closes at 24:00 on the last; while it waits no message is
    owed.
    """
    window, zone = pack.window, renewal.zone
    closes_at = datetime.combine(window.closes + timedelta(days=1), time(0), zone).astimezone(UTC)
    steps = done.get((pack.event, pack.number, window.opens), ())
    upcoming = (
        None
        if pack.waiting
        else next_message(renewal.messages, window.opens, steps, renewal.now, zone)
    )
    step, message_at = upcoming or (None, None)
    return {
        **window._asdict(),
        "opens_at": datetime.combine(window.opens, OPENS_AT, zone).astimezone(UTC),
        "closes_at": closes_at,
        "expires_at": closes_at,
        "state": AssignmentState.WAITING if pack.waiting else AssignmentState.PLANNED,
        "reason": None,
        "message_step": step,
        "message_at": message_at,
        "protocol_version": renewal.patient.protocol_version,
    }


def _decided(renewal: Renewal, packs: Iterable[Placing]) -> Steps:
    """The steps already decided for these packs where they are put now; an assignment may also join
    a pack."""
    done: dict[tuple[str, int, date], set[int]] = {}
    # A message falls due on the day its pack opens or later: of one that opens after today none has
    # been decided.
    today = renewal.now.astimezone(renewal.zone).date()
    if all(pack.window.opens > today for pack in packs):
        return done
    for event, number, opens, step in renewal.session.exec(
        DECIDED, params={"patient_id": renewal.patient.id}
    ):
        done.setdefault((event, number, opens), set()).add(step)
    return done


def _cancel_unsent(renewal: Renewal, cancelled: Collection[Cancelled]) -> None:
    packs = {(each.key.event, each.key.number) for each in cancelled}
    if not packs:
        return
    unsent = renewal.session.exec(
        select(Delivery, MessageDecision.event, MessageDecision.number)
        .join(MessageDecision)
        .where(Delivery.patient_id == renewal.patient.id, Delivery.state == DeliveryState.DUE)
    )
    for delivery, event, number in unsent:
        if (event, number) in packs:
            delivery.state, delivery.error = DeliveryState.CANCELLED, "not_wanted"
            delivery.settled_at = renewal.now
