"""An answer that cannot wait is an alert after a while, although its form was not sent."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from proms.actions.audit import WORKER
from proms.actions.breaches import follow_up
from proms.actions.drafts import Sitting, evaluate_unsent
from proms.actions.evaluations import told_unsent
from proms.actions.set_aside import Attempt, Unit, each_apart
from proms.content import Library
from proms.db.queries.set_aside import not_aside
from proms.db.tables import Assignment, Draft, Patient
from proms.domain.alert.record import news_in
from proms.domain.person import PatientStatus
from proms.domain.schedule import AssignmentState
from proms.domain.tick import USUAL, TickName, Tries


def raise_unsent(
    session: Session,
    library: Library,
    *,
    now: datetime,
    limit: int = 50,
    tries: Tries = USUAL,
) -> int:
    """Raise the alerts of red answers that stand unsent for as long as the protocol says, with
    their notices; returns how many drafts were looked at, those that raise among them."""
    waits = [
        protocol.handling.unsent_after
        for versions in library.protocols.values()
        for protocol in versions.values()
    ]
    due = (
        select(Draft, Assignment, Patient)
        .join(Assignment, col(Assignment.id) == Draft.assignment_id)
        .join(Patient, col(Patient.id) == Assignment.patient_id)
        .where(
            # Says what the index holds.
            col(Draft.red_at).is_not(None),
            col(Draft.raised_at).is_(None),
            col(Draft.red_at) <= now - min(waits),
            not_aside(TickName.UNSENT, Draft.id, now),
        )
        .order_by(col(Draft.red_at))
        .limit(limit)
        # She may be sending it at this moment: then her own submission raises what there is.
        .with_for_update(skip_locked=True, of=Assignment)
    )
    looked_at: set[int] = set()

    def look_at_all(rows: list[tuple[Draft, Assignment, Patient]]) -> None:
        for draft, assignment, patient in rows:
            sitting = Sitting(session, library, patient, assignment, WORKER, now)
            if _look(sitting, draft):
                looked_at.add(draft.id)

    units = [
        Unit(draft.id, (draft, assignment, patient), patient.site_id, patient.id)
        for draft, assignment, patient in session.exec(due).all()
    ]
    failed = each_apart(session, units, look_at_all, Attempt(TickName.UNSENT, now, tries))
    session.commit()
    return len(looked_at | failed)


def _look(sitting: Sitting, draft: Draft) -> bool:
    """Whether this draft's time had come: then it is raised, or it is red no more."""
    patient, assignment, now = sitting.patient, sitting.assignment, sitting.now
    protocol = sitting.library.protocol(patient.protocol, patient.protocol_version)
    if draft.red_at is None or draft.red_at > now - protocol.handling.unsent_after:
        return False
    sitting.session.add(draft)
    answered = assignment.state == AssignmentState.ANSWERED
    if answered or patient.status != PatientStatus.ACTIVE:
        draft.red_at = None
        return True
    evaluated = evaluate_unsent(sitting, draft)
    if not evaluated.red:
        draft.red_at = None
        return True
    draft.raised_at = now
    # The rest is judged when she sends it, since a form that is half filled in has questions left
    # open; and what she answered before somebody was told is no news.
    news = news_in(evaluated.red_breaches, told_unsent(sitting.session, draft.id))
    if news:
        follow_up(sitting, replace(evaluated, breaches=news), {"draft_id": draft.id})
        sitting.note("alert.raised_unsent", "assignment", assignment.id)
    return True
