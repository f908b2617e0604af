"""Recompute a patient's plan and make the stored schedule equal it, inside the caller's
transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.actions.audit import WORKER, Subject, record
from proms.actions.next_messages import make_up_for_held
from proms.actions.schedule_changes import Renewal, apply
from proms.actions.set_aside import Attempt, Unit, each_apart
from proms.content import Library
from proms.db.queries.history import checked, held_of, history_of
from proms.db.queries.set_aside import not_aside
from proms.db.tables import Assignment, Patient, Site
from proms.db.tables.partial import among
from proms.domain.instrument import Fact
from proms.domain.person import PERSONAL_FACTS
from proms.domain.protocol import Protocol
from proms.domain.schedule import (
    OUTSTANDING,
    AssignmentState,
    CancelReason,
    Changes,
    History,
    Key,
    StoredAssignment,
    replan_on,
    revise,
)
from proms.domain.tick import USUAL, TickName, Tries

GRACE = timedelta(days=7)


@dataclass(frozen=True)
class Basis:
    """What a patient's plan is worked out on: her protocol, history and stored schedule, at one
    moment."""

    protocol: Protocol
    history: History
    stored: Mapping[Key, StoredAssignment]
    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def changes(self) -> Changes:
        """What makes the stored schedule equal the plan."""
        return revise(self.protocol, self.history, self.stored, self.today)


def basis_of(
    session: Session, library: Library, patient: Patient, *, zone: ZoneInfo, now: datetime
) -> Basis:
    """All that planning for this patient reads."""
    stored = held_of(session, patient, zone)
    history = history_of(session, patient, checked=checked(stored.values()))
    protocol = library.protocol(patient.protocol, patient.protocol_version)
    return Basis(offered_in(library, patient, protocol), history, stored, zone, now)


def replan(session: Session, library: Library, patient: Patient, *, now: datetime) -> Changes:
    """Plan, reconcile and apply for one patient; the caller commits. Doing it twice changes
    nothing."""
    zone = zone_of(session, patient)
    return renew(session, patient, basis_of(session, library, patient, zone=zone, now=now))


def renew(session: Session, patient: Patient, basis: Basis) -> Changes:
    """Plan, reconcile and apply on a basis that was read in this transaction; the caller
    commits."""
    changes = basis.changes
    if changes:
        apply(Renewal(session, patient, basis.protocol.messages, basis.zone, basis.now), changes)
    if patient.mended_after:
        make_up_for_held(session, patient, basis.protocol.messages, basis.zone, basis.now)
    patient.replan_on = replan_on(basis.protocol, basis.history, basis.today)
    session.add(patient)
    return changes


def replan_due(
    session: Session,
    library: Library,
    *,
    now: datetime,
    limit: int = 100,
    tries: Tries = USUAL,
) -> int:
    """Re-plan the patients whose next re-plan date has come; returns how many."""
    # The furthest east is 14 hours ahead of UTC: whoever's day has come anywhere is looked at, and
    # left where it has not come at her own site.
    latest = (now + timedelta(hours=14)).date()
    due = (
        select(Patient)
        .where(
            col(Patient.replan_on) <= latest,
            not_aside(TickName.RENEW_PLANS, Patient.id, now),
        )
        .order_by(col(Patient.replan_on))
        .limit(limit)
        # Whoever holds a patient's row, a coordinator who saves or another worker, renews her plan
        # as well: she is left to them, and looked at again at the next tick.
        .with_for_update(skip_locked=True)
    )
    units = [
        Unit(patient.id, patient, patient.site_id, patient.id)
        for patient in session.exec(due).all()
        if _is_due_for_replan(session, patient, now)  # else it is still yesterday at her site
    ]

    def renew_all(patients: list[Patient]) -> None:
        for patient in patients:
            changes = replan(session, library, patient, now=now)
            if changes:
                subject = Subject("patient", patient.id, patient.id, patient.site_id)
                counts = changes.counts()
                record(session, "plan.renewed", subject, by=WORKER, now=now, changes=counts)

    each_apart(session, units, renew_all, Attempt(TickName.RENEW_PLANS, now, tries))
    session.commit()
    return len(units)


def expire_due(
    session: Session,
    library: Library,
    *,
    now: datetime,
    limit: int = 500,
    tries: Tries = USUAL,
) -> int:
    """Mark as missed what closed without an answer; a started one seven days after its window.
    Returns how many.

    An extra check that the patient began and left is cancelled: nobody asked for it, so nobody
    missed it.

    A patient whose plan is due to be renewed waits for that: a window that hangs on a planned day
    is extended the day after, if nothing was recorded.
    """
    over = (
        select(Assignment, Patient)
        .join(Patient)
        .where(
            col(Assignment.expires_at) <= now,
            among(Assignment.state, OUTSTANDING),
            not_aside(TickName.EXPIRE, Assignment.id, now),
        )
        .order_by(col(Assignment.expires_at))
        .limit(limit)
        # A patient may be submitting this very moment: what she holds is hers to settle.
        .with_for_update(skip_locked=True, of=Assignment)
    )
    expired = [
        Unit(assignment.id, (assignment, patient), patient.site_id, patient.id)
        for assignment, patient in session.exec(over).all()
        if not _is_due_for_replan(session, patient, now)
    ]

    def expire_all(rows: list[tuple[Assignment, Patient]]) -> None:
        for assignment, patient in rows:
            protocol = library.protocol(patient.protocol, assignment.protocol_version)
            if assignment.state == AssignmentState.STARTED:
                # Begun it kept the next one away, which it does no longer.
                patient.replan_on = now.astimezone(zone_of(session, patient)).date()
                session.add(patient)
            _expire(session, assignment, extra=assignment.event in protocol.unscheduled, now=now)

    each_apart(session, expired, expire_all, Attempt(TickName.EXPIRE, now, tries))
    session.commit()
    return len(expired)


def _expire(session: Session, assignment: Assignment, *, extra: bool, now: datetime) -> None:
    verb = "assignment.missed"
    assignment.state, assignment.reason = AssignmentState.MISSED, None
    if extra:
        verb = "assignment.left"
        assignment.state, assignment.reason = AssignmentState.CANCELLED, CancelReason.LEFT
    assignment.message_at = None
    record(
        session,
        verb,
        Subject("assignment", assignment.id, assignment.patient_id),
        by=WORKER,
        now=now,
        event=assignment.event,
        number=assignment.number,
    )


def _is_due_for_replan(session: Session, patient: Patient, now: datetime) -> bool:
    """Whether the day has come at her site."""
    today = now.astimezone(zone_of(session, patient)).date()
    return patient.replan_on is not None and patient.replan_on <= today


def protocol_of(library: Library, patient: Patient) -> Protocol:
    """The patient's protocol, with the instruments that are for her today and that may be shown to
    her."""
    protocol = library.protocol(patient.protocol, patient.protocol_version)
    offered = offered_in(library, patient, protocol)
    return offered.asking(offered.asked_of(personal_facts(patient)))


def offered_in(library: Library, patient: Patient, protocol: Protocol) -> Protocol:
    """A protocol with the instruments that may be shown to her; which of them are for her on the
    day of each pack is for the plan to say."""
    return protocol.asking(
        [code for code in protocol.instruments if (code, patient.language) in library.offered]
    )


def not_asked(library: Library, patient: Patient) -> tuple[str, ...]:
    """The instruments that are for her, and that she is not asked for want of a licensed wording in
    her language."""
    protocol = library.protocol(patient.protocol, patient.protocol_version)
    for_her = protocol.asked_of(personal_facts(patient))
    return tuple(sorted(code for code in for_her if not library.offers(code, patient.language)))


def personal_facts(patient: Patient) -> dict[str, Fact]:
    """What is so of her person today, without reading her history."""
    return {"sex": patient.sex, **{fact: getattr(patient, fact) for fact in PERSONAL_FACTS}}


def zone_of(session: Session, patient: Patient) -> ZoneInfo:
    """The time zone of the patient's site."""
    # A session forgets a row that nobody holds: without this a tick would read one site again for
    # every patient.
    sites = session.info.setdefault("sites", {})
    if patient.site_id not in sites:
        sites[patient.site_id] = session.get_one(Site, patient.site_id)
    return ZoneInfo(sites[patient.site_id].timezone)
