"""A patient's red alerts that no nurse has taken yet: until then she is reminded to call."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from proms.db.tables import Alert, AlertOccurrence, Assignment, Draft, Response
from proms.domain.alert import Urgency
from proms.domain.alert.record import NOT_EVALUATED, AlertState
from proms.domain.schedule import AssignmentState


@dataclass(frozen=True)
class WaitingRed:
    """Where one occurrence of such an alert came from: answers that were sent, or a draft."""

    receipt: str | None
    draft_id: int | None


def waiting_red(session: Session, patient_id: int) -> list[WaitingRed]:
    """Every occurrence of the red alerts of this patient that nobody has taken, the latest
    first. Rules that crashed told her nothing of her answers."""
    rows = session.exec(
        select(Response.receipt, AlertOccurrence.draft_id)
        .select_from(Alert)
        .join(AlertOccurrence, col(AlertOccurrence.alert_id) == Alert.id)
        .outerjoin(Response, col(Response.id) == AlertOccurrence.response_id)
        .where(
            Alert.patient_id == patient_id,
            col(Alert.resolved_at).is_(None),
            Alert.state == AlertState.OPEN,
            Alert.urgency == Urgency.RED,
            AlertOccurrence.urgency == Urgency.RED,
            Alert.rule != NOT_EVALUATED,
        )
        .order_by(col(AlertOccurrence.id).desc())
    )
    return [WaitingRed(*row) for row in rows]


def is_waiting(session: Session, patient_id: int) -> bool:
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
    return bool(waiting_red(session, patient_id)) or session.exec(unsent).first() is not None
