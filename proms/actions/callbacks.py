"""What a provider reports of a message, in whatever order and however often it comes."""

from datetime import datetime

from sqlmodel import Session

from proms.actions.settling import join_reports
from proms.db.append_only import append_missing
from proms.db.tables import Delivery, DeliveryReport
from proms.domain.reminder import OutboxLimits
from proms.domain.reminder.reports import Report


def note_report(
    session: Session,
    delivery_id: int,
    report: Report,
    *,
    channel: str,
    limits: OutboxLimits,
    now: datetime,
) -> bool:
    """Keep a report and bring its delivery to where all reports say it is; False where there is no
    such delivery or the report was there before."""
    # Held, so that a worker who settles it at this moment comes before or after.
    delivery = session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None or delivery.channel != channel:
        return False
    row = {
        "delivery_id": delivery_id,
        "sid": report.sid,
        "said": report.said.value,
        "error": report.error,
        "at": now,
    }
    new = append_missing(session, DeliveryReport, [row]) > 0
    if new:
        join_reports(session, delivery, limits, now)
    session.commit()
    return new
