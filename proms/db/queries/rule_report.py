"""The alerts of a month at a site, and what the rules made of every report, for the trial's own
report."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from proms.db.tables import (
    Alert,
    AlertOccurrence,
    Evaluation,
    Patient,
    Response,
    Site,
)
from proms.domain.alert.record import Resolution
from proms.domain.alert.report import Handled


def raised_in(session: Session, site: Site, month: date) -> list[Handled]:
    """The alerts raised at a site in a month of its own calendar."""
    first, after = _instants(month, ZoneInfo(site.timezone))
    times = (
        select(func.count(col(AlertOccurrence.id)))
        .where(AlertOccurrence.alert_id == Alert.id)
        .scalar_subquery()
    )
    rows = session.exec(
        select(Alert, times).where(
            Alert.site_id == site.id, Alert.raised_at >= first, Alert.raised_at < after
        )
    )
    return [_handled(alert, count) for alert, count in rows]


def _handled(alert: Alert, times: int) -> Handled:
    resolution = Resolution(alert.resolution) if alert.resolution else None
    return Handled(alert.rule, times, alert.raised_at, alert.resolved_at, resolution)


def _instants(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    first = month.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return datetime.combine(first, time(), zone), datetime.combine(following, time(), zone)


@dataclass(frozen=True)
class Logged:
    """One report that met a rule, and what the policy of the patient's arm did with it."""

    evaluated_at: datetime
    site: str
    patient: str
    instrument: str
    rule_set: str
    policy: str
    breaches: list[Any]


def evaluations_with_breaches(session: Session) -> Iterator[Logged]:
    """Every stored evaluation of a response that met a rule, in order of time, some at a time."""
    rows = session.exec(
        select(Evaluation, Site.code, Patient.code, Response.instrument)
        .join(Response, col(Response.id) == Evaluation.response_id)
        .join(Patient, col(Patient.id) == Response.patient_id)
        .join(Site, col(Site.id) == Patient.site_id)
        .order_by(col(Evaluation.id))
        .execution_options(yield_per=500)
    )
    for evaluation, site, patient, instrument in rows:
        if evaluation.breaches:
            yield Logged(
                evaluation.evaluated_at,
                site,
                patient,
                instrument,
                evaluation.rule_set,
                evaluation.policy or "on",
                evaluation.breaches,
            )
