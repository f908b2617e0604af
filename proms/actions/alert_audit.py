"""An auditor that trusts nobody: it works out again what was evaluated of late, and looks whether
each breach became an alert."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from proms.actions.audit import WORKER
from proms.actions.delayed_alerts import source_of
from proms.actions.evaluations import COULD_NOT, breach_from, stored_breach
from proms.actions.operator_warnings import warn
from proms.actions.set_aside import Attempt, Unit, each_apart
from proms.content import Library
from proms.db.queries.set_aside import not_aside
from proms.db.tables import (
    Alert,
    AlertOccurrence,
    DelayedAlerts,
    Evaluation,
    KeptAside,
    Response,
)
from proms.domain.alert import Breach, EarlierReports, judge
from proms.domain.alert.expectation import EXPECTED
from proms.domain.response import Document, answers_of, unasked_of
from proms.domain.score import Warned
from proms.domain.tick import USUAL, TickName, Tries

WATCHED = timedelta(days=14)
AT_ONCE = 1_000
Documents = Mapping[int | None, Document]


class Round(NamedTuple):
    """How far the auditor got: the last evaluation looked at, how many, how many were wrong."""

    last: int
    looked_at: int
    wrong: int


class Judgement(NamedTuple):
    """An evaluation with the answers it was made of (None: a draft, which changes) and the response
    they belong to."""

    evaluation: Evaluation
    document: Document | None
    instrument: tuple[str, str] | None
    response_id: int | None
    patient_id: int | None


def audit_alerts(
    session: Session, library: Library, *, after: int, now: datetime, tries: Tries = USUAL
) -> Round:
    """Look at the evaluations of the last 14 days that follow `after`, as many as go at once, and
    warn the operator of each that comes out otherwise or whose alert is not there."""
    judgements = _judgements(session, after, now)
    if not judgements:
        return Round(0, 0, 0)
    earlier = _documents(session, judgements)
    raised = _raised(session, judgements)
    waiting = _waiting(session, judgements)
    wrong_ones: dict[int, int] = {}  # the response by evaluation

    def look_at_all(some: list[Judgement]) -> None:
        for judgement in some:
            evaluation = judgement.evaluation
            lacks_alert = evaluation.id not in waiting and _lacks_alert(evaluation, raised)
            if lacks_alert or _differs(library, judgement, earlier):
                wrong_ones[evaluation.id] = judgement.response_id or 0

    units = [
        Unit(judgement.evaluation.id, judgement, patient_id=judgement.patient_id)
        for judgement in judgements
    ]
    each_apart(session, units, look_at_all, Attempt(TickName.AUDIT, now, tries))
    wrong = list(wrong_ones.values())
    warn(session, Warned.ALERTS_DIFFER, responses=wrong, by=WORKER, now=now)
    session.commit()
    return Round(judgements[-1].evaluation.id, len(judgements), len(wrong))


def _judgements(session: Session, after: int, now: datetime) -> list[Judgement]:
    rows = session.exec(
        select(Evaluation, Response, KeptAside)
        .join(Response, col(Response.id) == Evaluation.response_id, isouter=True)
        .join(KeptAside, col(KeptAside.id) == Evaluation.kept_aside_id, isouter=True)
        .where(
            col(Evaluation.id) > after,
            col(Evaluation.evaluated_at) > now - WATCHED,
            not_aside(TickName.AUDIT, Evaluation.id, now),
        )
        .order_by(col(Evaluation.id))
        .limit(AT_ONCE)
    ).all()
    firsts = _first_responses(session, [aside.assignment_id for _, _, aside in rows if aside])
    judgements = []
    for evaluation, own, aside in rows:
        response: Response | None = own
        document = own.document if own else None
        if aside:
            # What was kept aside is read as the response that was there first.
            response, document = firsts.get(aside.assignment_id), aside.document
        instrument = (response.instrument, response.instrument_version) if response else None
        response_id = response.id if response else None
        patient_id = aside.patient_id if aside else own.patient_id if own else None
        judgements.append(Judgement(evaluation, document, instrument, response_id, patient_id))
    return judgements


def _first_responses(session: Session, assignment_ids: list[int]) -> dict[int, Response]:
    if not assignment_ids:
        return {}
    rows = session.exec(
        select(Response).where(
            col(Response.assignment_id).in_(assignment_ids), Response.version == 1
        )
    )
    return {row.assignment_id: row for row in rows}


def _documents(session: Session, judgements: Iterable[Judgement]) -> Documents:
    """Every earlier report that was compared with, by response; an empty one for None."""
    ids: set[int] = set()
    for judgement in judgements:
        evaluation = judgement.evaluation
        ids |= {id for id in (evaluation.previous_id, evaluation.baseline_id) if id}
    rows = session.exec(select(Response.id, Response.document).where(col(Response.id).in_(ids)))
    found: dict[int | None, Any] = {None: {}, **{id: document for id, document in rows}}
    return found


def _raised(session: Session, judgements: Iterable[Judgement]) -> set[tuple[str, int | None, str]]:
    """Of which answers each rule has an alert: source column, its id, rule."""
    found = set()
    for column in ("response_id", "kept_aside_id", "draft_id"):
        ids = {getattr(judgement.evaluation, column) for judgement in judgements} - {None}
        if not ids:
            continue
        source = col(getattr(AlertOccurrence, column))
        rows = session.exec(
            select(source, Alert.rule)
            .join(Alert, col(Alert.id) == AlertOccurrence.alert_id)
            .where(source.in_(ids))
        )
        found |= {(column, id, rule) for id, rule in rows}
    return found


def _waiting(session: Session, judgements: Iterable[Judgement]) -> set[int]:
    """The evaluations whose alerts are not to come yet."""
    ids = [judgement.evaluation.id for judgement in judgements]
    return set(
        session.exec(
            select(DelayedAlerts.evaluation_id).where(
                col(DelayedAlerts.evaluation_id).in_(ids), col(DelayedAlerts.raised_at).is_(None)
            )
        )
    )


def _lacks_alert(evaluation: Evaluation, raised: set[tuple[str, int | None, str]]) -> bool:
    """Whether a breach that was to raise an alert has none."""
    if evaluation.policy == "off":
        return False
    ((column, source_id),) = source_of(evaluation).items()
    for stored in evaluation.breaches:
        breach = breach_from(stored)
        if EXPECTED not in breach.tags and (column, source_id, breach.rule) not in raised:
            return True
    return False


def _differs(library: Library, judgement: Judgement, earlier: Documents) -> bool:
    """Whether the rules make something else of the same answers now, in the circumstances as they
    were stored."""
    evaluation, document = judgement.evaluation, judgement.document
    if document is None or judgement.instrument is None:
        return False
    stored = [stored_breach(breach_from(each)) for each in evaluation.breaches]
    if evaluation.failed:
        return stored != [stored_breach(COULD_NOT)]
    return stored != [stored_breach(breach) for breach in _again(library, judgement, earlier)]


def _again(library: Library, judgement: Judgement, earlier: Documents) -> tuple[Breach, ...]:
    evaluation = judgement.evaluation
    document, (code, version) = judgement.document or {}, judgement.instrument or ("", "")
    facts = {fact: value for fact, value in evaluation.facts.items() if fact != "level"}
    reports = EarlierReports(
        answers_of(earlier.get(evaluation.previous_id, {})),
        answers_of(earlier.get(evaluation.baseline_id, {})),
    )
    return judge(
        library.rule_set_named(evaluation.rule_set),
        library.instrument(code, version),
        {**answers_of(document), **unasked_of(document)},
        facts,
        earlier=reports,
        expected=evaluation.expected or {},
    ).breaches
