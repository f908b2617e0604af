"""A patient's history and stored schedule, as the values the domain reads."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import (
    JSON,
    Date,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    literal,
    null,
    union_all,
)
from sqlmodel import Session, select

from proms.db.tables import (
    Assignment,
    CycleVersion,
    Draft,
    MilestoneVersion,
    Patient,
    Response,
    TreatmentVersion,
)
from proms.domain import schedule
from proms.domain.schedule import (
    AssignmentState,
    CycleStatus,
    History,
    Key,
    StoredAssignment,
    Window,
)
from proms.domain.schedule.history import EntryKey, EntryKind, dates_by_kind

Versioned = TypeVar("Versioned", MilestoneVersion, CycleVersion, TreatmentVersion)
SAID = {
    "number": Integer,
    "planned": Date,
    "on": Date,
    "late_since": Date,
    "word": String,
    "drugs": JSON,
    "dose_percent": Integer,
    "reason": String,
}


def _versions(table: type[Versioned], name: Any, **said: Any) -> Select[Any]:
    """Every version of each fact of this table that a patient has, in columns that all tables of
    facts share."""
    shared = [said.get(each, cast(null(), kind)).label(each) for each, kind in SAID.items()]
    what = literal(str(table.__tablename__)).label("what")
    return select(what, name.label("name"), table.version, *shared).where(
        table.patient_id == bindparam("patient_id")
    )


# Every change of a history and every answer reads all of this: each in one round trip, in columns,
# because a row costs five times more, and built once, because that takes longer than to run it.
FACTS = union_all(
    _versions(
        MilestoneVersion,
        MilestoneVersion.kind,
        number=MilestoneVersion.number,
        on=MilestoneVersion.on,
    ),
    _versions(
        TreatmentVersion,
        TreatmentVersion.component,
        word=TreatmentVersion.regimen,
        on=TreatmentVersion.stopped_on,
    ),
    _versions(
        CycleVersion,
        CycleVersion.component,
        number=CycleVersion.number,
        planned=CycleVersion.planned,
        on=CycleVersion.day_1,
        late_since=CycleVersion.late_since,
        word=CycleVersion.status,
        drugs=CycleVersion.drugs,
        dose_percent=CycleVersion.dose_percent,
        reason=CycleVersion.reason,
    ),
).order_by("version")
HELD = (
    select(  # type: ignore[call-overload]
        Assignment.event,
        Assignment.number,
        Assignment.instrument,
        Assignment.opens,
        Assignment.due,
        Assignment.closes,
        Assignment.state,
        Draft.opened_at,
        Response.opened_at,
    )
    .outerjoin(Draft, Draft.assignment_id == Assignment.id)
    .outerjoin(Response, (Response.assignment_id == Assignment.id) & (Response.version == 1))
    .where(Assignment.patient_id == bindparam("patient_id"))
)


def history_of(
    session: Session, patient: Patient, *, checked: dict[Key, date] | None = None
) -> History:
    """What has happened to this patient, each fact in its latest version."""
    facts = _holding(session, patient)
    treatments = facts["treatment"]
    dates, numbers = dates_by_kind(
        _numbered((each.name, each.number, each.on) for each in facts["milestone"])
    )
    return History(
        arm=patient.arm,
        milestones=dates,
        numbers=numbers,
        components={each.name: each.word for each in treatments},
        cycles=tuple(_cycle(each) for each in facts["cycle"]),
        stopped={each.name: each.on for each in treatments if each.on},
        checked=checked or {},
    )


def milestones_of(session: Session, patient: Patient) -> list[MilestoneVersion]:
    """The milestones that hold, in order of date; one taken back is left out."""
    rows = latest(
        session.exec(select(MilestoneVersion).where(MilestoneVersion.patient_id == patient.id))
    )
    return sorted(
        (row for row in rows if row.on), key=lambda row: (row.on or date.min, row.kind, row.number)
    )


def taken_back_of(session: Session, patient: Patient) -> frozenset[EntryKey]:
    """The milestones that were recorded and turned out not to have happened."""
    rows = latest(
        session.exec(select(MilestoneVersion).where(MilestoneVersion.patient_id == patient.id))
    )
    return frozenset(
        EntryKey(EntryKind.MILESTONE, row.kind, row.number) for row in rows if row.on is None
    )


def held_of(session: Session, patient: Patient, zone: ZoneInfo) -> dict[Key, StoredAssignment]:
    """Every assignment stored for this patient, with the site date it was started on."""
    rows = session.exec(HELD, params={"patient_id": patient.id})
    held = {}
    for event, number, instrument, opens, due, closes, stored, drafted, answered in rows:
        key, state = Key(event, number, instrument), AssignmentState(stored)
        begun = (answered or drafted) if state.begun else None
        started = begun.astimezone(zone).date() if begun else None
        held[key] = StoredAssignment(key, Window(opens, due, closes), state, started)
    return held


def checked(held: Iterable[StoredAssignment]) -> dict[Key, date]:
    """Which assignments were started, and when."""
    return {each.key: each.started_on for each in held if each.started_on}


def latest(rows: Iterable[Versioned]) -> list[Versioned]:
    """Of each fact the version that holds, in order of its number."""
    held: dict[tuple[str, int], Versioned] = {}
    for row in rows:
        name = row.kind if isinstance(row, MilestoneVersion) else row.component
        key = (name, getattr(row, "number", 0))
        if key not in held or row.version > held[key].version:
            held[key] = row
    return [held[key] for key in sorted(held)]


def _holding(session: Session, patient: Patient) -> defaultdict[str, list[Any]]:
    """Of each table of facts the versions that hold, in order of name and number."""
    held = {}
    for row in session.exec(FACTS, params={"patient_id": patient.id}):  # type: ignore[call-overload]
        held[row.what, row.name, row.number] = row
    facts = defaultdict(list)
    for key in sorted(held):
        facts[key[0]].append(held[key])
    return facts


def _numbered(milestones: Iterable[tuple[str, int, date | None]]) -> dict[str, dict[int, date]]:
    """The dates of each kind of milestone by number; one that was taken back has none."""
    dates: dict[str, dict[int, date]] = defaultdict(dict)
    for kind, number, on in milestones:
        if on:
            dates[kind][number] = on
    return dates


def _cycle(fact: Any) -> schedule.Cycle:
    return schedule.Cycle(
        component=fact.name,
        number=fact.number,
        planned=fact.planned,
        day_1=fact.on,
        status=CycleStatus(fact.word),
        drugs=tuple(fact.drugs),
        dose_percent=fact.dose_percent,
        reason=fact.reason,
        late_since=fact.late_since,
    )
