"""A nurse's verbs: take an alert, resolve it. Only a person closes one."""

from datetime import datetime

from sqlalchemy import Update, update
from sqlmodel import Session, col, select

from proms.actions.audit import WORKER, Subject, record, staff_actor
from proms.actions.breaches import owe_notices
from proms.actions.plain_text import checked_text
from proms.actions.refusals import (
    AlreadyAcknowledged,
    AlreadyResolved,
    FieldFault,
    Incomplete,
    NotFound,
)
from proms.db.tables import Alert, Staff
from proms.domain.alert import Urgency
from proms.domain.alert.record import NOTICE_EVERY, AlertState, Resolution
from proms.domain.plain_text import LONGEST_TEXT


def acknowledge(session: Session, *, alert_id: int, by: Staff, now: datetime) -> Alert:
    """A nurse takes responsibility for an alert; the first to do so keeps it, and may say so
    again."""
    # One conditional update: of two nurses who tap at once, one changes the row and the other finds
    # nothing to change. A read before it could not tell them apart.
    taken = session.exec(_acknowledging(by, now).where(col(Alert.id) == alert_id))
    alert = _own(session, alert_id, by)
    if not taken.rowcount:
        if alert.acknowledged_by == by.id:
            return alert  # nothing is done or written twice
        if alert.resolved_at:
            raise AlreadyResolved("This alert was resolved before.")
        raise AlreadyAcknowledged("A colleague has taken this alert.")
    _note(session, "alert.acknowledged", alert, by, now)
    session.commit()
    return alert


def resolve(
    session: Session, *, alert_id: int, resolution: Resolution, note: str, by: Staff, now: datetime
) -> Alert:
    """A nurse records what was done; an alert nobody took is taken by the same act. Said again by
    her in the same words it stays as it is."""
    note = _checked_note(note)
    alert = _own(session, alert_id, by)
    done = session.exec(_resolving(by, now, resolution, note).where(col(Alert.id) == alert_id))
    session.refresh(alert)
    if not done.rowcount:
        if _said_before(alert, by, resolution, note):
            return alert
        raise AlreadyResolved("This alert was resolved before.")
    _note(session, "alert.resolved", alert, by, now, resolution=resolution.value)
    session.commit()
    return alert


def acknowledge_patient(
    session: Session, *, patient_id: int, by: Staff, now: datetime
) -> list[Alert]:
    """Take all of a patient's alerts that nobody has taken, an audit entry each; those she has
    stay hers."""
    open_alerts = session.exec(
        select(Alert.id).where(
            Alert.patient_id == patient_id,
            Alert.site_id == by.site_id,
            Alert.state == AlertState.OPEN,
        )
    ).all()
    if not open_alerts:
        hers = session.exec(
            select(Alert).where(
                Alert.patient_id == patient_id,
                Alert.acknowledged_by == by.id,
                col(Alert.resolved_at).is_(None),
            )
        ).all()
        if hers:
            return list(hers)
        raise AlreadyAcknowledged("A colleague has taken these alerts.")
    session.exec(_acknowledging(by, now).where(col(Alert.patient_id) == patient_id))
    # A colleague may have taken some of them in between: an entry is written for those that are
    # hers.
    taken = session.exec(
        select(Alert).where(col(Alert.id).in_(open_alerts), Alert.acknowledged_by == by.id)
    ).all()
    for alert in taken:
        _note(session, "alert.acknowledged", alert, by, now)
    session.commit()
    return list(taken)


def resolve_patient(
    session: Session,
    *,
    patient_id: int,
    resolution: Resolution,
    note: str,
    by: Staff,
    now: datetime,
) -> list[Alert]:
    """Resolve all of a patient's alerts together, an audit entry each; a second tap finds them
    resolved so."""
    note = _checked_note(note)
    # Locked, so that no colleague resolves one of them between the read and the update.
    alerts = session.exec(
        select(Alert)
        .where(
            Alert.patient_id == patient_id,
            Alert.site_id == by.site_id,
            col(Alert.resolved_at).is_(None),
        )
        .with_for_update()
    ).all()
    if not alerts:
        latest = _latest_resolved(session, patient_id, by)
        if latest and _said_before(latest, by, resolution, note):
            return [latest]
        raise AlreadyResolved("These alerts were resolved before.")
    ids = [alert.id for alert in alerts]
    session.exec(_resolving(by, now, resolution, note).where(col(Alert.id).in_(ids)))
    for alert in alerts:
        session.refresh(alert)
        _note(session, "alert.resolved", alert, by, now, resolution=resolution.value)
    session.commit()
    return list(alerts)


