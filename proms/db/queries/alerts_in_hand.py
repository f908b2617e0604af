"""What nurses have said and done about alerts: notes and calls, who gave which back, how long they
took."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from hashlib import sha256
from statistics import median
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from proms.db.tables import Alert, AlertNote, AlertOccurrence, AuditEntry, ExpectedLevel
from proms.domain.alert import Urgency

RETURNED = "alert.returned"


class GivenBack(NamedTuple):
    """Who had an alert before it was everybody's again, and since when."""

    holder: int
    taken_at: datetime | None


def notes_about(session: Session, patient_ids: Collection[int]) -> dict[int, list[AlertNote]]:
    """By patient, what was written about her alerts, the latest first."""
    rows = session.exec(
        select(AlertNote)
        .where(col(AlertNote.patient_id).in_(list(patient_ids)))
        .order_by(col(AlertNote.at).desc(), col(AlertNote.id).desc())
    )
    notes: dict[int, list[AlertNote]] = defaultdict(list)
    for note in rows:
        notes[note.patient_id].append(note)
    return notes


def expected_now(
    session: Session, patient_ids: Collection[int], day: date
) -> dict[int, list[ExpectedLevel]]:
    """By patient, what is expected of her symptoms on a site date."""
    rows = session.exec(
        select(ExpectedLevel)
        .where(
            col(ExpectedLevel.patient_id).in_(list(patient_ids)),
            ExpectedLevel.until >= day,
            col(ExpectedLevel.ended_at).is_(None),
        )
        .order_by(col(ExpectedLevel.until), col(ExpectedLevel.id))
    )
    levels: dict[int, list[ExpectedLevel]] = defaultdict(list)
    for level in rows:
        levels[level.patient_id].append(level)
    return levels


def given_back(session: Session, patient_ids: Collection[int]) -> dict[int, GivenBack]:
    """By alert of these patients, who had it last before it was given back; what never was is left
    out."""
    rows = session.exec(
        select(AuditEntry)
        .where(
            col(AuditEntry.patient_id).in_(list(patient_ids)),
            col(AuditEntry.verb).in_(("alert.acknowledged", RETURNED)),
        )
        .order_by(col(AuditEntry.id))
    )
    taken: dict[int, datetime] = {}
    back: dict[int, GivenBack] = {}
    for row in rows:
        alert_id = row.subject_id or 0
        if row.verb == RETURNED:
            back[alert_id] = GivenBack(row.detail["holder"], taken.get(alert_id))
        else:
            taken[alert_id] = row.at
    return back


def mark(session: Session, site_id: int) -> str:
    """What changes with anything that the worklist of a site shows of alerts, and tells nothing of
    it."""
    unresolved = (Alert.site_id == site_id, col(Alert.resolved_at).is_(None))
    alerts = session.exec(select(Alert).where(*unresolved).order_by(col(Alert.id)))
    shown = [
        (alert.id, alert.urgency, alert.state, alert.acknowledged_by, alert.can_wait)
        for alert in alerts
    ]
    times = session.exec(
        select(func.count(), func.max(AlertOccurrence.id))
        .join(Alert, col(Alert.id) == AlertOccurrence.alert_id)
        .where(*unresolved)
    ).one()
    notes = session.exec(select(func.max(AlertNote.id)).where(AlertNote.site_id == site_id)).one()
    return sha256(repr((shown, tuple(times), notes)).encode()).hexdigest()[:16]


def minutes_to_close(session: Session, site_id: int, since: datetime) -> dict[Urgency, float]:
    """By urgency, the most urgent first, the median of the minutes from an alert to its closing, of
    those closed since an instant; an urgency of which none was closed is left out."""
    rows = session.exec(
        select(Alert.urgency, Alert.raised_at, Alert.resolved_at).where(
            Alert.site_id == site_id, col(Alert.resolved_at) >= since
        )
    )
    minutes: dict[Urgency, list[float]] = defaultdict(list)
    for urgency, raised_at, resolved_at in rows:
        if resolved_at:
            minutes[Urgency(urgency)].append((resolved_at - raised_at).total_seconds() / 60)
    return {urgency: median(minutes[urgency]) for urgency in Urgency if urgency in minutes}
