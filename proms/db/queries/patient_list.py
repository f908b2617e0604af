"""The patients of a site as a list: what is due next, when she was last heard from, and whether
something waits."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import union_all
from sqlmodel import Session, col, func, select

from proms.db.queries.confirmations import Plans, ToConfirm, to_confirm
from proms.db.tables import Alert, Assignment, KeptAside, MessageDecision, Patient, Response
from proms.domain.alert import Urgency
from proms.domain.reminder import AUTOMATIC, HoldReason
from proms.domain.schedule import OUTSTANDING


@dataclass(frozen=True)
class PatientSummary:
    """What a list says of a patient beside who she is; `urgency` is that of her most urgent open
    alert."""

    next_event: str | None = None
    next_due: date | None = None
    open_now: bool = False
    waiting: int = 0
    urgency: Urgency | None = None
    last_contact: datetime | None = None
    unreachable: bool = False
    to_confirm: ToConfirm | None = None  # the number or address that messages go to


def patient_summaries(
    session: Session, patient_ids: Collection[int], today: date, plans: Plans, now: datetime
) -> dict[int, PatientSummary]:
    """By patient id: the next assignment not yet answered, how many alerts are unresolved and how
    urgent the first is, the last contact, and whether messages reach her; six statements."""
    due = _next_due(session, patient_ids, today)
    waiting = _waiting(session, patient_ids)
    contacts = _last_contacts(session, patient_ids)
    unreachable = _unreachable(session, patient_ids)
    hers = col(Patient.id).in_(list(patient_ids))
    waits = {one.patient_id: one for one in to_confirm(session, plans, now, hers)}
    summaries = {}
    for patient_id in patient_ids:
        counts = waiting.get(patient_id, {})
        summaries[patient_id] = replace(
            due.get(patient_id, PatientSummary()),
            waiting=sum(counts.values()),
            urgency=min(counts, key=lambda urgency: urgency.rank, default=None),
            last_contact=contacts.get(patient_id),
            unreachable=patient_id in unreachable,
            to_confirm=waits.get(patient_id),
        )
    return summaries


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


def _waiting(session: Session, ids: Collection[int]) -> dict[int, dict[Urgency, int]]:
    counted = (
        select(Alert.patient_id, Alert.urgency, func.count())
        .where(col(Alert.patient_id).in_(list(ids)), col(Alert.resolved_at).is_(None))
        .group_by(col(Alert.patient_id), col(Alert.urgency))
    )
    waiting: dict[int, dict[Urgency, int]] = defaultdict(dict)
    for patient_id, urgency, count in session.exec(counted):
        waiting[patient_id][Urgency(urgency)] = count
    return waiting


def _last_contacts(session: Session, ids: Collection[int]) -> dict[int, datetime]:
    """When each was last heard from: answers of hers came in, or a nurse closed what she had agreed
    with her."""
    heard = (
        (Response.patient_id, Response.submitted_at),
        (KeptAside.patient_id, KeptAside.received_at),
        (Alert.patient_id, Alert.resolved_at),
    )
    latest = union_all(
        *(
            select(col(patient), func.max(col(at)).label("at"))
            .where(col(patient).in_(list(ids)), col(at).is_not(None))
            .group_by(col(patient))
            for patient, at in heard
        )
    )
    contacts: dict[int, datetime] = {}
    for patient_id, at in session.execute(latest):
        contacts[patient_id] = max(at, contacts.get(patient_id, at))
    return contacts


def _unreachable(session: Session, ids: Collection[int]) -> set[int]:
    """Whose latest message was held because nobody knows where to send it."""
    latest = (
        select(func.max(MessageDecision.id))
        .where(
            col(MessageDecision.patient_id).in_(list(ids)),
            func.coalesce(MessageDecision.reason, "").not_in(AUTOMATIC),
        )
        .group_by(col(MessageDecision.patient_id))
    )
    rows = select(MessageDecision.patient_id).where(
        col(MessageDecision.id).in_(latest), MessageDecision.reason == HoldReason.NO_CONTACT
    )
    return set(session.exec(rows).all())
