"""What was taken and not closed in time, or by somebody who can no longer act, is everybody's
again."""

from datetime import datetime

from sqlmodel import Session, col, or_, select

from proms.actions.audit import WORKER, Subject, record
from proms.actions.set_aside import Attempt, Unit, each_apart
from proms.db.queries.set_aside import not_aside
from proms.db.tables import Alert, Staff
from proms.domain.alert import Urgency
from proms.domain.alert.record import AlertState, Returned
from proms.domain.tick import USUAL, TickName, Tries


def return_taken(session: Session, *, now: datetime, limit: int = 50, tries: Tries = USUAL) -> int:
    """Give back to the list what nobody has closed by its deadline, and what somebody holds who has
    left; a red one is announced again at once. Returns how many alerts."""
    due = (
        select(Alert, Staff)
        .join(Staff, col(Staff.id) == Alert.acknowledged_by)
        .where(
            col(Alert.taken_until).is_not(None),
            or_(col(Alert.taken_until) <= now, ~col(Staff.active)),
            not_aside(TickName.GIVE_BACK, Alert.id, now),
        )
        .order_by(col(Alert.taken_until))
        .limit(limit)
        # A nurse who is closing one at this moment holds it: it needs nothing from here.
        .with_for_update(skip_locked=True, of=Alert)
    )
    units = [
        Unit(alert.id, (alert, holder), alert.site_id, alert.patient_id)
        for alert, holder in session.exec(due).all()
    ]

    def return_all(rows: list[tuple[Alert, Staff]]) -> None:
        for alert, holder in rows:
            _return(session, alert, holder, now)

    each_apart(session, units, return_all, Attempt(TickName.GIVE_BACK, now, tries))
    session.commit()
    return len(units)


def _return(session: Session, alert: Alert, holder: Staff, now: datetime) -> None:
    why = Returned.DEADLINE if holder.active else Returned.OWNER_LEFT
    alert.state = AlertState.OPEN
    alert.returned_at = now
    alert.returned_why = why
    alert.acknowledged_at = alert.acknowledged_by = alert.taken_until = None
    alert.notice_at = now if alert.urgency == Urgency.RED else None
    session.add(alert)
    subject = Subject("alert", alert.id, alert.patient_id, alert.site_id)
    record(
        session,
        "alert.returned",
        subject,
        by=WORKER,
        now=now,
        rule=alert.rule,
        why=why.value,
        holder=holder.id,
    )
