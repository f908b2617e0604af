"""The patients of a site as a list: what is due next, and whether something waits."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, func, select

from proms.db.tables import Alert, Assignment, MessageDecision
from proms.domain.reminder import HoldReason
from proms.domain.schedule import OUTSTANDING


@dataclass(frozen=True)
class PatientSummary:
    """What a list says of a patient beside who she is."""

    next_event: str | None = None
    next_due: date | None = None
    open_now: bool = False
    waiting: int = 0
    unreachable: bool = False


def patient_summaries(
    session: Session, patient_ids: Collection[int], today: date
) -> dict[int, PatientSummary]:
    """By patient id: the next assignment not yet answered, and how many alerts are unresolved;
    three statements."""
    due = _next_due(session, patient_ids, today)
    waiting = _waiting(session, patient_ids)
    unreachable = _unreachable(session, patient_ids)
    return {
        patient_id: replace(
            due.get(patient_id, PatientSummary()),
            waiting=waiting.get(patient_id, 0),
            unreachable=patient_id in unreachable,
        )
        for patient_id in patient_ids
    }


def _next_due(session: Session, ids: Collection[int], today: date) -> dict[int, PatientSummary]:
    rows = session.exec(
        select(Assignment)
        .where(
            col(Assignment.patient_id).in_(list(ids)),
            col(Assignment.state).in_(OUTSTANDING),
            col(Assignment.closes) >= today,
        )
        .order_by(col(Assignment.due).desc(), col(Assignment.event).desc())
    )
    # The last one written wins, and that is the one due first.
    return {row.patient_id: PatientSummary(row.event, row.due, row.opens <= today) for row in rows}


def _waiting(session: Session, ids: Collection[int]) -> dict[int, int]:
    counted = (
        select(Alert.patient_id, func.count())
        .where(col(Alert.patient_id).in_(list(ids)), col(Alert.resolved_at).is_(None))
        .group_by(col(Alert.patient_id))
    )
    return dict(session.exec(counted).all())


def _unreachable(session: Session, ids: Collection[int]) -> set[int]:
    """Whose latest message was held because nobody knows where to send it."""
    latest = (
        select(func.max(MessageDecision.id))
        .where(col(MessageDecision.patient_id).in_(list(ids)))
        .group_by(col(MessageDecision.patient_id))
    )
    rows = select(MessageDecision.patient_id).where(
        col(MessageDecision.id).in_(latest), MessageDecision.reason == HoldReason.NO_CONTACT
    )
    return set(session.exec(rows).all())
