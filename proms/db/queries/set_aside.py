"""What the ticks have set aside, and what they therefore leave alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from proms.db.tables import Patient, SetAside
from proms.domain.tick import TickName


def not_aside(tick: TickName, subject: Any, now: datetime) -> ColumnElement[bool]:
    """For a tick's query: that this record did not raise of late and is not set aside."""
    left_alone = select(SetAside.id).where(
        SetAside.tick == tick,
        SetAside.subject_id == subject,
        or_(col(SetAside.retry_at).is_(None), col(SetAside.retry_at) > now),
    )
    return ~left_alone.exists()


def to_try_again(session: Session, tick: TickName, now: datetime) -> Sequence[int]:
    """The records that raised in this tick and are to be tried again now, for a tick that would not
    come across them."""
    return session.exec(
        select(SetAside.subject_id).where(SetAside.tick == tick, col(SetAside.retry_at) <= now)
    ).all()


def waiting_since(session: Session, site_id: int) -> tuple[int, datetime | None]:
    """How many records of this site, or of none, wait for a person, and since when the first."""
    rows = session.exec(select(SetAside.since).where(*waits_at(site_id))).all()
    return len(rows), min(rows, default=None)


def set_aside_at(session: Session, site_id: int) -> Sequence[tuple[SetAside, str | None]]:
    """What of this site, or of none, waits for a person, with the code of its patient: the oldest
    first."""
    return session.exec(
        select(SetAside, Patient.code)
        .join(Patient, col(Patient.id) == SetAside.patient_id, isouter=True)
        .where(*waits_at(site_id))
        .order_by(col(SetAside.since), col(SetAside.id))
    ).all()


def waits_at(site_id: int) -> tuple[ColumnElement[bool], ...]:
    """Of a record that waits for a person: it is of this site, or of none and so everybody's."""
    return (
        col(SetAside.retry_at).is_(None),
        or_(SetAside.site_id == site_id, col(SetAside.site_id).is_(None)),
    )
