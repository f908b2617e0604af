"""The patient's own verb between two appointments of the protocol: an extra check, whenever she
wants."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from proms.actions.audit import Actor
from proms.actions.drafts import Sitting, open_assignment
from proms.actions.refusals import NotFound
from proms.actions.schedule import protocol_of, zone_of
from proms.content import Library
from proms.db.queries.today import answerable_at
from proms.db.tables import Assignment, Patient
from proms.domain.protocol import Protocol
from proms.domain.schedule import AssignmentState

DAY = timedelta(days=1)


def start_extra(
    session: Session,
    library: Library,
    *,
    patient: Patient,
    event: str,
    language: str,
    by: Actor,
    now: datetime,
) -> Assignment:
    """Open an extra check of today; while the same questionnaire is open already, that one opens
    instead.

    Raises NotFound for an event the protocol does not leave to the patient.
    """
    instruments = protocol_of(library, patient).unscheduled.get(event, ())
    if not instruments:
        raise NotFound("There is no such questionnaire.")
    # Two taps at once must not make two checks: the patient's row is the lock, since there is no
    # assignment yet to lock.
    session.exec(select(Patient.id).where(Patient.id == patient.id).with_for_update()).one()
    assignment = open_already(session, patient, instruments[0], now)
    if assignment is None:
        assignment = add_pack(session, patient, event, instruments, now)
    open_assignment(Sitting(session, library, patient, assignment, by, now), language=language)
    return assignment


def extras_beside(protocol: Protocol, asked: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The extra checks that may be begun while these instruments are open: event -> instruments."""
    # Without instruments none of the event's are for her, or none may be shown to her.
    return {
        event: instruments
        for event, instruments in protocol.unscheduled.items()
        if instruments and not set(asked).intersection(instruments)
    }


def open_already(
    session: Session, patient: Patient, instrument: str, now: datetime
) -> Assignment | None:
    """The assignment of this instrument that may be filled in now, if there is one."""
    return session.exec(
        select(Assignment)
        .where(
            Assignment.patient_id == patient.id,
            Assignment.instrument == instrument,
            answerable_at(now),
        )
        .order_by(col(Assignment.closes_at))
        .with_for_update()
    ).first()


def add_pack(
    session: Session,
    patient: Patient,
    event: str,
    instruments: tuple[str, ...],
    now: datetime,
    *,
    since: date | None = None,
) -> Assignment:
    """The assignments of one extra pack, numbered on, open today or since an earlier day; the first
    of them is the one to fill in first."""
    zone = zone_of(session, patient)
    today = now.astimezone(zone).date()
    end_of_day = datetime.combine(today + DAY, time(0), zone).astimezone(UTC)
    last_number = session.exec(
        select(func.max(Assignment.number)).where(
            Assignment.patient_id == patient.id, Assignment.event == event
        )
    ).one()
    pack = [
        Assignment(
            patient_id=patient.id,
            event=event,
            number=(last_number or 0) + 1,
            instrument=instrument,
            opens=since or today,
            due=since or today,
            closes=today,
            opens_at=_opening(since, zone) if since and since < today else now,
            closes_at=end_of_day,
            expires_at=end_of_day,
            state=AssignmentState.PLANNED,
            protocol_version=patient.protocol_version,
            created_at=now,
        )
        for instrument in instruments
    ]
    session.add_all(pack)
    session.flush()
    return pack[0]


def _opening(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)