def repeat_notices(session: Session, *, now: datetime, limit: int = 50) -> int:
    """Remind the nurses of every red alert that nobody has taken for half an hour; returns how many
    alerts."""
    due = (
        select(Alert)
        .where(
            col(Alert.notice_at) <= now,
            Alert.state == AlertState.OPEN,
            Alert.urgency == Urgency.RED,
        )
        .order_by(col(Alert.patient_id), col(Alert.notice_at))
        .limit(limit)
        # A nurse who is taking an alert holds it, and another worker those it repeats: neither
        # needs a notice from here.
        .with_for_update(skip_locked=True)
    )
    alerts = session.exec(due).all()
    patients: set[int] = set()
    for alert in alerts:
        # One notice a patient, as at the submit: a nurse counts patients, not rules.
        owed = 0
        if alert.patient_id not in patients:
            patients.add(alert.patient_id)
            owed = owe_notices(session, alert, now=now)
        alert.notice_at = now + NOTICE_EVERY
        subject = Subject("alert", alert.id, alert.patient_id, alert.site_id)
        record(
            session,
            "alert.notice_repeated",
            subject,
            by=WORKER,
            now=now,
            step=alert.notices,
            owed=owed,
        )
    session.commit()
    return len(alerts)


def _own(session: Session, alert_id: int, by: Staff) -> Alert:
    """The alert as the database has it now, whatever the session has read of it before."""
    alert = session.exec(
        select(Alert).where(Alert.id == alert_id).execution_options(populate_existing=True)
    ).first()
    if alert is None or alert.site_id != by.site_id:
        raise NotFound("There is no such alert.")
    return alert


def _latest_resolved(session: Session, patient_id: int, by: Staff) -> Alert | None:
    """The alert of this patient that was resolved last."""
    return session.exec(
        select(Alert)
        .where(
            Alert.patient_id == patient_id,
            Alert.site_id == by.site_id,
            col(Alert.resolved_at).is_not(None),
        )
        .order_by(col(Alert.resolved_at).desc(), col(Alert.id).desc())
    ).first()


def _said_before(alert: Alert, by: Staff, resolution: Resolution, note: str) -> bool:
    """Whether this person resolved the alert in these words."""
    return (alert.resolved_by, alert.resolution, alert.note) == (by.id, resolution, note)


def _acknowledging(by: Staff, now: datetime) -> Update:
    """The update that takes what nobody of the site has taken."""
    return (
        update(Alert)
        .where(col(Alert.site_id) == by.site_id, col(Alert.state) == AlertState.OPEN)
        .values(
            state=AlertState.ACKNOWLEDGED,
            acknowledged_at=now,
            acknowledged_by=by.id,
            notice_at=None,
        )
    )


def _resolving(by: Staff, now: datetime, resolution: Resolution, note: str) -> Update:
    return (
        update(Alert)
        .where(col(Alert.site_id) == by.site_id, col(Alert.resolved_at).is_(None))
        .values(
            state=AlertState.RESOLVED,
            resolved_at=now,
            resolved_by=by.id,
            resolution=resolution,
            note=note,
            notice_at=None,
        )
    )


def _checked_note(note: str) -> str:
    if not note.strip():
        raise Incomplete("note", FieldFault.NO_NOTE)
    return checked_text("note", note, LONGEST_TEXT)


def _note(
    session: Session, verb: str, alert: Alert, by: Staff, now: datetime, **detail: str
) -> None:
    subject = Subject("alert", alert.id, alert.patient_id, alert.site_id)
    record(session, verb, subject, by=staff_actor(by), now=now, rule=alert.rule, **detail)
