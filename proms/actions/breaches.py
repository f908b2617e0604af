"""What a response's breaches do, inside the submit's own transaction: alerts, occurrences and the
notices they owe."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlmodel import Session, col, select

from proms.actions.audit import Actor, Subject, record
from proms.actions.drafts import Sitting
from proms.actions.evaluations import Evaluated, evidence_from, store_evaluation, stored_evidence
from proms.actions.notices import tell
from proms.db.tables import Alert, AlertOccurrence, DelayedAlerts, Draft, Patient
from proms.domain.alert import Breach, Urgency
from proms.domain.alert.expectation import EXPECTED
from proms.domain.alert.record import AlertState, Join, Raise, UnresolvedAlert, fold
from proms.domain.alert.rule import Evidence


def follow_up(
    sitting: Sitting,
    evaluated: Evaluated,
    source: dict[str, int],
    told: Mapping[str, Evidence] = MappingProxyType({}),
) -> None:
    """Keep what the rules made of the answers, and raise its alerts as the policy of the patient's
    arm has it; `source` is where the answers are stored, `told` what was told of them already."""
    row = store_evaluation(sitting.session, evaluated, source, sitting.now)
    if row is None or not evaluated.policy.on:
        return
    if evaluated.policy.after:
        sitting.session.flush()
        due_at = sitting.now + evaluated.policy.after
        delayed = DelayedAlerts(evaluation_id=row.id, patient_id=sitting.patient.id, due_at=due_at)
        sitting.session.add(delayed)
        return
    raise_alerts(
        sitting.session,
        sitting.patient,
        evaluated.breaches,
        source=source,
        by=sitting.by,
        now=sitting.now,
        told={**_told_unsent(sitting), **told} if evaluated.breaches else {},
    )


def _told_unsent(sitting: Sitting) -> dict[str, Evidence]:
    """What this form's answers raised before it was sent, by rule."""
    rows = sitting.session.exec(
        select(Alert.rule, AlertOccurrence.evidence)
        .join(AlertOccurrence, col(AlertOccurrence.alert_id) == Alert.id)
        .join(Draft, col(Draft.id) == AlertOccurrence.draft_id)
        .where(
            Draft.assignment_id == sitting.assignment.id,
            Alert.patient_id == sitting.patient.id,
        )
    )
    return {rule: evidence_from(evidence) for rule, evidence in rows}


def raise_alerts(
    session: Session,
    patient: Patient,
    breaches: tuple[Breach, ...],
    *,
    source: dict[str, int],
    by: Actor,
    now: datetime,
    told: Mapping[str, Evidence] = MappingProxyType({}),
) -> list[Alert]:
    """Store what the breaches do; the caller commits. `source` is the response_id, kept_aside_id or
    draft_id they come from, `told` what the same form said before it was sent."""
    # What was expected of her is kept with the evaluation, and no alert comes of it.
    breaches = tuple(breach for breach in breaches if EXPECTED not in breach.tags)
    if not breaches:
        return []
    # Locked: a nurse who closes one at this moment has not seen what joins it now. Whichever of us
    # comes second finds what the first did.
    unresolved = session.exec(
        select(Alert)
        .where(Alert.patient_id == patient.id, col(Alert.resolved_at).is_(None))
        .with_for_update()
    ).all()
    by_rule = {alert.rule: alert for alert in unresolved}
    standing = {
        rule: UnresolvedAlert(alert.id, Urgency(alert.urgency)) for rule, alert in by_rule.items()
    }
    # One step, and so one alert, for each breach, in the same order.
    changed = [
        _apply(session, patient, step, by_rule, now) for step in fold(breaches, standing, told)
    ]
    session.flush()
    for alert, breach in zip(changed, breaches, strict=True):
        session.add(_occurrence(alert, breach, source, now))
        subject = Subject("alert", alert.id, patient.id, patient.site_id)
        record(
            session,
            "alert.raised",
            subject,
            by=by,
            now=now,
            rule=breach.rule,
            urgency=breach.urgency.value,
        )
    # Whose half-hours begin now: raised red, or grown red.
    _notify(session, [alert for alert in changed if alert.notice_at == now], now)
    return changed


def _apply(
    session: Session, patient: Patient, step: Raise | Join, by_rule: dict[str, Alert], now: datetime
) -> Alert:
    if isinstance(step, Raise):
        alert = _new_alert(patient, step.breach, now)
        session.add(alert)
        return alert
    alert = by_rule[step.breach.rule]
    alert.urgency = step.urgency
    alert.can_wait = None  # she said it of less
    if step.restart:
        # Worse than it was, or red once more: what a nurse took was something else, so nobody has
        # it now.
        alert.state = AlertState.OPEN
        alert.clock_from = now
        alert.acknowledged_at = alert.acknowledged_by = alert.taken_until = None
        alert.notice_at = _first_notice(step.urgency, now)
        alert.notice_step = 0
    return alert


def _new_alert(patient: Patient, breach: Breach, now: datetime) -> Alert:
    return Alert(
        patient_id=patient.id,
        site_id=patient.site_id,
        rule=breach.rule,
        urgency=breach.urgency,
        state=AlertState.OPEN,
        raised_at=now,
        clock_from=now,
        notice_at=_first_notice(breach.urgency, now),
    )


def _first_notice(urgency: Urgency, now: datetime) -> datetime | None:
    """Nurses are sent a notice of what is red, and of nothing else."""
    return now if urgency is Urgency.RED else None


def _occurrence(
    alert: Alert, breach: Breach, source: dict[str, int], now: datetime
) -> AlertOccurrence:
    return AlertOccurrence(
        alert_id=alert.id,
        urgency=breach.urgency,
        evidence=stored_evidence(breach),
        tags=list(breach.tags),
        at=now,
        **source,
    )


def _notify(session: Session, red: list[Alert], now: datetime) -> None:
    # One notice a submission, not one a rule: it says nothing of the alert, and five at once help
    # nobody.
    told: set[int] = set()
    for alert in red:
        tell(session, alert, told=told, now=now)
