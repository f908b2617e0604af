"""Run the rules over a response. A rule that crashes never costs an answer: the nurse is told
instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from typing import Protocol as Shape

import structlog
from sqlmodel import Session, col, select

from proms.actions.schedule import zone_of
from proms.content import Library
from proms.db.queries.expected_levels import expected_levels_on
from proms.db.queries.history import history_of
from proms.db.queries.sites import site_values_on
from proms.db.tables import Evaluation, Patient, Response
from proms.domain.alert import Breach, EarlierReports, RuleSet, Urgency, advice, judge
from proms.domain.alert.record import NOT_EVALUATED
from proms.domain.alert.rule import Evidence
from proms.domain.alert_policy import ALERTS_ON, AlertPolicy
from proms.domain.instrument import LEVEL, Answers, ConditionContext, Earlier, Instrument, Item
from proms.domain.protocol import Protocol
from proms.domain.response import Document, answers_of
from proms.domain.schedule import History, treatment_began, treatment_facts

log = structlog.get_logger()


class Case(Shape):
    """Whose answers, with which content, when."""

    @property
    def session(self) -> Session: ...

    @property
    def library(self) -> Library: ...

    @property
    def patient(self) -> Patient: ...

    @property
    def now(self) -> datetime: ...

    @property
    def today(self) -> date: ...


@dataclass(frozen=True)
class PatientOn:
    """A patient on a day, without answers yet: what she would be asked then."""

    session: Session
    library: Library
    patient: Patient
    now: datetime
    today: date


class Record(NamedTuple):
    """The protocol a patient is under, and what has happened to her."""

    protocol: Protocol
    history: History


class EarlierResponses(NamedTuple):
    """The responses that a report was compared with, as far as there were any."""

    previous: Response | None = None
    baseline: Response | None = None

    @property
    def reports(self) -> EarlierReports:
        """Their answers."""
        return EarlierReports(*(answers_of(row.document) if row else {} for row in self))


NONE_EARLIER = EarlierResponses()


@dataclass(frozen=True)
class Evaluated:
    """What the rules made of some answers, in the context as it was."""

    rule_set: str
    facts: dict[str, Any]
    breaches: tuple[Breach, ...]
    advice: tuple[str, ...]
    failed: bool = False
    earlier: EarlierResponses = NONE_EARLIER
    expected: Mapping[str, int] = field(default_factory=dict)
    policy: AlertPolicy = ALERTS_ON

    @property
    def red(self) -> bool:
        return bool(self.red_breaches)

    @property
    def red_breaches(self) -> tuple[Breach, ...]:
        return tuple(breach for breach in self.breaches if breach.urgency is Urgency.RED)


COULD_NOT = Breach(rule=NOT_EVALUATED, urgency=Urgency.RED, evidence=(), tags=())


def evaluate_answers(case: Case, instrument: Instrument, answers: Answers) -> Evaluated:
    """The breaches of these answers; an instrument without rules has none, and a crash is itself a
    red breach."""
    library = case.library
    if not library.has_rules(instrument.code):
        return Evaluated("", _facts_if_needed(case, instrument), (), ())
    rule_set = library.rules(instrument)
    # What was known when a rule crashed is stored too: nothing, if it was the facts that failed.
    seen = Evaluated(rule_set.name, {}, (COULD_NOT,), (), failed=True)
    try:
        record = _record_of(case)
        policy = record.protocol.alert_policy(record.history.arm, instrument.code)
        seen = replace(seen, policy=policy, facts=_facts(case, record))
        levels = expected_levels_on(case.session, case.patient.id, instrument.code, case.today)
        earlier = earlier_responses(case, instrument, rule_set, record)
        seen = replace(seen, earlier=earlier, expected=levels)
        breaches, level, given = judge(
            rule_set, instrument, answers, seen.facts, earlier=earlier.reports, expected=levels
        )
        advised = advice(rule_set, _as_promised(breaches, str(policy)), given)
    except Exception as error:  # noqa: BLE001  (the answers are kept whatever a rule does)
        log.error("evaluation_failed", rule_set=rule_set.name, error=type(error).__name__)
        return seen
    facts = seen.facts
    if level:
        # Conditional items may ask how urgent it is.
        facts = {**facts, LEVEL: level.value}
    return replace(seen, facts=facts, breaches=breaches, advice=advised, failed=False)


def _as_promised(breaches: tuple[Breach, ...], policy: str) -> tuple[Breach, ...]:
    """The breaches as the patient's page speaks of them: where no alert comes at once, nobody may
    promise her a call."""
    if policy == str(ALERTS_ON):
        return breaches
    return tuple(
        replace(breach, urgency=Urgency.INFO) if breach.urgency is Urgency.AMBER else breach
        for breach in breaches
    )


def asked_of_her(
    instrument: Instrument, evaluated: Evaluated, answers: Answers
) -> tuple[Item, ...]:
    """The items that these answers answer, each in its variant; where the rules crashed nobody
    knows what was asked, and whatever she answered counts."""
    asked = instrument.asked(evaluated.facts, answers)
    if not evaluated.failed:
        return asked
    known = {item.code: item for item in asked}
    wanted = [item for item in instrument.items if item.code in known or item.code in answers]
    context = ConditionContext(answers=answers, facts=evaluated.facts)
    return tuple(known.get(item.code, item.as_asked(context)) for item in wanted)


def _facts_if_needed(case: Case, instrument: Instrument) -> dict[str, Any]:
    """The facts that conditional items ask about; an instrument without any saves the reading."""
    if not instrument.conditional:
        return {}
    return patient_facts(case)


def patient_facts(case: Case) -> dict[str, Any]:
    """What rules and conditional items may ask about a patient, as it is on the day of the
    answers."""
    return _facts(case, _record_of(case))


def _record_of(case: Case) -> Record:
    patient = case.patient
    protocol = case.library.protocol(patient.protocol, patient.protocol_version)
    return Record(protocol, history_of(case.session, patient))


def _facts(case: Case, record: Record) -> dict[str, Any]:
    protocol, history = record
    return {
        **history.facts_on(case.today),
        **treatment_facts(protocol, history, case.today),
        **site_values_on(case.session, protocol, case.patient.site_id, case.today),
    }


def earlier_responses(
    case: Case, instrument: Instrument, rule_set: RuleSet, record: Record
) -> EarlierResponses:
    """The reports that this rule set compares with: the latest of whatever kind within its days,
    and the latest from before the day treatment began; of what has come in by now, by the day of
    the answers."""
    spans: dict[Earlier, tuple[date, date]] = {}
    if Earlier.PREVIOUS in rule_set.looks_at and rule_set.previous_days:
        first = case.today - timedelta(days=rule_set.previous_days)
        spans[Earlier.PREVIOUS] = (first, case.today)
    if Earlier.BASELINE in rule_set.looks_at:
        began = treatment_began(*record)
        last = min(case.today, began - timedelta(days=1)) if began else case.today
        spans[Earlier.BASELINE] = (date.min, last)
    if not spans:
        return NONE_EARLIER
    dated = _dated(case, instrument)
    latest: dict[Earlier, int] = {}
    for report, (first, last) in spans.items():
        within = [id for day, id in dated if first <= day <= last]
        if within:
            latest[report] = within[-1]
    return _read_together(case.session, latest)


def _dated(case: Case, instrument: Instrument) -> list[tuple[date, int]]:
    """The day of every response so far with its id, the earliest answers first; a corrected
    response counts as it is now."""
    rows = case.session.exec(
        select(Response.id, Response.submitted_at, col(Response.source_on))
        .where(
            Response.patient_id == case.patient.id,
            Response.instrument == instrument.code,
            Response.submitted_at < case.now,
        )
        .order_by(col(Response.submitted_at), col(Response.version))
    ).all()
    zone = zone_of(case.session, case.patient)
    dated = [(source_on or at.astimezone(zone).date(), id) for id, at, source_on in rows]
    return sorted(dated, key=lambda row: row[0])


def _read_together(session: Session, latest: Mapping[Earlier, int]) -> EarlierResponses:
    """The responses with these ids, in one statement."""
    if not latest:
        return NONE_EARLIER
    rows = session.exec(select(Response).where(col(Response.id).in_(set(latest.values()))))
    by_id = {response.id: response for response in rows}
    return EarlierResponses(**{report.value: by_id[id] for report, id in latest.items()})


def as_worded(case: Case, instrument: Instrument, before: Document, document: Document) -> Document:
    """The document without answers to other words: what she said of her stoma bag is no answer
    without one.

    `before` is the draft as it was, `document` as it is to be.
    """
    if not any(item.variants for item in instrument.items):
        return document
    reworded = instrument.reworded(patient_facts(case), answers_of(before), answers_of(document))
    # An entry that came in now was read in the new words, and stays.
    return {
        code: entry
        for code, entry in document.items()
        if code not in reworded or entry != before.get(code)
    }


def store_evaluation(
    session: Session, evaluated: Evaluated, source: Mapping[str, int], now: datetime
) -> Evaluation | None:
    """Keep what was evaluated beside the answers, in the running transaction; None where no rules
    look."""
    if not evaluated.rule_set:
        return None
    row = Evaluation(
        rule_set=evaluated.rule_set,
        facts=evaluated.facts,
        previous_id=_id_of(evaluated.earlier.previous),
        baseline_id=_id_of(evaluated.earlier.baseline),
        expected=dict(evaluated.expected),
        policy=str(evaluated.policy),
        breaches=[stored_breach(breach) for breach in evaluated.breaches],
        failed=evaluated.failed,
        evaluated_at=now,
        **source,
    )
    session.add(row)
    return row


def _id_of(response: Response | None) -> int | None:
    return response.id if response else None


def stored(session: Session, library: Library, response: Response) -> Evaluated:
    """What the patient was told after this response, from the evaluation stored with it."""
    row = session.exec(
        select(Evaluation).where(Evaluation.response_id == response.id).order_by(col(Evaluation.id))
    ).first()
    if row is None:
        return Evaluated("", {}, (), ())
    breaches = tuple(breach_from(document) for document in row.breaches)
    if row.failed:
        return Evaluated(row.rule_set, row.facts, breaches, (), failed=True)
    rule_set = library.rule_set_named(row.rule_set)
    promised = _as_promised(breaches, row.policy or str(ALERTS_ON))
    advised = advice(rule_set, promised, answers_of(response.document))
    return Evaluated(row.rule_set, row.facts, breaches, advised)


def told_unsent(session: Session, draft_id: int) -> dict[str, Evidence]:
    """What was made of a form's answers before it was sent, by rule, as it was found last."""
    rows = session.exec(
        select(Evaluation.breaches)
        .where(Evaluation.draft_id == draft_id)
        .order_by(col(Evaluation.id))
    )
    found = [breach_from(document) for breaches in rows for document in breaches]
    return {breach.rule: breach.evidence for breach in found}


def stored_evidence(breach: Breach) -> list[list[Any]]:
    """A breach's evidence as it is stored: JSON has lists where we have tuples."""
    evidence: list[list[Any]] = []
    for item, value in breach.evidence:
        stored_value = list(value) if isinstance(value, tuple) else value
        evidence.append([item, stored_value])
    return evidence


def stored_breach(breach: Breach) -> dict[str, Any]:
    return {
        "rule": breach.rule,
        "urgency": breach.urgency.value,
        "evidence": stored_evidence(breach),
        "tags": list(breach.tags),
    }


def evidence_from(stored_values: Sequence[Any]) -> Evidence:
    """The evidence that `stored_evidence` wrote."""
    return tuple(
        (item, tuple(value) if isinstance(value, list) else value) for item, value in stored_values
    )


def breach_from(document: dict[str, Any]) -> Breach:
    """The breach that `stored_breach` wrote."""
    return Breach(
        rule=document["rule"],
        urgency=Urgency(document["urgency"]),
        evidence=evidence_from(document["evidence"]),
        tags=tuple(document["tags"]),
    )
