"""A patient's history and stored schedule, as the values the domain reads."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from proms.db.tables import Assignment, Cycle, Draft, Milestone, Patient, Response, Treatment
from proms.domain import schedule
from proms.domain.schedule import AssignmentState, CycleStatus, Held, History, Key, Window

Versioned = TypeVar("Versioned", Milestone, Cycle, Treatment)
HELD = (
    Assignment.event,
    Assignment.number,
    Assignment.instrument,
    Assignment.opens,
    Assignment.due,
    Assignment.closes,
    Assignment.state,
)
BEGUN = (AssignmentState.STARTED, AssignmentState.ANSWERED)


def history_of(session: Session, patient: Patient, *, checked: dict[Key, date] | None = None) -> History:
    """What has happened to this patient, each fact in its latest version."""
    cycles = latest(session.exec(select(Cycle).where(Cycle.patient_id == patient.id)))
    treatments = latest(session.exec(select(Treatment).where(Treatment.patient_id == patient.id)))
    return History(
        arm=patient.arm,
        milestones=_dates(milestones_of(session, patient)),
        components={each.component: each.regimen for each in treatments},
        cycles=tuple(_cycle(each) for each in cycles),
        stopped={each.component: each.stopped_on for each in treatments if each.stopped_on},
        checked=checked or {},
    )


def milestones_of(session: Session, patient: Patient) -> list[Milestone]:
    """The milestones that hold, in order of date; one taken back is left out."""
    rows = latest(session.exec(select(Milestone).where(Milestone.patient_id == patient.id)))
    return sorted((row for row in rows if row.on), key=lambda row: (row.on or date.min, row.kind, row.number))


def held_of(session: Session, patient: Patient, zone: ZoneInfo) -> dict[Key, Held]:
    """Every assignment stored for this patient, with the site date it was started on."""
    # Columns, not rows: a patient gathers hundreds of assignments, and every change of her history reads them all.
    rows = session.exec(
        select(*HELD, Draft.opened_at, Response.opened_at)  # type: ignore[call-overload]
        .outerjoin(Draft, Draft.assignment_id == Assignment.id)
        .outerjoin(Response, (Response.assignment_id == Assignment.id) & (Response.version == 1))
        .where(Assignment.patient_id == patient.id)
    )
    held = {}
    for event, number, instrument, opens, due, closes, state, drafted, answered in rows:
        key = Key(event, number, instrument)
        begun = (answered or drafted) if state in BEGUN else None
        started = begun.astimezone(zone).date() if begun else None
        held[key] = Held(key, Window(opens, due, closes), AssignmentState(state), started)
    return held


def checked(held: Iterable[Held]) -> dict[Key, date]:
    """Which assignments were started, and when."""
    return {each.key: each.started_on for each in held if each.started_on}


def latest(rows: Iterable[Versioned]) -> list[Versioned]:
    """Of each fact the version that holds, in order of its number."""
    held: dict[tuple[str, int], Versioned] = {}
    for row in rows:
        name = row.kind if isinstance(row, Milestone) else row.component
        key = (name, getattr(row, "number", 0))
        if key not in held or row.version > held[key].version:
            held[key] = row
    return [held[key] for key in sorted(held)]


def _dates(milestones: Iterable[Milestone]) -> dict[str, tuple[date, ...]]:
    dates: dict[str, list[date]] = defaultdict(list)
    for row in milestones:
        if row.on:
            dates[row.kind].append(row.on)
    return {kind: tuple(each) for kind, each in dates.items()}


def _cycle(row: Cycle) -> schedule.Cycle:
    return schedule.Cycle(
        component=row.component,
        number=row.number,
        planned=row.planned,
        day_1=row.day_1,
        status=CycleStatus(row.status),
        drugs=tuple(row.drugs),
        dose_percent=row.dose_percent,
        reason=row.reason,
    )
