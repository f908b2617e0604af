"""A nurse's verbs: take an alert, resolve it. Only a person closes one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, update
from sqlmodel import Session, col, select

from proms.actions.audit import Subject, record, staff_actor
from proms.actions.plain_text import checked_text
from proms.actions.refusals import (
    AlreadyAcknowledged,
    AlreadyResolved,
    FieldFault,
    Incomplete,
    NotFound,
    SomethingNew,
)
from proms.content import Library
from proms.db.tables import Alert, AlertNote, AlertOccurrence, Patient, Staff
from proms.domain.alert import Urgency
from proms.domain.alert.record import GRADES, AlertState, Closing, Resolution
from proms.domain.plain_text import LONGEST_TEXT

Shown = Mapping[int, int]  # alert -> how many occurrences of it whoever acts has seen


class Closed(NamedTuple):
    """What became of an act of closing: the alerts it closed, and who had closed the others
    before."""

    alerts: list[Alert]
    before: int | None = None


def acknowledge(
    session: Session, library: Library, *, alert_id: int, by: Staff, now: datetime
) -> Alert:
    """A nurse takes responsibility for an alert; the first to do so keeps it, and may say so
    again."""
    alert = _own(session, alert_id, by)
    if alert.resolved_at:
        if alert.resolved_by == by.id:
            return alert
        raise AlreadyResolved("This alert was resolved before.")
    if not _take(session, library, [alert], by, now):
        session.refresh(alert)
        if alert.acknowledged_by == by.id:
            return alert  # nothing is done or written twice
        raise AlreadyAcknowledged("A colleague has taken this alert.")
    session.commit()
    return alert


def acknowledge_patient(
    session: Session,
    library: Library,
    *,
    patient_id: int,
    by: Staff,
    now: datetime,
    shown: Shown | None = None,
) -> list[Alert]:
    """Take those of a patient's alerts that nobody has taken, an audit entry each; those she has
    stay hers. `shown` is what she saw of them; what came since refuses the act."""
    alerts = _unresolved(session, by, col(Alert.patient_id) == patient_id)
    _refuse_unseen(session, alerts, shown)
    taken = _take(session, library, [alert for alert in alerts if _is_open(alert)], by, now)
    if not taken:
        hers = [alert for alert in alerts if alert.acknowledged_by == by.id]
        if hers:
            return hers
        raise AlreadyAcknowledged("A colleague has taken these alerts.")
    session.commit()
    return taken


def resolve(
    session: Session,
    *,
    alert_id: int,
    closing: Closing,
    by: Staff,
    now: datetime,
    shown: Shown | None = None,
) -> Alert:
    """A nurse records what was done about one alert; one that nobody took is taken by the same act.
    Said again by her in the same words it stays as it is; a colleague's words beside the first are
    kept as a note."""
    closing = _checked(closing)
    alert = _own(session, alert_id, by)
    if alert.resolved_at:
        if not _said_before(alert, by, closing):
            _keep_note(session, alert.patient_id, [alert.id], closing, by=by, now=now)
            session.commit()
        return alert
    _refuse_unseen(session, [alert], shown)
    _close(session, [alert], closing, by, now)
    session.commit()
    return alert


def resolve_patient(
    session: Session,
    *,
    patient_id: int,
    closing: Closing,
    by: Staff,
    now: datetime,
    shown: Shown | None = None,
) -> Closed:
    """Resolve all of a patient's alerts together, an audit entry each.

    `shown` is what she saw of them; what came since refuses the act. Of those that a colleague
    closed meanwhile her words are kept as a note beside the colleague's. A second tap finds them
    closed so.
    """
    closing = _checked(closing)
    alerts = _unresolved(session, by, col(Alert.patient_id) == patient_id)
    _refuse_unseen(session, alerts, shown)
    before = _closed_before(session, patient_id, by, shown, alerts)
    if any(_said_before(alert, by, closing) for alert in before):
        return Closed(alerts)
    if before:
        _keep_note(session, patient_id, [alert.id for alert in before], closing, by=by, now=now)
    _close(session, alerts, closing, by, now)
    session.commit()
    return Closed(alerts, before=before[0].resolved_by if before else None)


def resolve_information(
    session: Session, *, closing: Closing, by: Staff, now: datetime, shown: Shown
) -> list[Alert]:
    """Resolve in one act the information that she was shown, of however many patients, an audit
    entry each; what was closed before stays as it is. Raises SomethingNew where any of it has
    become more than information, or was reported again."""
    closing = _checked(closing)
    alerts = _unresolved(session, by, col(Alert.id).in_(list(shown)))
    more = [alert.id for alert in alerts if alert.urgency != Urgency.INFO]
    if more:
        raise SomethingNew("Some of this is more than information.", alerts=more)
    _refuse_unseen(session, alerts, shown)
    _close(session, alerts, closing, by, now)
    session.commit()
    return alerts


def _own(session: Session, alert_id: int, by: Staff) -> Alert:
    """The alert as the database has it now, whatever the session has read of it before, held for
    this act."""
    alert = session.exec(
        select(Alert)
        .where(Alert.id == alert_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if alert is None or alert.site_id != by.site_id:
        raise NotFound("There is no such alert.")
    return alert


def _unresolved(session: Session, by: Staff, which: ColumnElement[bool]) -> list[Alert]:
    """Those of her site's alerts that nobody has closed, held for this act: answers that come in
    now wait, and then join what is still open."""
    return list(
        session.exec(
            select(Alert)
            .where(
                which,
                Alert.site_id == by.site_id,
                col(Alert.resolved_at).is_(None),
            )
            .order_by(col(Alert.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
    )


def _refuse_unseen(session: Session, alerts: Sequence[Alert], shown: Shown | None) -> None:
    """Refuse an act on alerts of which something is new since whoever acts looked."""
    if shown is None or not alerts:
        return
    ids = [alert.id for alert in alerts]
    counted = session.exec(
        select(AlertOccurrence.alert_id, func.count())
        .where(col(AlertOccurrence.alert_id).in_(ids))
        .group_by(col(AlertOccurrence.alert_id))
    )
    times = {alert_id: count for alert_id, count in counted}
    new = [alert.id for alert in alerts if times.get(alert.id, 0) > shown.get(alert.id, -1)]
    if new:
        raise SomethingNew("Something new came in since you looked.", alerts=new)


def _closed_before(
    session: Session, patient_id: int, by: Staff, shown: Shown | None, left: Sequence[Alert]
) -> list[Alert]:
    """Of the alerts she was shown those that are closed by now; where nothing is left and she names
    none, the one that was closed last."""
    closed = (
        select(Alert)
        .where(
            Alert.patient_id == patient_id,
            Alert.site_id == by.site_id,
            col(Alert.resolved_at).is_not(None),
        )
        .order_by(col(Alert.resolved_at).desc(), col(Alert.id).desc())
    )
    if shown is not None:
        return list(session.exec(closed.where(col(Alert.id).in_(list(shown)))).all())
    return [] if left else list(session.exec(closed.limit(1)).all())


def _is_open(alert: Alert) -> bool:
    return alert.state == AlertState.OPEN


def _take(
    session: Session, library: Library, alerts: Sequence[Alert], by: Staff, now: datetime
) -> list[Alert]:
    """Those of the alerts that nobody had, taken for as long as the patient's protocol says."""
    taken = []
    for alert in alerts:
        # One conditional update each: of two nurses who tap at once, one changes the row and the
        # other finds nothing to change. A read before it could not tell them apart.
        changed = session.exec(
            update(Alert)
            .where(col(Alert.id) == alert.id, col(Alert.state) == AlertState.OPEN)
            .values(
                state=AlertState.ACKNOWLEDGED,
                acknowledged_at=now,
                acknowledged_by=by.id,
                taken_until=now + _taken_for(session, library, alert),
                returned_at=None,
                returned_why=None,
                notice_at=None,
            )
        )
        if changed.rowcount:
            session.refresh(alert)
            _note(session, "alert.acknowledged", alert, by, now)
            taken.append(alert)
    return taken


