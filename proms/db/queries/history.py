"""A patient's history and stored schedule, as the values the domain reads."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
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
from sqlmodel import Session, col, select

from proms.db.tables import (
    Assignment,
    CycleVersion,
    Draft,
    FactVersion,
    MilestoneVersion,
    Patient,
    Response,
    TreatmentVersion,
)
from proms.domain import schedule
from proms.domain.instrument import Fact
from proms.domain.schedule import (
    AssignmentState,
    CycleStatus,
    History,
    Key,
    StoredAssignment,
    Window,
)
from proms.domain.schedule.history import EntryKey, EntryKind, FactValue, dates_by_kind

Versioned = TypeVar("Versioned", MilestoneVersion, CycleVersion, TreatmentVersion, FactVersion)
SHARED_COLUMNS = {
    "number": Integer,
    "planned": Date,
    "on": Date,
    "late_since": Date,
    "word": String,
    "regimen": String,
    "drugs": JSON,
    "value": JSON,
    "dose_percent": Integer,
    "reason": String,
}


def _versions(table: type[Versioned], name: Any, **columns: Any) -> Select[Any]:
    """Every version of each fact of this table that a patient has, in columns that all tables of
    facts share."""
    whose = col(table.patient_id)
    # The parts of a union have the same columns: one that this table lacks is an empty one, cast
    # because PostgreSQL would take a bare NULL for a text.
    shared: list[Any] = [whose]
    for shared_name, column_type in SHARED_COLUMNS.items():
        column = columns.get(shared_name, cast(null(), column_type))
        shared.append(column.label(shared_name))
    what = literal(str(table.__tablename__)).label("what")
    return select(what, name.label("name"), table.version, *shared).where(
        whose.in_(bindparam("patient_ids", expanding=True))
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
        regimen=CycleVersion.regimen,
        drugs=CycleVersion.drugs,
        dose_percent=CycleVersion.dose_percent,
        reason=CycleVersion.reason,
    ),
    _versions(
        FactVersion,
        FactVersion.fact,
        number=FactVersion.number,
        on=FactVersion.since,
        value=FactVersion.value,
    ),
).order_by("version")
STORED = (
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
    facts = _holding(session, [patient])[patient.id or 0]
    return _history(patient, facts, checked or {})


def histories_of(session: Session, patients: Collection[Patient]) -> dict[int, History]:
    """The same of many patients, by their ids, in one statement."""
    facts = _holding(session, patients)
    return {patient.id or 0: _history(patient, facts[patient.id or 0], {}) for patient in patients}


def _history(patient: Patient, facts: Mapping[str, list[Any]], checked: dict[Key, date]) -> History:
    treatments = facts["treatment"]
    dates, numbers = dates_by_kind(_dates_by_number(facts["milestone"]))
    taken_back: dict[str, set[int]] = defaultdict(set)
    for milestone in facts["milestone"]:
        if milestone.on is None:
            taken_back[milestone.name].add(milestone.number)
    return History(
        arm=patient.arm,
        milestones=dates,
        numbers=numbers,
        taken_back={kind: frozenset(gone) for kind, gone in taken_back.items()},
        components={treatment.name: treatment.word for treatment in treatments},
        cycles=tuple(_cycle(cycle) for cycle in facts["cycle"]),
        stopped={treatment.name: treatment.on for treatment in treatments if treatment.on},
        checked=checked,
        facts=_values_by_fact(facts["patient_fact"]),
    )


def milestones_of(session: Session, patient: Patient) -> list[MilestoneVersion]:
    """The milestones that hold, in order of date; one taken back is left out."""
    happened = [row for row in _latest_milestones(session, patient) if row.on]
    return sorted(happened, key=lambda row: (row.on or date.min, row.kind, row.number))


def taken_back_of(session: Session, patient: Patient) -> frozenset[EntryKey]:
    """The milestones and changes of facts that were recorded and turned out not to have
    happened."""
    milestones = {
        EntryKey(EntryKind.MILESTONE, row.kind, row.number)
        for row in _latest_milestones(session, patient)
        if row.on is None
    }
    facts = {
        EntryKey(EntryKind.FACT, row.fact, row.number)
        for row in latest(fact_versions_of(session, patient))
        if row.since is None
    }
    return frozenset(milestones | facts)


def fact_versions_of(session: Session, patient: Patient) -> list[FactVersion]:
    """Everything that was ever on record of her person, in the order it was recorded."""
    versions = select(FactVersion).where(FactVersion.patient_id == patient.id)
    return list(session.exec(versions.order_by(col(FactVersion.id))))


def facts_as_known(versions: Iterable[FactVersion], *, at: datetime, day: date) -> dict[str, Fact]:
    """What was so of her person on a day, as it was on record at a moment: later corrections are
    left out."""
    values: dict[str, tuple[FactValue, ...]] = {}
    for row in latest(row for row in versions if row.recorded_at <= at):
        if row.since:
            value = FactValue(row.number, row.since, row.value)
            values[row.fact] = (*values.get(row.fact, ()), value)
    return History(facts=values).facts_on(day)


def _latest_milestones(session: Session, patient: Patient) -> list[MilestoneVersion]:
    """Those that hold and, without a date, those taken back."""
    versions = select(MilestoneVersion).where(MilestoneVersion.patient_id == patient.id)
    return latest(session.exec(versions))


def held_of(session: Session, patient: Patient, zone: ZoneInfo) -> dict[Key, StoredAssignment]:
    """Every assignment stored for this patient, with the site date it was started on."""
    rows = session.exec(STORED, params={"patient_id": patient.id})
    stored = {}
    for event, number, instrument, opens, due, closes, word, draft_opened, response_opened in rows:
        key = Key(event, number, instrument)
        state = AssignmentState(word)
        started_on = None
        # Its draft is left also of an assignment that counts as begun no longer. Once answered it
        # was begun when its response was opened, which may have been without the draft.
        opened_at = response_opened or draft_opened
        if state.begun and opened_at:
            started_on = opened_at.astimezone(zone).date()
        stored[key] = StoredAssignment(key, Window(opens, due, closes), state, started_on)
    return stored


def checked(assignments: Iterable[StoredAssignment]) -> dict[Key, date]:
    """Which assignments were started, and when."""
    return {
        assignment.key: assignment.started_on for assignment in assignments if assignment.started_on
    }


def latest(rows: Iterable[Versioned]) -> list[Versioned]:
    """Of each fact the version that holds, in order of its number."""
    newest: dict[tuple[str, int], Versioned] = {}
    for row in rows:
        # A patient has one treatment of a component, which needs no number.
        key = (named(row), getattr(row, "number", 0))
        if key not in newest or row.version > newest[key].version:
            newest[key] = row
    return [newest[key] for key in sorted(newest)]


def named(row: MilestoneVersion | CycleVersion | TreatmentVersion | FactVersion) -> str:
    """The name of the fact a version is about: a milestone, a component, a fact about her."""
    if isinstance(row, MilestoneVersion):
        return row.kind
    return row.fact if isinstance(row, FactVersion) else row.component


def _holding(
    session: Session, patients: Collection[Patient]
) -> defaultdict[int, defaultdict[str, list[Any]]]:
    """By patient id, of each table of facts the versions that hold, in order of name and number."""
    ids = {"patient_ids": [patient.id for patient in patients]}
    rows = session.exec(FACTS, params=ids)  # type: ignore[call-overload]
    newest = {}
    for row in rows:
        # They come in order of version: the last one written is the one that holds.
        newest[row.patient_id, row.what, row.name, row.number] = row
    facts: defaultdict[int, defaultdict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for key in sorted(newest):
        patient_id, table = key[:2]
        facts[patient_id][table].append(newest[key])
    return facts


def _dates_by_number(milestones: Iterable[Any]) -> dict[str, dict[int, date]]:
    """The dates of each kind of milestone by number; one that was taken back has none."""
    dates: dict[str, dict[int, date]] = defaultdict(dict)
    for milestone in milestones:
        if milestone.on:
            dates[milestone.name][milestone.number] = milestone.on
    return dates


def _values_by_fact(facts: Iterable[Any]) -> dict[str, tuple[FactValue, ...]]:
    """What is known of her person, in order of number; a change that was taken back is left out."""
    values: dict[str, tuple[FactValue, ...]] = {}
    for fact in facts:
        if fact.on:
            value = FactValue(fact.number, fact.on, fact.value)
            values[fact.name] = (*values.get(fact.name, ()), value)
    return values


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
        regimen=fact.regimen,
        late_since=fact.late_since,
    )
