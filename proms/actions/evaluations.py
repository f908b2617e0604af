"""Run the rules over a response. A rule that crashes never costs an answer: the nurse is told
instead."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

import structlog
from sqlmodel import Session, col, select

from proms.actions.schedule import personal_facts
from proms.content import Library
from proms.db.queries.history import history_of
from proms.db.tables import Evaluation, Patient, Response
from proms.domain.alert import Breach, RuleSet, Urgency, advice, evaluate
from proms.domain.alert.record import NOT_EVALUATED
from proms.domain.instrument import Answers, Instrument
from proms.domain.response import Document, answers_of
from proms.domain.schedule import treatment_facts

log = structlog.get_logger()


class Case(Protocol):
    """Whose answers, with which content, when."""

    @property
    def session(self) -> Session: ...
    @property
    def library(self) -> Library: ...
    @property
    def patient(self) -> Patient: ...
    @property
    def today(self) -> date: ...


@dataclass(frozen=True)
class Evaluated:
    """What the rules made of some answers, in the context as it was."""

    rule_set: str
    facts: dict[str, Any]
    breaches: tuple[Breach, ...]
    advice: tuple[str, ...]
    failed: bool = False

    @property
    def red(self) -> bool:
        return any(breach.urgency is Urgency.RED for breach in self.breaches)


COULD_NOT = Breach(rule=NOT_EVALUATED, urgency=Urgency.RED, evidence=(), tags=())


def evaluate_answers(case: Case, instrument: Instrument, answers: Answers) -> Evaluated:
    """The breaches of these answers; an instrument without rules has none, and a crash is itself a
    red breach."""
    library = case.library
    if not library.has_rules(instrument.code):
        return Evaluated("", patient_facts(case) if instrument.conditional else {}, (), ())
    rule_set = library.rules(instrument.code)
    name = f"{rule_set.instrument} {rule_set.version}"
    known: dict[str, Any] = {}
    try:
        known = patient_facts(case)
        breaches = evaluate(rule_set, answers, facts=known)
        told = advice(rule_set, breaches, answers)
    except Exception as error:  # noqa: BLE001  (decision 15: a response is stored whatever a rule does)
        log.error("evaluation_failed", rule_set=name, error=type(error).__name__)
        return Evaluated(name, known, (COULD_NOT,), (), failed=True)
    level = {"level": breaches[0].urgency.value} if breaches else {}
    return Evaluated(name, {**known, **level}, breaches, told)


def patient_facts(case: Case) -> dict[str, Any]:
    """What rules and conditional items may ask about a patient today."""
    patient = case.patient
    protocol = case.library.protocol(patient.protocol, patient.protocol_version)
    return {
        **personal_facts(patient),
        **treatment_facts(protocol, history_of(case.session, patient), case.today),
    }


def as_worded(case: Case, instrument: Instrument, held: Document, document: Document) -> Document:
    """The document without answers to other words: what she said of her stoma bag is no answer
    without one."""
    if not any(item.variants for item in instrument.items):
        return document
    gone = instrument.reworded(patient_facts(case), answers_of(held), answers_of(document))
    return {
        code: entry
        for code, entry in document.items()
        if code not in gone or entry != held.get(code)
    }


def store_evaluation(
    session: Session, evaluated: Evaluated, source: dict[str, int], now: datetime
) -> None:
    """Keep what was evaluated beside the answers, in the running transaction."""
    if not evaluated.rule_set:
        return
    session.add(
        Evaluation(
            rule_set=evaluated.rule_set,
            facts=evaluated.facts,
            breaches=[_written(breach) for breach in evaluated.breaches],
            failed=evaluated.failed,
            evaluated_at=now,
            **source,
        )
    )


def stored(session: Session, library: Library, response: Response) -> Evaluated:
    """What the patient was told after this response, from the evaluation stored with it."""
    row = session.exec(
        select(Evaluation).where(Evaluation.response_id == response.id).order_by(col(Evaluation.id))
    ).first()
    if row is None:
        return Evaluated("", {}, (), ())
    breaches = tuple(_read(each) for each in row.breaches)
    rule_set: RuleSet = library.rules(response.instrument, row.rule_set.split(" ")[-1])
    told = () if row.failed else advice(rule_set, breaches, answers_of(response.document))
    return Evaluated(row.rule_set, row.facts, breaches, told, row.failed)


def _written(breach: Breach) -> dict[str, Any]:
    evidence = [
        [item, list(value) if isinstance(value, tuple) else value]
        for item, value in breach.evidence
    ]
    return {
        "rule": breach.rule,
        "urgency": breach.urgency.value,
        "evidence": evidence,
        "tags": list(breach.tags),
    }


def _read(row: dict[str, Any]) -> Breach:
    evidence = tuple(
        (item, tuple(value) if isinstance(value, list) else value)
        for item, value in row["evidence"]
    )
    return Breach(
        rule=row["rule"],
        urgency=Urgency(row["urgency"]),
        evidence=evidence,
        tags=tuple(row["tags"]),
    )
