"""A patient's history and stored schedule, as the values the domain reads."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.db.tables import Assignment, Cycle, Draft, Milestone, Patient, Response, Treatment
from proms.domain import schedule
from proms.domain.schedule import AssignmentState, CycleStatus, Held, History, Key, Window

Versioned = TypeVar("Versioned", Milestone, Cycle, Treatment)
# Columns rather than rows: every change of a history and every answer reads all of it, and a row costs five times more.
TREATMENT = (Treatment.component, Treatment.regimen, Treatment.stopped_on)
MILESTONE = (Milestone.kind, Milestone.number, Milestone.on)
CYCLE = (
    Cycle.component,
    Cycle.number,
    Cycle.planned,
    Cycle.day_1,
    Cycle.status,
    Cycle.drugs,
    Cycle.dose_percent,
    Cycle.reason,
)
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
    treatments = _holding(session, patient, TREATMENT, Treatment, key=1)
    return History(
        arm=patient.arm,
        milestones=_dates(_holding(session, patient, MILESTONE, Milestone, key=2)),
        components={component: regimen for component, regimen, _ in treatments},
        cycles=tuple(_cycle(each) for each in _holding(session, patient, CYCLE, Cycle, key=2)),
        stopped={component: stopped_on for component, _, stopped_on in treatments if stopped_on},
        checked=checked or {},
    )


def milestones_of(session: Session, patient: Patient) -> list[Milestone]:
    """The milestones that hold, in order of date; one taken back is left out."""
    rows = latest(session.exec(select(Milestone).where(Milestone.patient_id == patient.id)))
    return sorted((row for row in rows if row.on), key=lambda row: (row.on or date.min, row.kind, row.number))


def held_of(session: Session, patient: Patient, zone: ZoneInfo) -> dict[Key, Held]:
    """Every assignment stored for this patient, with the site date it was started on."""
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


def _holding(
    session: Session, patient: Patient, columns: tuple[Any, ...], table: type[Versioned], *, key: int
) -> list[Any]:
    """These columns of each fact's version that holds, in order of the fact's name: its first `key` columns."""
    rows = session.exec(select(*columns).where(table.patient_id == patient.id).order_by(col(table.version)))
    held = {tuple(row[:key]): row for row in rows}
    return [held[name] for name in sorted(held)]


def _dates(milestones: Iterable[tuple[str, int, date | None]]) -> dict[str, tuple[date, ...]]:
    """The dates of each kind of milestone in order; one that was taken back has none."""
    dates: dict[str, list[date]] = defaultdict(list)
    for kind, _, on in milestones:
        if on:
            dates[kind].append(on)
    return {kind: tuple(sorted(each)) for kind, each in dates.items()}


def _cycle(row: Any) -> schedule.Cycle:
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
