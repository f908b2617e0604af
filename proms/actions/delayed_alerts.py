"""Alerts that the policy of an arm lets a nurse see only after a while."""

from datetime import datetime

from sqlmodel import Session, col, select

from proms.actions.audit import WORKER
from proms.actions.breaches import raise_alerts
from proms.actions.evaluations import breach_from
from proms.actions.set_aside import Attempt, Unit, each_apart
from proms.db.queries.set_aside import not_aside
from proms.db.tables import DelayedAlerts, Evaluation, Patient
from proms.domain.tick import USUAL, TickName, Tries


def raise_delayed(session: Session, *, now: datetime, limit: int = 50, tries: Tries = USUAL) -> int:
    """Raise the alerts whose time has come, from the evaluations as they were stored; returns how
    many evaluations."""
    due = (
        select(DelayedAlerts, Evaluation, Patient)
        .join(Evaluation, col(Evaluation.id) == DelayedAlerts.evaluation_id)
        .join(Patient, col(Patient.id) == DelayedAlerts.patient_id)
        .where(
            col(DelayedAlerts.raised_at).is_(None),
            col(DelayedAlerts.due_at) <= now,
            not_aside(TickName.LATE, DelayedAlerts.evaluation_id, now),
        )
        .order_by(col(DelayedAlerts.due_at))
        .limit(limit)
        .with_for_update(skip_locked=True, of=DelayedAlerts)
    )
    units = [
        Unit(evaluation.id, (delayed, evaluation, patient), patient.site_id, patient.id)
        for delayed, evaluation, patient in session.exec(due).all()
    ]

    def raise_all(rows: list[tuple[DelayedAlerts, Evaluation, Patient]]) -> None:
        for delayed, evaluation, patient in rows:
            breaches = tuple(breach_from(stored) for stored in evaluation.breaches)
            source = source_of(evaluation)
            raise_alerts(session, patient, breaches, source=source, by=WORKER, now=now)
            delayed.raised_at = now
            session.add(delayed)

    each_apart(session, units, raise_all, Attempt(TickName.LATE, now, tries))
    session.commit()
    return len(units)


def source_of(evaluation: Evaluation) -> dict[str, int]:
    """Where the answers are stored that were evaluated."""
    columns = ("response_id", "kept_aside_id", "draft_id")
    named = {column: getattr(evaluation, column) for column in columns}
    return {column: value for column, value in named.items() if value is not None}
