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
from proms.domain.schedule.history import About, What, dates_by_kind

Versioned = TypeVar("Versioned", Milestone, Cycle, Treatment)
BEGUN = (AssignmentState.STARTED, AssignmentState.ANSWERED)


def history_of(session: Session, patient: Patient, *, checked: dict[Key, date] | None = None) -> History:
    """What has happened to this patient, each fact in its latest version."""
    cycles = latest(session.exec(select(Cycle).where(Cycle.patient_id == patient.id)))
    treatments = latest(session.exec(select(Treatment).where(Treatment.patient_id == patient.id)))
    dates, numbers = dates_by_kind(_numbered(milestones_of(session, patient)))
    return History(
        arm=patient.arm,
        milestones=dates,
        numbers=numbers,
        components={each.component: each.regimen for each in treatments},
        cycles=tuple(cycle_of(each) for each in cycles),
        stopped={each.component: each.stopped_on for each in treatments if each.stopped_on},
        checked=checked or {},
    )


def milestones_of(session: Session, patient: Patient) -> list[Milestone]:
    """The milestones that hold, in order of date; one taken back is left out."""
    rows = latest(session.exec(select(Milestone).where(Milestone.patient_id == patient.id)))
    return sorted((row for row in rows if row.on), key=lambda row: (row.on or date.min, row.kind, row.number))


def taken_back_of(session: Session, patient: Patient) -> frozenset[About]:
    """The milestones that were recorded and turned out not to have happened."""
    rows = latest(session.exec(select(Milestone).where(Milestone.patient_id == patient.id)))
    return frozenset(About(What.MILESTONE, row.kind, row.number) for row in rows if row.on is None)


def held_of(session: Session, patient: Patient, zone: ZoneInfo) -> dict[Key, Held]:
    """Every assignment stored for this patient, with the site date it was started on."""
    rows = session.exec(
        select(Assignment, Draft.opened_at, Response.opened_at)
        .outerjoin(Draft, Draft.assignment_id == Assignment.id)  # type: ignore[arg-type]
        .outerjoin(Response, (Response.assignment_id == Assignment.id) & (Response.version == 1))  # type: ignore[arg-type]
        .where(Assignment.patient_id == patient.id)
    )
    held = {}
    for row, drafted, answered in rows:
        key = Key(row.event, row.number, row.instrument)
        begun = (answered or drafted) if row.state in BEGUN else None
        started = begun.astimezone(zone).date() if begun else None
        held[key] = Held(key, Window(row.opens, row.due, row.closes), AssignmentState(row.state), started)
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


def _numbered(milestones: Iterable[Milestone]) -> dict[str, dict[int, date]]:
    dates: dict[str, dict[int, date]] = defaultdict(dict)
    for row in milestones:
        if row.on:
            dates[row.kind][row.number] = row.on
    return dates


def cycle_of(row: Cycle) -> schedule.Cycle:
    """A cycle as the domain reads it."""
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
