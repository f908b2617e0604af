"""The worklist: a row a patient, with what was met, who has it and since when; and the figures
beside it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from proms.db.tables import (
    Alert,
    AlertOccurrence,
    Assignment,
    Draft,
    Evaluation,
    KeptAside,
    Patient,
    Response,
)
from proms.domain.alert import Urgency
from proms.domain.alert.record import AlertState
from proms.domain.person import PatientStatus
from proms.domain.response import Document
from proms.domain.schedule import OUTSTANDING

CLOSED_SHOWN = 50
EARLIER = aliased(Response)


@dataclass(frozen=True)
class Source:
    """The answers a rule was met by, and the versions they are read with."""

    instrument: str
    instrument_version: str
    wording_version: str
    document: Document
    language: str
    rule_set: str
    assignment_id: int
    aside: bool = False
    unsent: bool = False
    previous: Mapping[str, Any] | None = None  # the report it was compared with


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
        return tuple(met for met in self.met if met.alert.state == AlertState.OPEN)

    @property
    def taken(self) -> bool:
        return not self.waiting

    @property
    def since(self) -> datetime:
        """When the oldest clock of the row's urgency that still runs was started."""
        # Once everything is taken all clocks count, else only those nobody has answered to.
        running = self.waiting or self.met
        most_urgent = min(met.urgency.rank for met in running)
        return min(met.alert.clock_from for met in running if met.urgency.rank == most_urgent)

    @property
    def says_waiting(self) -> bool | None:
        """What the patient said of waiting: False where any of it cannot, None where she said
        nothing."""
        return min(
            (met.alert.can_wait for met in self.met if met.alert.can_wait is not None), default=None
        )

    @property
    def cannot_wait(self) -> bool:
        return self.says_waiting is False

    @property
    def holders(self) -> set[int]:
        """Who took something of it."""
        return {met.alert.acknowledged_by for met in self.met if met.alert.acknowledged_by}


def unresolved(
    session: Session, site_id: int, *, patient_id: int | None = None
) -> list[PatientAlerts]:
    """What waits for a person: the most urgent first, in it what nobody has taken, in that what the
    patient says cannot wait, then the oldest clock."""
    wanted = select(Alert).where(Alert.site_id == site_id, col(Alert.resolved_at).is_(None))
    if patient_id is not None:
        wanted = wanted.where(Alert.patient_id == patient_id)
    rows = _rows(session, session.exec(wanted).all())
    return sorted(rows, key=_order)


def _order(row: PatientAlerts) -> tuple[int, bool, bool, datetime, str]:
    return row.urgency.rank, row.taken, not row.cannot_wait, row.since, row.patient.code


def resolved(session: Session, site_id: int, *, limit: int = CLOSED_SHOWN) -> list[MetRule]:
    """The alerts closed last, the latest first."""
    wanted = select(Alert).where(Alert.site_id == site_id, col(Alert.resolved_at).is_not(None))
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


def patients_waiting(session: Session, site_id: int, urgency: Urgency) -> int:
    """How many patients have an alert of this urgency that nobody has taken."""
    counted = select(func.count(func.distinct(col(Alert.patient_id)))).where(
        Alert.site_id == site_id, Alert.state == AlertState.OPEN, Alert.urgency == urgency
    )
    return session.exec(counted).one()


def not_in_yet(session: Session, site_id: int, *, now: datetime) -> int:
    """How many patients have questions open now that they have not sent."""
    counted = (
        select(func.count(func.distinct(col(Assignment.patient_id))))
        .join(Patient, col(Patient.id) == Assignment.patient_id)
        .where(
            Patient.site_id == site_id,
            Patient.status == PatientStatus.ACTIVE,
            col(Assignment.state).in_(OUTSTANDING),
            col(Assignment.opens_at) <= now,
            col(Assignment.closes_at) > now,
        )
    )
    return session.exec(counted).one()


def codes_of(session: Session, patient_ids: Collection[int]) -> dict[int, str]:
    """Study codes by patient id."""
    rows = session.exec(
        select(Patient.id, Patient.code).where(col(Patient.id).in_(list(patient_ids)))
    )
    return {patient_id or 0: code for patient_id, code in rows}


def _rows(session: Session, alerts: Sequence[Alert]) -> list[PatientAlerts]:
    """A row for each patient these alerts are of, in no order of its own."""
    if not alerts:
        return []
    by_patient: dict[int, list[MetRule]] = defaultdict(list)
    for met in _met(session, alerts):
        by_patient[met.alert.patient_id].append(met)
    patients = session.exec(select(Patient).where(col(Patient.id).in_(list(by_patient))))
    return [
        PatientAlerts(patient, tuple(sorted(by_patient[patient.id or 0], key=_order_in_row)))
        for patient in patients
    ]


def _order_in_row(met: MetRule) -> tuple[int, datetime, str]:
    return met.urgency.rank, met.alert.clock_from, met.alert.rule


def _met(session: Session, alerts: Sequence[Alert]) -> list[MetRule]:
    occurrences = _occurrences(session, alerts)
    # The page shows the answers that met a rule last; of the earlier ones only how many there were.
    last = [of_alert[-1] for of_alert in occurrences.values()]
    sources = sources_of(session, last)
    return [_met_rule(alert, occurrences.get(alert.id or 0, []), sources) for alert in alerts]


