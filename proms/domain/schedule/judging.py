"""The rows of one patient, judged against what is on record before anything is saved."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from proms.domain.protocol import Protocol
from proms.domain.schedule.amendment import (
    RANDOMISATION,
    Amendment,
    ComponentStopped,
    CycleRecorded,
    MilestoneRecorded,
    RegimenChosen,
    about,
    amended,
    overturns,
)
from proms.domain.schedule.history import About, Cycle, CycleStatus, History, What
from proms.domain.schedule.refusals import new_objections
from proms.domain.schedule.rows import Fault, OnRecord, Row, _l, unknown_words


@dataclass(frozen=True)
class Step:
    """A row that says something new, as the amendment it is; one that overturns what was on record corrects."""

    row: Row
    amendment: Amendment
    corrects: bool


@dataclass(frozen=True)
class Judged:
    """What a patient's rows come to: the steps in the order they are recorded, and what is wrong with them."""

    steps: tuple[Step, ...]
    after: History
    faults: tuple[Fault, ...]


def judge(record: OnRecord, rows: Sequence[Row], *, reason: str | None = None) -> Judged:
    """The rows of one patient, in whatever order they stand; `reason` is that of the whole table.

    The history they lead to is judged as a whole, so that two rows may move two cycles that would be in each other's
    way one by one. What hangs on a row that cannot be read is not judged.
    """
    regimens = _components_with_regimen(record, rows)
    unknown = [fault for row in rows for fault in unknown_words(row, record, regimens)]
    wrong = {fault.line for fault in unknown} | {row.line for row in rows if row.wrong}
    kept, contradicted = _once([row for row in rows if row.line not in wrong], record)
    steps, after = _steps(record, kept)
    unread = {_about(row, record.protocol) for row in rows if row.line in wrong}
    faults = (
        *unknown,
        *contradicted,
        *_unexplained(record, steps, reason),
        *_unsound(record, steps, after, unread),
    )
    return Judged(steps, after, faults)


def amendment_of(row: Row, protocol: Protocol, history: History) -> Amendment:
    """What a row says, on top of what is on record."""
    number = row.number or 1
    match row.what:
        case What.MILESTONE:
            arm = (row.arm or history.arm) if row.kind == RANDOMISATION else None
            return MilestoneRecorded(row.kind, row.on, number, arm)
        case What.REGIMEN:
            return RegimenChosen(protocol.regimens[row.kind].component, row.kind)
        case What.STOP:
            assert row.on is not None
            return ComponentStopped(row.kind, row.on)
        case _:
            return CycleRecorded(_cycle(row, history.cycle(row.kind, number) or Cycle(row.kind, number)))


def _cycle(row: Row, known: Cycle) -> Cycle:
    """An empty cell leaves what is on record; only a cycle that was given keeps its day 1, drugs and dose."""
    status = row.status or (CycleStatus.GIVEN if row.day_1 else known.status)
    kept = known if status is CycleStatus.GIVEN else Cycle(known.component, known.number)
    return Cycle(
        component=known.component,
        number=known.number,
        planned=row.planned or known.planned,
        day_1=row.day_1 or kept.day_1,
        status=status,
        drugs=row.drugs or kept.drugs,
        dose_percent=kept.dose_percent if row.dose_percent is None else row.dose_percent,
        reason=row.reason,
    )


def _steps(record: OnRecord, rows: Iterable[Row]) -> tuple[tuple[Step, ...], History]:
    """The rows that say something new, the arm first, then regimens, then all else by date."""
    history, steps = record.history, []
    said = [(row, amendment_of(row, record.protocol, record.history)) for row in rows]
    for row, amendment in sorted(said, key=lambda each: _turn(each[1])):
        if _says_new(history, amendment):
            steps.append(Step(row, amendment, overturns(record.history, amendment, record.today, record.taken_back)))
            history = amended(history, amendment, record.today)
    return tuple(steps), history


def _turn(amendment: Amendment) -> tuple[int, date, About]:
    """Where in the order it is recorded."""
    match amendment:
        case MilestoneRecorded(kind, on):
            return (0 if kind == RANDOMISATION else 2), on or date.max, about(amendment)
        case RegimenChosen():
            return 1, date.min, about(amendment)
        case ComponentStopped(_component, last_dose):
            return 2, last_dose, about(amendment)
        case CycleRecorded(cycle):
            return 2, cycle.starts or date.max, about(amendment)


def _says_new(history: History, amendment: Amendment) -> bool:
    """Whether it says anything that is not on record; why it was so is not looked at."""
    match amendment:
        case MilestoneRecorded(kind, on, number, arm):
            other_arm = kind == RANDOMISATION and arm != history.arm
            return history.dated(kind).get(number) != on or other_arm
        case RegimenChosen(component, regimen):
            return history.components.get(component) != regimen
        case ComponentStopped(component, last_dose):
            return history.stopped.get(component) != last_dose
        case CycleRecorded(cycle):
            known = history.cycle(cycle.component, cycle.number)
            return known is None or replace(known, reason=None) != replace(cycle, reason=None)


def _once(rows: Sequence[Row], record: OnRecord) -> tuple[list[Row], list[Fault]]:
    """The rows with each fact once; a second row about a fact may only repeat the first."""
    first: dict[About | None, Row] = {}
    faults = []
    for row in rows:
        before = first.setdefault(_about(row, record.protocol), row)
        if replace(before, line=row.line, patient=row.patient) != row:
            sentence = _l("This contradicts line %(first)s, which is about the same thing.")
            faults.append(Fault(row.line, "", sentence, {"first": before.line}))
    return list(first.values()), faults


def _about(row: Row, protocol: Protocol) -> About | None:
    if row.what is None:
        return None
    regimen = protocol.regimens.get(row.kind) if row.what is What.REGIMEN else None
    return About(row.what, regimen.component if regimen else row.kind, row.number or 1)


def _unexplained(record: OnRecord, steps: Iterable[Step], reason: str | None) -> Iterator[Fault]:
    """Who has left, and what is overturned or skipped without a reason."""
    for step in steps:
        row, said = step.row, step.amendment
        if not record.takes_part and not isinstance(said, MilestoneRecorded):
            yield Fault(row.line, "patient", _l("This patient takes no further part: only milestones are recorded."))
        if row.reason or reason:
            continue
        if step.corrects:
            yield Fault(row.line, "reason", _l("This changes what is on record: give the reason."))
        elif isinstance(said, CycleRecorded) and said.cycle.status is CycleStatus.SKIPPED:
            yield Fault(row.line, "reason", _l("A skipped cycle needs the reason why."))


def _unsound(record: OnRecord, steps: Sequence[Step], after: History, unread: set[About | None]) -> Iterator[Fault]:
    """What the protocol has against the history the rows lead to, each at the row that brings it about.

    What is odd needs the reason of a row that is about it: one for a whole table would confirm what nobody looked at.
    """
    rows = {about(step.amendment): step.row for step in steps}
    for objection in new_objections(record.protocol, after, record.today, before=record.history):
        concerned = [rows[each] for each in objection.about if each in rows] or [step.row for step in steps]
        explained = objection.may_confirm and any(row.reason for row in concerned)
        if not explained and unread.isdisjoint(objection.about):
            yield Fault(concerned[0].line, "", objection=objection)


def _components_with_regimen(record: OnRecord, rows: Iterable[Row]) -> set[str]:
    chosen = (record.protocol.regimens.get(row.kind) for row in rows if row.what is What.REGIMEN)
    return {*record.history.components, *(regimen.component for regimen in chosen if regimen)}
