"""What a patient says of answers that bring a call within a working day: whether they can wait for
it. It lowers nothing."""

from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from proms.actions.audit import Subject, patient_actor, record
from proms.db.tables import Alert, AlertOccurrence, Response
from proms.domain.alert import Urgency


def say_whether_it_can_wait(
    session: Session, response: Response, *, can_wait: bool, now: datetime
) -> None:
    """Keep it with the alerts of these answers that are still open; said again it changes
    nothing."""
    changed = [
        alert
        for alert in session.exec(amber_alerts_of(response).with_for_update())
        if alert.can_wait is not can_wait
    ]
    if not changed:
        return
    for alert in changed:
        alert.can_wait = can_wait
        session.add(alert)
    patient_id = response.patient_id
    record(
        session,
        "alert.can_wait",
        Subject("response", response.id, patient_id, changed[0].site_id),
        by=patient_actor(patient_id),
        now=now,
        alerts=[alert.id for alert in changed],
        can_wait=can_wait,
    )
    session.commit()


def amber_alerts_of(response: Response) -> SelectOfScalar[Alert]:
    """The alerts that these answers met and that somebody is to call about."""
    met = select(AlertOccurrence.alert_id).where(AlertOccurrence.response_id == response.id)
    return (
        select(Alert)
        .where(
            col(Alert.id).in_(met),
            Alert.urgency == Urgency.AMBER,
            col(Alert.resolved_at).is_(None),
        )
        .order_by(col(Alert.id))
    )
