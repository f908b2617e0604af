"""What the protocol has against a history, looked for before anything is saved."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from proms.domain.protocol import Ending, Protocol
from proms.domain.schedule import unsound as no
from proms.domain.schedule.history import Cycle, CycleStatus, History
from proms.domain.schedule.unsound import UnsoundHistory

__all__ = ["UnsoundHistory", "objections", "refuse_unsound"]


def objections(protocol: Protocol, history: History, today: date) -> tuple[UnsoundHistory, ...]:
    """Everything the protocol has against this history, what may be confirmed last.

    A word it does not know stands alone: dates mean nothing without it.
    """
    found = tuple(_words(protocol, history)) or (
        *_arm(protocol, history),
        *_milestones(protocol, history),
        *_dates(protocol, history, today),
        *_cycles(protocol, history),
    )
    return tuple(sorted(found, key=lambda each: each.may_confirm))


def refuse_unsound(
    protocol: Protocol, history: History, today: date, *, before: History | None = None, confirmed: bool = False
) -> None:
    """Raise the first objection that the history `before`, as saved so far, did not have.

    `confirmed` lets pass what is odd but possible: a person gave a reason.
    """
    known = {str(each) for each in objections(protocol, before, today)} if before else set()
    for objection in objections(protocol, history, today):
        if str(objection) not in known and not (confirmed and objection.may_confirm):
            raise objection


def _words(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    if history.arm is not None and history.arm not in protocol.arms:
        yield no.UnknownWord(f"arm {history.arm} is not in the protocol ({_list(protocol.arms)})")
    for kind in history.milestones:
        if kind not in protocol.milestones:
            yield no.UnknownWord(f"milestone {kind} is not in the protocol ({_list(protocol.milestones)})")
    yield from _component_words(protocol, history)


def _component_words(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    named = {*history.components, *history.stopped, *(cycle.component for cycle in history.cycles)}
    for component in sorted(named):
        if component not in protocol.components:
            yield no.UnknownWord(f"component {component} is not in the protocol ({_list(protocol.components)})")
        elif component not in history.components:
            yield no.UnknownWord(f"component {component} has no regimen")
    for component, code in history.components.items():
        regimen = protocol.regimens.get(code)
        if regimen is None or regimen.component != component:
            known = [each.code for each in protocol.regimens.values() if each.component == component]
            yield no.UnknownWord(f"{code} is not a regimen of component {component} ({_list(known)})")


def _arm(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    arm = history.arm
    for code in history.components.values():
        if arm and arm not in protocol.regimens[code].arms:
            yield no.RegimenNotInArm(f"{protocol.regimens[code].title} is not given in arm {arm}")
    if arm is None and history.cycles:
        yield no.NotRandomised("a cycle is recorded, but the patient has no arm")
    for kind in history.milestones:
        arms = protocol.milestones[kind].arms
        if arms is not None and arm not in arms:
            yield no.MilestoneNotInArm(f"{kind} does not happen in arm {arm}" if arm else f"{kind} needs an arm first")
    yield from _drugs(protocol, history)


def _drugs(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    arm = history.arm
    for cycle in history.cycles:
        regimen = protocol.regimens[history.components[cycle.component]]
        allowed = {*regimen.drugs, *(drug for drug, arms in regimen.optional.items() if arm in arms)}
        for drug in cycle.drugs:
            if drug not in allowed:
                yield no.DrugNotInRegimen(f"{_name(cycle)}: {drug} is not part of {regimen.title} in arm {arm}")


def _milestones(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    for kind, days in history.milestones.items():
        known = protocol.milestones[kind]
        if len(days) > 1 and not known.repeats:
            yield no.RepeatedMilestone(f"{kind} happens once, but has {len(days)} dates")
        yield from (each for day in days for each in _follows(f"{kind} on {day}", day, known.after, history))


def _dates(protocol: Protocol, history: History, today: date) -> Iterator[UnsoundHistory]:
    """Dates that lie too far ahead, facts that lie ahead at all, treatment of the dead."""
    ends = [(kind, day) for kind in protocol.ends for day in history.milestones.get(kind, ())]
    given = [(_name(cycle), cycle.day_1) for cycle in history.cycles if cycle.day_1]
    planned = [(_name(cycle), cycle.planned) for cycle in history.cycles if cycle.planned]
    others = [(kind, day) for kind, days in history.milestones.items() for day in days]
    stops = [(f"last dose of {component}", day) for component, day in history.stopped.items()]
    latest = today + timedelta(days=protocol.far_days)
    for name, day in (*others, *given, *planned, *stops):
        if day > latest:
            yield no.FarFuture(f"{name}: {day} is more than {protocol.far_days} days ahead")
    for name, day in (*ends, *given):
        if day > today:
            yield no.NotYetHappened(f"{name}: {day} is still to come")
    death = min((day for kind, day in ends if protocol.ends[kind] is Ending.DEATH), default=date.max)
    for name, day in given:
        if day > death:
            yield no.AfterDeath(f"{name}: {day} is after the date of death, {death}")


def _cycles(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    for component, code in history.components.items():
        cycles = history.cycles_of(component)
        for cycle in cycles:
            yield from _one(protocol, history, cycle)
        yield from _in_order(cycles)
        shortest = min(each.cycle_days for each in protocol.regimens.values() if each.component == component)
        yield from _overlaps(
            cycles, shortest - protocol.early_days, protocol.regimens[code].cycle_days - protocol.early_days
        )


def _one(protocol: Protocol, history: History, cycle: Cycle) -> Iterator[UnsoundHistory]:
    if wrong := _incomplete(cycle):
        yield no.IncompleteCycle(f"{_name(cycle)} {wrong}")
    if cycle.day_1:
        after = protocol.components[cycle.component].after
        yield from _follows(f"{_name(cycle)}, day 1 {cycle.day_1}", cycle.day_1, after, history)
        stopped = history.stopped.get(cycle.component)
        if stopped and cycle.day_1 > stopped:
            yield no.GivenAfterLastDose(f"{_name(cycle)}: {cycle.day_1} is after the last dose, {stopped}")


def _incomplete(cycle: Cycle) -> str | None:
    if cycle.status is CycleStatus.GIVEN:
        return None if cycle.day_1 else "is given, but has no day 1"
    if cycle.day_1:
        return f"has a day 1, but is {cycle.status}"
    return "has no planned date" if cycle.status is CycleStatus.PLANNED and not cycle.planned else None


def _in_order(cycles: Sequence[Cycle]) -> Iterator[UnsoundHistory]:
    if cycles and cycles[0].number != 1:
        yield no.CycleOutOfOrder(f"{_name(cycles[0])} is recorded, but cycle 1 is not")
    for first, second in pairwise(cycles):
        if first.number == second.number:
            yield no.CycleTwice(f"{_name(second)} is recorded twice")
        elif second.number != first.number + 1:
            yield no.CycleOutOfOrder(f"{_name(second)} is recorded, but cycle {second.number - 1} is not")
        elif second.day_1 and first.status is CycleStatus.PLANNED:
            yield no.CycleOutOfOrder(f"{_name(second)} is given, but cycle {first.number} is neither given nor skipped")


def _overlaps(cycles: Sequence[Cycle], shortest: int, current: int) -> Iterator[UnsoundHistory]:
    """A regimen may have been another before: only the latest cycle is measured by the present one."""
    for first, second in pairwise(
        cycle for cycle in cycles if cycle.starts and cycle.status is not CycleStatus.SKIPPED
    ):
        if first.starts is None or second.starts is None or first.number == second.number:
            continue
        apart = (second.starts - first.starts).days
        least = current if second is cycles[-1] else shortest
        if apart == 0:
            yield no.CyclesOnOneDay(f"{_name(second)} and cycle {first.number} both start on {second.starts}")
        elif apart < 0:
            yield no.CycleOutOfOrder(
                f"{_name(second)} starts on {second.starts}, before cycle {first.number} on {first.starts}"
            )
        elif apart < least:
            yield no.CyclesOverlap(f"{_name(second)} starts {apart} days after cycle {first.number}: they overlap")


def _follows(what: str, day: date, milestone: str | None, history: History) -> Iterator[UnsoundHistory]:
    first = history.first(milestone) if milestone else None
    if first and day < first:
        yield no.TooEarly(f"{what} is before {milestone} on {first}")


def _name(cycle: Cycle) -> str:
    return f"{cycle.component} cycle {cycle.number}"


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)
