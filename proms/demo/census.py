"""What a simulated trial came to, in counts: patients, assignments, responses, messages, alerts,
completion."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import Session, col

from proms.db.tables import (
    Alert,
    Assignment,
    AuditEntry,
    CycleVersion,
    Delivery,
    MessageDecision,
    MilestoneVersion,
    Patient,
    Response,
)
from proms.domain.protocol import Protocol
from proms.domain.schedule import AssignmentState, CycleStatus

EXPECTED = (AssignmentState.ANSWERED, AssignmentState.MISSED)
NUMBERED = re.compile(r"\d+$")


class CensusLine(NamedTuple):
    """What is counted: a kind of thing, which of them, which sort, in which state."""

    what: str
    which: str = ""
    sort: str = ""
    state: str = ""


Lines = Iterator[tuple[CensusLine, int]]


def census(session: Session, protocol: Protocol) -> Counter[CensusLine]:
    """Every count of one site's database; the counts of sites add up to the trial's."""
    counted: Counter[CensusLine] = Counter()
    for part in (_patients, _history, _assignments, _responses, _messages, _alerts, _completion):
        for line, count in part(session, protocol):
            counted[line] += count
    return counted


def _patients(session: Session, _: Protocol) -> Lines:
    for arm, status, count in _grouped(session, col(Patient.arm), col(Patient.status)):
        allocation = f"arm {arm}" if arm else "not randomised"
        yield CensusLine("patients", allocation, "", status), count


def _history(session: Session, _: Protocol) -> Lines:
    """Cycles as they came out; a version on top of the planned and the recorded one is a
    correction."""
    cycles = _grouped(
        session,
        col(CycleVersion.component),
        col(CycleVersion.status),
        col(CycleVersion.day_1) > col(CycleVersion.planned),
        col(CycleVersion.version) > 2,
        col(CycleVersion.dose_percent) < 100,
    )
    for component, status, late, corrected, reduced, count in cycles:
        if status == CycleStatus.PLANNED:
            continue
        if corrected:
            line = CensusLine("cycles", component, "", "corrected")
        elif late:
            line = CensusLine("cycles", component, "late", status)
        elif reduced:
            line = CensusLine("cycles", component, "reduced", status)
        else:
            line = CensusLine("cycles", component, "", status)
        yield line, count
    for kind, count in _grouped(
        session, col(MilestoneVersion.kind), among=col(MilestoneVersion.version) == 1
    ):
        yield CensusLine("milestones", kind), count
    for verb, count in _grouped(session, col(AuditEntry.verb)):
        yield CensusLine("audit", verb), count


def _assignments(session: Session, _: Protocol) -> Lines:
    columns = (col(Assignment.event), col(Assignment.instrument), col(Assignment.state))
    for event, instrument, state, count in _grouped(session, *columns):
        yield CensusLine("assignments", NUMBERED.sub("", event), instrument, state), count


def _responses(session: Session, protocol: Protocol) -> Lines:
    columns = (col(Response.instrument), col(Response.late), col(Assignment.event))
    for instrument, late, event, count in _grouped(session, *columns, among=_first_versions()):
        if event in protocol.unscheduled:
            state = "extra"
        elif late:
            state = "late"
        else:
            state = "in window"
        yield CensusLine("responses", instrument, "", state), count


def _messages(session: Session, _: Protocol) -> Lines:
    decided = (col(MessageDecision.kind), col(MessageDecision.verdict), col(MessageDecision.reason))
    for kind, verdict, reason, count in _grouped(session, *decided):
        yield CensusLine("messages decided", kind, verdict, reason or ""), count
    for kind, channel, state, count in _grouped(
        session, col(Delivery.kind), col(Delivery.channel), col(Delivery.state)
    ):
        yield CensusLine("deliveries", kind, channel, state), count


def _alerts(session: Session, _: Protocol) -> Lines:
    for rule, urgency, state, count in _grouped(
        session, col(Alert.rule), col(Alert.urgency), col(Alert.state)
    ):
        yield CensusLine("alerts", rule, urgency, state), count


def _completion(session: Session, protocol: Protocol) -> Lines:
    """Of what was expected at a moment, how much came in its window."""
    asked = (col(Assignment.event), col(Assignment.instrument))
    expected = col(Assignment.state).in_(EXPECTED)
    in_window = _first_versions() & ~col(Response.late)
    for state, among in (("expected", expected), ("in window", in_window)):
        for event, instrument, count in _grouped(session, *asked, among=among):
            if event not in protocol.unscheduled:
                yield CensusLine("completion", _moment(protocol, event), instrument, state), count


def _first_versions() -> ColumnElement[bool]:
    """Each response as it was first sent, joined with its assignment."""
    return and_(col(Response.assignment_id) == Assignment.id, col(Response.version) == 1)


def _grouped(session: Session, *columns: Any, among: Any = None) -> Iterator[tuple[Any, ...]]:
    """Each combination of these columns that there is, and how many rows have it."""
    counted = select(*columns, func.count()).group_by(*columns)
    if among is not None:
        counted = counted.where(among)
    for row in session.execute(counted):
        yield tuple(row)


def _moment(protocol: Protocol, code: str) -> str:
    """The event itself, or what it is a step of."""
    for event in protocol.events:
        if event.names(code):
            return event.code
    return code
