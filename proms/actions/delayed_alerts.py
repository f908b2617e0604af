"""Alerts that the policy of an arm lets a nurse see only after a while."""

from datetime import datetime

from sqlmodel import Session, col, select

from proms.actions.audit import WORKER
from proms.actions.breaches import raise_alerts
from proms.actions.evaluations import breach_from
from proms.db.tables import DelayedAlerts, Evaluation, Patient


def raise_delayed(session: Session, *, now: datetime, limit: int = 50) -> int:
    """Raise the alerts whose time has come, from the evaluations as they were stored; returns how
    many evaluations."""
    due = (
        select(DelayedAlerts, Evaluation, Patient)
        .join(Evaluation, col(Evaluation.id) == DelayedAlerts.evaluation_id)
        .join(Patient, col(Patient.id) == DelayedAlerts.patient_id)
        .where(col(DelayedAlerts.raised_at).is_(None), col(DelayedAlerts.due_at) <= now)
        .order_by(col(DelayedAlerts.due_at))
        .limit(limit)
        .with_for_update(skip_locked=True, of=DelayedAlerts)
    )
    rows = session.exec(due).all()
    for delayed, evaluation, patient in rows:
        breaches = tuple(breach_from(stored) for stored in evaluation.breaches)
        raise_alerts(session, patient, breaches, source=source_of(evaluation), by=WORKER, now=now)
        delayed.raised_at = now
        session.add(delayed)
    session.commit()
    return len(rows)


def source_of(evaluation: Evaluation) -> dict[str, int]:
    """Where the answers are stored that were evaluated."""
    columns = ("response_id", "kept_aside_id", "draft_id")
    named = {column: getattr(evaluation, column) for column in columns}
    return {column: value for column, value in named.items() if value is not None}