def _taken_for(session: Session, library: Library, alert: Alert) -> timedelta:
    patient = session.get_one(Patient, alert.patient_id)
    protocol = library.protocol(patient.protocol, patient.protocol_version)
    return protocol.handling.taken_for[alert.urgency]


def _close(
    session: Session, alerts: Sequence[Alert], closing: Closing, by: Staff, now: datetime
) -> None:
    for alert in alerts:
        alert.state = AlertState.RESOLVED
        alert.resolved_at = now
        alert.resolved_by = by.id
        alert.resolution = closing.resolution
        alert.note = closing.note
        alert.reason = closing.reason
        alert.grade = closing.grade
        alert.notice_at = alert.taken_until = None
        session.add(alert)
        _note(session, "alert.resolved", alert, by, now, **_in_words(closing))


def _keep_note(
    session: Session,
    patient_id: int,
    alerts: list[int],
    closing: Closing,
    *,
    by: Staff,
    now: datetime,
) -> None:
    """What a nurse says of alerts that a colleague has closed: nothing of it is lost."""
    note = AlertNote(
        patient_id=patient_id,
        site_id=by.site_id,
        alerts=alerts,
        at=now,
        by=by.id,
        **asdict(closing),
    )
    session.add(note)
    session.flush()
    subject = Subject("alert_note", note.id, patient_id, by.site_id)
    record(
        session,
        "alert.note_kept",
        subject,
        by=staff_actor(by),
        now=now,
        alerts=alerts,
        **_in_words(closing),
    )


def _in_words(closing: Closing) -> dict[str, str]:
    """For an audit entry: what was said, without the free text."""
    said = {"resolution": closing.resolution.value}
    if closing.reason:
        said["reason_code"] = closing.reason.value
    if closing.grade:
        said["grade"] = str(closing.grade)
    return said


def _said_before(alert: Alert, by: Staff, closing: Closing) -> bool:
    """Whether this person resolved the alert in these words."""
    return (alert.resolved_by, alert.resolution, alert.note) == (
        by.id,
        closing.resolution,
        closing.note,
    )


def _checked(closing: Closing) -> Closing:
    if not closing.note.strip():
        raise Incomplete("note", FieldFault.NO_NOTE)
    if (closing.resolution is Resolution.NONE_NEEDED) != (closing.reason is not None):
        raise Incomplete("reason", FieldFault.NO_ACTION_REASON)
    if closing.grade is not None and closing.grade not in GRADES:
        raise Incomplete("grade", FieldFault.GRADE)
    return replace(closing, note=checked_text("note", closing.note, LONGEST_TEXT))


def _note(
    session: Session, verb: str, alert: Alert, by: Staff, now: datetime, **detail: str
) -> None:
    subject = Subject("alert", alert.id, alert.patient_id, alert.site_id)
    record(session, verb, subject, by=staff_actor(by), now=now, rule=alert.rule, **detail)