def _occurrences(session: Session, alerts: Sequence[Alert]) -> dict[int, list[AlertOccurrence]]:
    """By alert id, each list in order of time; an alert that has none is left out."""
    if not alerts:
        return {}
    alert_ids = [alert.id for alert in alerts]
    rows = session.exec(
        select(AlertOccurrence)
        .where(col(AlertOccurrence.alert_id).in_(alert_ids))
        .order_by(col(AlertOccurrence.at), col(AlertOccurrence.id))
    )
    by_alert: dict[int, list[AlertOccurrence]] = defaultdict(list)
    for occurrence in rows:
        by_alert[occurrence.alert_id].append(occurrence)
    return by_alert


def _met_rule(
    alert: Alert, occurrences: Sequence[AlertOccurrence], sources: dict[int, Source]
) -> MetRule:
    if not occurrences:
        return MetRule(alert)
    last = occurrences[-1]
    return MetRule(
        alert,
        evidence=tuple((item, _value(stored)) for item, stored in last.evidence),
        tags=tuple(last.tags),
        times=len(occurrences),
        last_at=last.at,
        source=sources.get(last.id or 0),
    )


def _value(stored: Any) -> Any:
    """An answer as the domain has it: JSON knows no tuples, in which ticked options stand."""
    if isinstance(stored, list):
        return tuple(stored)
    return stored


def sources_of(session: Session, occurrences: Sequence[AlertOccurrence]) -> dict[int, Source]:
    """The answers behind each occurrence, by its id; one response may have met several rules."""
    response_ids = {row.response_id for row in occurrences if row.response_id}
    aside_ids = {row.kept_aside_id for row in occurrences if row.kept_aside_id}
    of_responses = _of_responses(session, response_ids)
    of_kept_aside = _of_kept_aside(session, aside_ids)
    of_drafts = _of_drafts(session, {row.draft_id for row in occurrences if row.draft_id})
    sources = {}
    for occurrence in occurrences:
        # A rule was met by one of the three.
        source = (
            of_responses.get(occurrence.response_id)
            or of_kept_aside.get(occurrence.kept_aside_id)
            or of_drafts.get(occurrence.draft_id)
        )
        if source is not None:
            sources[occurrence.id or 0] = source
    return sources


def _of_responses(session: Session, ids: set[int]) -> dict[int | None, Source]:
    if not ids:
        return {}
    rows = session.exec(
        select(Response, Evaluation.rule_set, EARLIER.document)
        .join(Evaluation, col(Evaluation.response_id) == Response.id)
        .join(EARLIER, col(EARLIER.id) == Evaluation.previous_id, isouter=True)
        .where(col(Response.id).in_(ids))
    )
    return {
        response.id: _source(response, response.document, rule_set, previous)
        for response, rule_set, previous in rows
    }


def _of_kept_aside(session: Session, ids: set[int]) -> dict[int | None, Source]:
    if not ids:
        return {}
    # Answers kept aside have no version or language of their own: they came for the assignment of
    # the response that was there first, and are read as it is.
    rows = session.exec(
        select(KeptAside, Response, Evaluation.rule_set, EARLIER.document)
        .join(
            Response,
            (col(Response.assignment_id) == KeptAside.assignment_id) & (col(Response.version) == 1),
        )
        .join(Evaluation, col(Evaluation.kept_aside_id) == KeptAside.id)
        .join(EARLIER, col(EARLIER.id) == Evaluation.previous_id, isouter=True)
        .where(col(KeptAside.id).in_(ids))
    )
    return {
        kept.id: _source(first, kept.document, rule_set, previous, aside=True)
        for kept, first, rule_set, previous in rows
    }


def _of_drafts(session: Session, ids: set[int]) -> dict[int | None, Source]:
    if not ids:
        return {}
    rows = session.exec(
        select(Draft, Assignment.instrument, Evaluation.rule_set, EARLIER.document)
        .join(Assignment, col(Assignment.id) == Draft.assignment_id)
        .join(Evaluation, col(Evaluation.draft_id) == Draft.id)
        .join(EARLIER, col(EARLIER.id) == Evaluation.previous_id, isouter=True)
        .where(col(Draft.id).in_(ids))
    )
    return {
        draft.id: Source(
            instrument=instrument,
            instrument_version=draft.instrument_version,
            wording_version=draft.wording_version,
            document=draft.document,
            language=draft.language,
            rule_set=rule_set,
            assignment_id=draft.assignment_id,
            unsent=True,
            previous=previous,
        )
        for draft, instrument, rule_set, previous in rows
    }


def _source(
    response: Response,
    document: Document,
    rule_set: str,
    previous: Mapping[str, Any] | None,
    *,
    aside: bool = False,
) -> Source:
    return Source(
        instrument=response.instrument,
        instrument_version=response.instrument_version,
        wording_version=response.wording_version,
        document=document,
        language=response.language,
        rule_set=rule_set,
        assignment_id=response.assignment_id,
        aside=aside,
        previous=previous,
    )
