"""A patient's packs around now: what is open, what comes, what was done."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select

from proms.db.tables import Assignment, Draft, Response
from proms.domain.protocol import Protocol
from proms.domain.schedule import AssignmentState, WindowState, answering_state, gives_way


@dataclass(frozen=True)
class PackAssignment:
    """One assignment with its draft and its first response, as far as there are any."""

    assignment: Assignment
    draft: Draft | None
    response: Response | None

    def open_at(self, now: datetime) -> bool:
        """Whether it may be filled in."""
        return answering_state(self.assignment, now) is WindowState.OPEN


@dataclass(frozen=True)
class Pack:
    """The assignments of one event and number, in the order they are filled in: one card, one
    sitting."""

    rows: tuple[PackAssignment, ...]
    gave_way: bool = False  # begun, not sent, and the next of its series is asked instead

    @property
    def opens(self) -> date:
        return min(row.assignment.opens for row in self.rows)

    @property
    def due(self) -> date:
        return min(row.assignment.due for row in self.rows)

    @property
    def closes(self) -> date:
        return max(row.assignment.closes for row in self.rows)

    @property
    def answered_at(self) -> datetime | None:
        """When the last of its answers came in; None while nothing has."""
        return max((row.response.submitted_at for row in self.rows if row.response), default=None)

    @property
    def left_unsent(self) -> bool:
        """Whether something of it was answered and not sent."""
        return any(
            row.draft is not None and bool(row.draft.document) and row.response is None
            for row in self.rows
        )

    def open_at(self, now: datetime) -> tuple[PackAssignment, ...]:
        return tuple(row for row in self.rows if row.open_at(now))

    def comes_after(self, now: datetime) -> bool:
        return all(
            answering_state(row.assignment, now) is WindowState.UPCOMING for row in self.rows
        )


@dataclass(frozen=True)
class Days:
    """A patient's packs in order of opening; open ones begin with what closes first, done ones with
    the latest."""

    open: tuple[Pack, ...]
    coming: tuple[Pack, ...]
    done: tuple[Pack, ...]


def days_of(session: Session, patient_id: int, now: datetime, protocol: Protocol) -> Days:
    """The patient's packs; instruments of one pack stand in the order of her protocol."""
    asked = _asked(session, patient_id)
    rows = [each.assignment for each in asked]
    late = {row.id for row in rows if gives_way(protocol, row, rows, now)}
    packs = [
        replace(pack, gave_way=all(each.assignment.id in late for each in pack.open_at(now)))
        if pack.open_at(now)
        else pack
        for pack in _packs(asked, protocol.instrument_order)
    ]
    packs.sort(key=lambda pack: pack.opens)
    open_now = [pack for pack in packs if pack.open_at(now) and not pack.gave_way]
    coming = [pack for pack in packs if pack.comes_after(now)]
    # What is neither open nor coming was answered, has closed or gave way: each pack is in one
    # list.
    done = [pack for pack in packs if pack not in open_now and pack not in coming]
    open_now.sort(key=lambda pack: pack.closes)
    return Days(tuple(open_now), tuple(coming), tuple(reversed(done)))


def pack_of(session: Session, assignment: Assignment, order: Iterable[str]) -> Pack:
    """The pack that an assignment belongs to, in the given order."""
    asked = _asked(session, assignment.patient_id, assignment)
    (pack,) = _packs(asked, order)
    return pack


def _asked(
    session: Session, patient_id: int, beside: Assignment | None = None
) -> list[PackAssignment]:
    """Every assignment that stands, those of one event and number side by side; only those of one
    pack, where it is that of an assignment."""
    first_response = (col(Response.assignment_id) == Assignment.id) & (col(Response.version) == 1)
    one_pack = (
        (Assignment.event == beside.event, Assignment.number == beside.number) if beside else ()
    )
    rows = session.exec(
        select(Assignment, Draft, Response)
        .where(*one_pack)
        .outerjoin(Draft, Draft.assignment_id == Assignment.id)  # type: ignore[arg-type]
        .outerjoin(Response, first_response)
        .where(
            Assignment.patient_id == patient_id,
            col(Assignment.state).not_in((AssignmentState.CANCELLED, AssignmentState.WAITING)),
        )
        .order_by(col(Assignment.event), col(Assignment.number))
    )
    return [PackAssignment(*row) for row in rows]


def _packs(asked: list[PackAssignment], order: Iterable[str]) -> list[Pack]:
    """The assignments in packs; an instrument that the order does not name comes last in its
    pack."""
    place = {instrument: index for index, instrument in enumerate(order)}

    def pack_key(row: PackAssignment) -> tuple[str, int]:
        return row.assignment.event, row.assignment.number

    def place_in_pack(row: PackAssignment) -> int:
        return place.get(row.assignment.instrument, len(place))

    return [
        Pack(tuple(sorted(rows, key=place_in_pack))) for _, rows in groupby(asked, key=pack_key)
    ]


def answerable_at(now: datetime) -> ColumnElement[bool]:
    """The assignments that may be filled in, as `answering_state` has it."""
    planned = (col(Assignment.state) == AssignmentState.PLANNED) & (col(Assignment.closes_at) > now)
    started = (col(Assignment.state) == AssignmentState.STARTED) & (
        col(Assignment.expires_at) > now
    )
    return and_(col(Assignment.opens_at) <= now, or_(planned, started))


def response_by_receipt(session: Session, patient_id: int, receipt: str) -> Response | None:
    """The patient's own response with this receipt."""
    return session.exec(
        select(Response).where(Response.receipt == receipt, Response.patient_id == patient_id)
    ).first()
