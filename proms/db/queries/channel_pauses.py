"""Contacts that are sent nothing until they are mended, and the site's task to mend them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from proms.db.tables import ChannelPause, Contact, Patient
from proms.domain.person import PatientStatus
from proms.domain.reminder import PauseReason


@dataclass(frozen=True)
class PausedChannel:
    """Whose messages stand still by which channel, why, and since when."""

    code: str
    channel: str
    why: str
    since: datetime
    instead: str | None = None  # the channel that her messages take meanwhile


def paused_channels(
    session: Session, site_id: int, *, patient_id: int | None = None
) -> Sequence[PausedChannel]:
    """The pauses of patients of a site who take part, the earliest first."""
    wanted = (
        select(Patient.code, ChannelPause, _takes_over())
        .join(Patient, col(Patient.id) == ChannelPause.patient_id)
        .where(
            Patient.site_id == site_id,
            Patient.status == PatientStatus.ACTIVE,
            col(ChannelPause.lifted_at).is_(None),
        )
        .order_by(col(ChannelPause.since))
    )
    if patient_id is not None:
        wanted = wanted.where(Patient.id == patient_id)
    return [
        PausedChannel(code, pause.channel, pause.why, pause.since, instead)
        for code, pause, instead in session.exec(wanted)
    ]


def _takes_over() -> Any:
    """The kind of her second way, where that is what messages take: the pause is not of itself, and
    nothing holds it up."""
    second, pause = aliased(Contact), aliased(ChannelPause)
    held = (
        select(pause.id)
        .where(
            pause.patient_id == ChannelPause.patient_id,
            col(pause.lifted_at).is_(None),
            or_(pause.contact_id == second.id, pause.why == PauseReason.STOPPED),
        )
        .exists()
    )
    return (
        select(second.kind)
        .where(second.patient_id == ChannelPause.patient_id, col(second.second), ~held)
        .scalar_subquery()
    )
