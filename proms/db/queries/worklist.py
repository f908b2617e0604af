"""The worklist: a row a patient, with what was met, who has it and since when."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from proms.db.tables import Alert, AlertOccurrence, Evaluation, KeptAside, Patient, Response, Staff
from proms.domain.alert import Urgency
from proms.domain.alert.record import AlertState

CLOSED_SHOWN = 50


@dataclass(frozen=True)
class Source:
    """The answers a rule was met by, and the versions they are read with."""

    instrument: str
    instrument_version: str
    language: str
    rule_set: str
    assignment_id: int
    aside: bool = False


@dataclass(frozen=True)
class MetRule:
    """An alert with its latest occurrence."""

    alert: Alert
    evidence: tuple[tuple[str, Any], ...] = ()
    tags: tuple[str, ...] = ()
    times: int = 1
    last_at: datetime | None = None
    source: Source | None = None

    @property
    def urgency(self) -> Urgency:
        return Urgency(self.alert.urgency)


@dataclass(frozen=True)
class PatientAlerts:
    """One patient with every alert of hers that is not resolved, the most urgent first."""

    patient: Patient
    met: tuple[MetRule, ...]

    @property
    def urgency(self) -> Urgency:
        return self.met[0].urgency

    @property
    def waiting(self) -> tuple[MetRule, ...]:
        """What nobody has taken."""
        return tuple(each for each in self.met if each.alert.state == AlertState.OPEN)

    @property
    def taken(self) -> bool:
        return not self.waiting

    @property
    def since(self) -> datetime:
        """When the oldest clock of the row's urgency that still runs was started."""
        running = self.waiting or self.met
        most = min(each.urgency.rank for each in running)
        return min(each.alert.clock_from for each in running if each.urgency.rank == most)

    @property
    def holders(self) -> set[int]:
        """Who took something of it."""
        return {each.alert.acknowledged_by for each in self.met if each.alert.acknowledged_by}


def unresolved(
    session: Session, site_id: int, *, patient_id: int | None = None
) -> list[PatientAlerts]:
    """What waits for a person: the most urgent first, in it what nobody has taken, in that the
    oldest clock."""
    wanted = select(Alert).where(Alert.site_id == site_id, col(Alert.resolved_at).is_(None))
    if patient_id is not None:
        wanted = wanted.where(Alert.patient_id == patient_id)
    rows = _rows(session, session.exec(wanted).all())
    return sorted(rows, key=lambda row: (row.urgency.rank, row.taken, row.since, row.patient.code))


def resolved(
    session: Session, site_id: int, *, patient_id: int | None = None, limit: int = CLOSED_SHOWN
) -> list[MetRule]:
    """The alerts closed last, the latest first."""
    wanted = select(Alert).where(Alert.site_id == site_id, col(Alert.resolved_at).is_not(None))
    if patient_id is not None:
        wanted = wanted.where(Alert.patient_id == patient_id)
    alerts = session.exec(
        wanted.order_by(col(Alert.resolved_at).desc(), col(Alert.id).desc()).limit(limit)
    ).all()
    return _met(session, alerts)


def waiting_patients(session: Session, site_id: int) -> int:
    """How many patients have an alert that is not resolved."""
    counted = select(func.count(func.distinct(col(Alert.patient_id)))).where(
        Alert.site_id == site_id, col(Alert.resolved_at).is_(None)
    )
    return session.exec(counted).one()


def names_of_staff(session: Session, site_id: int) -> dict[int, str]:
    """Everybody who works or worked at the site, by id."""
    return {
        row.id or 0: row.name for row in session.exec(select(Staff).where(Staff.site_id == site_id))
    }


def _rows(session: Session, alerts: Sequence[Alert]) -> list[PatientAlerts]:
    met: dict[int, list[MetRule]] = defaultdict(list)
    for each in _met(session, alerts):
        met[each.alert.patient_id].append(each)
    patients = (
        session.exec(select(Patient).where(col(Patient.id).in_(list(met)))).all() if met else []
    )
    order = lambda each: (each.urgency.rank, each.alert.clock_from, each.alert.rule)  # noqa: E731
    return [
        PatientAlerts(patient, tuple(sorted(met[patient.id or 0], key=order)))
        for patient in patients
    ]


def _met(session: Session, alerts: Sequence[Alert]) -> list[MetRule]:
    occurrences: dict[int, list[AlertOccurrence]] = defaultdict(list)
    if alerts:
        wanted = select(AlertOccurrence).where(
            col(AlertOccurrence.alert_id).in_([each.id for each in alerts])
        )
        for occurrence in session.exec(
            wanted.order_by(col(AlertOccurrence.at), col(AlertOccurrence.id))
        ):
            occurrences[occurrence.alert_id].append(occurrence)
    last = [each[-1] for each in occurrences.values()]
    sources = sources_of(session, last)
    return [_one(alert, occurrences[alert.id or 0], sources) for alert in alerts]


def _one(alert: Alert, occurrences: list[AlertOccurrence], sources: dict[int, Source]) -> MetRule:
    if not occurrences:
        return MetRule(alert)
    last = occurrences[-1]
    evidence = tuple(
        (item, tuple(value) if isinstance(value, list) else value) for item, value in last.evidence
    )
    return MetRule(
        alert, evidence, tuple(last.tags), len(occurrences), last.at, sources.get(last.id or 0)
    )


def sources_of(session: Session, occurrences: Sequence[AlertOccurrence]) -> dict[int, Source]:
    """The answers behind each occurrence, by its id; one response may have met several rules."""
    answered = _of_responses(
        session, {each.response_id for each in occurrences if each.response_id}
    )
    aside = _of_kept_aside(
        session, {each.kept_aside_id for each in occurrences if each.kept_aside_id}
    )
    found = {
        each.id or 0: answered.get(each.response_id) or aside.get(each.kept_aside_id)
        for each in occurrences
    }
    return {occurrence_id: source for occurrence_id, source in found.items() if source}


def _of_responses(session: Session, ids: set[int]) -> dict[int | None, Source]:
    if not ids:
        return {}
    rows = session.exec(
        select(Response, Evaluation.rule_set)
        .join(Evaluation, col(Evaluation.response_id) == Response.id)
        .where(col(Response.id).in_(ids))
    )
    return {response.id: _source(response, rule_set) for response, rule_set in rows}


def _of_kept_aside(session: Session, ids: set[int]) -> dict[int | None, Source]:
    if not ids:
        return {}
    rows = session.exec(
        select(KeptAside.id, Response, Evaluation.rule_set)
        .join(
            Response,
            (col(Response.assignment_id) == KeptAside.assignment_id) & (col(Response.version) == 1),
        )
        .join(Evaluation, col(Evaluation.kept_aside_id) == KeptAside.id)
        .where(col(KeptAside.id).in_(ids))
    )
    return {kept: _source(first, rule_set, aside=True) for kept, first, rule_set in rows}


def _source(response: Response, rule_set: str, *, aside: bool = False) -> Source:
    return Source(
        instrument=response.instrument,
        instrument_version=response.instrument_version,
        language=response.language,
        rule_set=rule_set,
        assignment_id=response.assignment_id,
        aside=aside,
    )
