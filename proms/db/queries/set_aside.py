"""What the ticks have set aside, and what they therefore leave alone."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, null
from sqlmodel import Session, col, or_, select

from proms.db.tables import Patient, SetAside, Site
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


def waiting_since(session: Session, site_id: int | None) -> tuple[int, datetime | None]:
    """How many records wait for a person at this site, and since when the first; None: those that
    are of no site."""
    rows = session.exec(
        select(SetAside.since).where(
            SetAside.site_id == site_id if site_id else col(SetAside.site_id).is_(null()),
            col(SetAside.retry_at).is_(None),
        )
    ).all()
    return len(rows), min(rows, default=None)


def set_aside_at(
    session: Session, sites: Iterable[int] | None
) -> Sequence[tuple[SetAside, str | None, str | None]]:
    """What waits for a person at these sites, or anywhere (None), with the code of its site and of
    its patient: the oldest first."""
    wanted = (
        select(SetAside, Site.code, Patient.code)
        .join(Site, col(Site.id) == SetAside.site_id, isouter=True)
        .join(Patient, col(Patient.id) == SetAside.patient_id, isouter=True)
        .where(col(SetAside.retry_at).is_(None))
        .order_by(col(SetAside.since), col(SetAside.id))
    )
    if sites is not None:
        wanted = wanted.where(col(SetAside.site_id).in_(list(sites)))
    return session.exec(wanted).all()
