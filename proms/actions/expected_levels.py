"""A symptom that is known of a patient: up to its level no alert comes of it until a day, and
everybody can see why."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from proms.actions.audit import Subject, record, staff_actor
from proms.actions.plain_text import checked_text
from proms.actions.refusals import FieldFault, Incomplete, NotFound
from proms.actions.schedule import zone_of
from proms.content import Library
from proms.db.tables import ExpectedLevel, Patient, Staff
from proms.domain.alert.expectation import may_be_expected
from proms.domain.instrument import Instrument

LONGEST = timedelta(days=366)


class Expectation(NamedTuple):
    """What is expected: a level of an item, through a last site date, and why."""

    instrument: str
    item: str
    level: int
    until: date
    reason: str


def expect_level(
    session: Session,
    library: Library,
    *,
    patient_id: int,
    expectation: Expectation,
    by: Staff,
    now: datetime,
) -> ExpectedLevel:
    """A nurse says that a symptom is known up to a level; raises Incomplete for what cannot be
    expected: a question about safety, no level above the lowest, a day past or far ahead."""
    patient = _own_patient(session, patient_id, by)
    reason = checked_text("reason", expectation.reason)
    if not reason:
        raise Incomplete("reason", FieldFault.NO_REASON)
    _check_level(library.instrument(expectation.instrument), expectation)
    today = now.astimezone(zone_of(session, patient)).date()
    if not today <= expectation.until <= today + LONGEST:
        raise Incomplete("until", FieldFault.EXPECTED_UNTIL)
    level = ExpectedLevel(
        patient_id=patient_id,
        **{**expectation._asdict(), "reason": reason},
        set_at=now,
        set_by=by.id,
    )
    session.add(level)
    session.flush()
    _note(session, "expected_level.set", level, patient, by=by, now=now)
    session.commit()
    return level


def end_expectation(
    session: Session, *, patient_id: int, level_id: int, by: Staff, now: datetime
) -> ExpectedLevel:
    """A nurse ends what is expected before its last day; done twice it stays as it is."""
    patient = _own_patient(session, patient_id, by)
    level = session.get(ExpectedLevel, level_id, with_for_update=True)
    if level is None or level.patient_id != patient_id:
        raise NotFound("There is no such expectation.")
    if level.ended_at is None:
        level.ended_at = now
        level.ended_by = by.id
        session.add(level)
        _note(session, "expected_level.ended", level, patient, by=by, now=now)
        session.commit()
    return level


def _own_patient(session: Session, patient_id: int, by: Staff) -> Patient:
    patient = session.get(Patient, patient_id)
    if patient is None or patient.site_id != by.site_id:
        raise NotFound("There is no such patient.")
    return patient


def _check_level(instrument: Instrument, expectation: Expectation) -> None:
    item = instrument.by_code.get(expectation.item)
    if item is None or not may_be_expected(item):
        raise Incomplete("item", FieldFault.NOT_EXPECTABLE)
    if expectation.level not in item.options[1:]:
        raise Incomplete("level", FieldFault.NO_LEVEL)


def _note(
    session: Session,
    verb: str,
    level: ExpectedLevel,
    patient: Patient,
    *,
    by: Staff,
    now: datetime,
) -> None:
    record(
        session,
        verb,
        Subject("expected_level", level.id, patient.id, patient.site_id),
        by=staff_actor(by),
        now=now,
        item=level.item,
        level=level.level,
        until=level.until.isoformat(),
    )
