"""What a patient answered that cannot wait and that no nurse has taken yet: until then she is
reminded to call."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from proms.db.tables import Alert, AlertOccurrence, Assignment, Draft, Evaluation, Response
from proms.domain.alert import Urgency
from proms.domain.alert.record import NOT_EVALUATED, AlertState
from proms.domain.alert_policy import ALERTS_ON
from proms.domain.schedule import AssignmentState


@dataclass(frozen=True)
class RedOccurrence:
    """Where one occurrence of a red alert came from, answers that were sent or a draft, and whether
    the alert waits for a nurse."""

    receipt: str | None
    draft_id: int | None
    waits: bool


def red_occurrences(
    session: Session, patient_id: int, draft_ids: Collection[int] = ()
) -> list[RedOccurrence]:
    """The occurrences of this patient's red alerts that nobody has taken, the latest first; those
    of the drafts named whether taken or not. Rules that crashed told her nothing of her answers."""
    waits = col(Alert.resolved_at).is_(None) & (col(Alert.state) == AlertState.OPEN)
    rows = session.exec(
        select(Response.receipt, AlertOccurrence.draft_id, Alert.state)
        .select_from(Alert)
        .join(AlertOccurrence, col(AlertOccurrence.alert_id) == Alert.id)
        .outerjoin(Response, col(Response.id) == AlertOccurrence.response_id)
        .where(
            Alert.patient_id == patient_id,
            Alert.urgency == Urgency.RED,
            AlertOccurrence.urgency == Urgency.RED,
            Alert.rule != NOT_EVALUATED,
            or_(waits, col(AlertOccurrence.draft_id).in_(draft_ids)),
        )
        .order_by(col(AlertOccurrence.id).desc())
    )
    return [
        RedOccurrence(receipt, draft, state == AlertState.OPEN) for receipt, draft, state in rows
    ]


def red_without_alert(session: Session, response_ids: Collection[int]) -> list[str]:
    """The receipts, of these responses, of those that cannot wait and of which no alert came, by
    the policy of the patient's arm; the latest first."""
    if not response_ids:
        return []
    rows = session.exec(
        select(Response.receipt, Evaluation.breaches)
        .join(Evaluation, col(Evaluation.response_id) == Response.id)
        .where(
            col(Response.id).in_(response_ids),
            col(Evaluation.policy) != str(ALERTS_ON),
            col(Evaluation.failed).is_(False),
        )
        .order_by(col(Response.submitted_at).desc())
    )
    return [
        receipt
        for receipt, breaches in rows
        if any(breach["urgency"] == Urgency.RED for breach in breaches)
    ]


def red_waits(session: Session, patient_id: int) -> bool:
    """Whether something red of hers waits: an alert that nobody has taken, or answers that were not
    sent and are no alert yet."""
    unsent = (
        select(Draft.id)
        .join(Assignment, col(Assignment.id) == Draft.assignment_id)
        .where(
            Assignment.patient_id == patient_id,
            col(Assignment.state).not_in((AssignmentState.ANSWERED, AssignmentState.CANCELLED)),
            col(Draft.red_at).is_not(None),
            col(Draft.raised_at).is_(None),
        )
    )
    return bool(red_occurrences(session, patient_id)) or session.exec(unsent).first() is not None
