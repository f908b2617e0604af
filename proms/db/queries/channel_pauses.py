"""Contacts that are sent nothing until they are mended, and the site's task to mend them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from proms.db.tables import ChannelPause, Patient
from proms.domain.person import PatientStatus


@dataclass(frozen=True)
class PausedChannel:
    """Whose messages stand still by which channel, why, and since when."""

    code: str
    channel: str
    why: str
    since: datetime


def paused_channels(
    session: Session, site_id: int, *, patient_id: int | None = None
) -> Sequence[PausedChannel]:
    """The pauses of patients of a site who take part, the earliest first."""
    wanted = (
        select(Patient.code, ChannelPause.channel, ChannelPause.why, ChannelPause.since)
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
    return [PausedChannel(*row) for row in session.exec(wanted)]
