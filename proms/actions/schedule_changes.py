"""Make the stored schedule equal the plan: one statement for each kind of change, whatever it
touches."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session, col, select

from proms.actions.next_messages import PackOf, Turns, standing_of, turns_of_patient
from proms.db.queries.owed_messages import owed_to
from proms.db.tables import Assignment, Patient
from proms.domain.person import PatientStatus
from proms.domain.protocol import MessagePlan
from proms.domain.reminder import DeliveryState, HoldReason, next_turn
from proms.domain.schedule import (
    OUTSTANDING,
    AssignmentState,
    Cancelled,
    Changes,
    Key,
    PlannedAssignment,
    Window,
)

OPENS_AT = time(6)

# The four statements are built once: building one takes longer than to run it.
_THIS = (
    col(Assignment.patient_id) == bindparam("of_patient"),
    col(Assignment.event) == bindparam("of_event"),
    col(Assignment.number) == bindparam("of_number"),
    col(Assignment.instrument) == bindparam("of_instrument"),
)
OPEN = insert(Assignment)
PLACE = update(Assignment).where(*_THIS)
CANCEL = update(Assignment).where(*_THIS).values(state=AssignmentState.CANCELLED, message_at=None)
LEFT: Any = select(Assignment.event, Assignment.number).where(
    Assignment.patient_id == bindparam("patient_id"), col(Assignment.state).in_(OUTSTANDING)
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
    # What is moved, opened again or left to wait is the same to the database: its row gets the
    # dates, the state and the next message of the pack it belongs to now.
    changed = (*changes.move, *changes.reopen, *changes.wait)
    placed = [change.to for change in changed]
    packs = {_placing(assignment) for assignment in (*changes.open, *placed)}
    windows = [*(pack.window for pack in packs), *(change.stored.window for change in changed)]
    turns = _decided(renewal, windows)
    columns = {pack: _columns(renewal, pack, turns) for pack in packs}
    opened = []
    for assignment in changes.open:
        opened.append(_new_row(renewal, assignment, columns[_placing(assignment)]))
    _write(renewal, OPEN, opened)
    moved = []
    for assignment in placed:
        moved.append({**_named(renewal, assignment.key), **columns[_placing(assignment)]})
    _write(renewal, PLACE, moved)
    cancelled = []
    for taken_back in changes.cancel:
        cancelled.append({**_named(renewal, taken_back.key), "reason": taken_back.reason})
    _write(renewal, CANCEL, cancelled)
    _cancel_unsent(renewal, changes.cancel)


def _write(renewal: Renewal, statement: Any, rows: list[dict[str, Any]]) -> None:
    """One statement for all rows, and none for no rows."""
    if rows:
        renewal.session.connection().execute(statement, rows)


def _new_row(
    renewal: Renewal, assignment: PlannedAssignment, columns: dict[str, Any]
) -> dict[str, Any]:
    return {
        **assignment.key._asdict(),
        "patient_id": renewal.patient.id,
        "created_at": renewal.now,
        **columns,
    }


def _named(renewal: Renewal, key: Key) -> dict[str, Any]:
    """What `_THIS` looks for: names that are no column's, since a statement's parameters are its
    values too."""
    return {
        "of_patient": renewal.patient.id,
        "of_event": key.event,
        "of_number": key.number,
        "of_instrument": key.instrument,
    }


def _placing(assignment: PlannedAssignment) -> Placing:
    key = assignment.key
    return Placing(key.event, key.number, assignment.window, assignment.waiting)


def _columns(renewal: Renewal, pack: Placing, decided: Turns) -> dict[str, Any]:
    """What is stored of a pack that is put here: its dates, the instants they stand for, and its
    next message.

    It opens at 06:00 on the first day and closes at 24:00 on the last; while it waits no message is
    owed.
    """
    window, zone = pack.window, renewal.zone
    opens_at = datetime.combine(window.opens, OPENS_AT, zone).astimezone(UTC)
    closes_at = datetime.combine(window.closes + timedelta(days=1), time(0), zone).astimezone(UTC)
    state, upcoming = AssignmentState.WAITING, None
    if not pack.waiting:
        state = AssignmentState.PLANNED
        turns = decided.get(PackOf(renewal.patient.id, pack.event, pack.number), ())
        standing = standing_of(renewal.patient, renewal.messages, zone, renewal.now)
        upcoming = next_turn(window.opens, window.closes, turns, standing)
    step, message_at = upcoming or (None, None)
    return {
        **window._asdict(),
        "opens_at": opens_at,
        "closes_at": closes_at,
        "expires_at": closes_at,
        "state": state,
        "reason": None,
        "message_step": step,
        "message_at": message_at,
        "protocol_version": renewal.patient.protocol_version,
    }


def _decided(renewal: Renewal, windows: Iterable[Window]) -> Turns:
    """What was already decided of her packs, where it was and where it will be; an assignment may
    also join a pack."""
    # A message falls due on the day its pack opens or later: of one that opens after today, and did
    # before, none has been decided.
    today = renewal.now.astimezone(renewal.zone).date()
    if all(window.opens > today for window in windows):
        return {}
    return turns_of_patient(renewal.session, renewal.patient.id)


def _cancel_unsent(renewal: Renewal, cancelled: Collection[Cancelled]) -> None:
    """Take back the messages of the packs of which nothing is left to answer and that no worker has
    claimed yet; one that was claimed is on its way."""
    packs = {(assignment.key.event, assignment.key.number) for assignment in cancelled}
    if not packs:
        return
    why = "not_wanted"
    if renewal.patient.status != PatientStatus.ACTIVE:
        why = HoldReason.NOT_ACTIVE.value
    packs -= set(renewal.session.exec(LEFT, params={"patient_id": renewal.patient.id}))
    for delivery, about in owed_to(renewal.session, renewal.patient.id):
        if about <= packs:
            delivery.state, delivery.error = DeliveryState.CANCELLED, why
            delivery.settled_at = renewal.now
