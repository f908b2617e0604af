"""What the protocol has against a history, looked for before anything is saved."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from proms.domain.protocol import Ending, Protocol
from proms.domain.schedule import history_errors as no
from proms.domain.schedule.history import EARLIEST, Cycle, CycleStatus, EntryKey, EntryKind, History
from proms.domain.schedule.history_entry import RANDOMISATION
from proms.domain.schedule.history_errors import UnsoundHistory

__all__ = ["UnsoundHistory", "new_objections", "objections", "refuse_unsound"]
ARM = EntryKey(EntryKind.MILESTONE, RANDOMISATION)


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
    protocol: Protocol,
    history: History,
    today: date,
    *,
    before: History | None = None,
    confirmed: bool = False,
) -> None:
    """Raise the first objection that the history `before`, as saved so far, did not have.

    `confirmed` lets pass what is odd but possible: a person gave a reason.
    """
    for objection in new_objections(protocol, history, today, before=before):
        if not (confirmed and objection.may_confirm):
            raise objection


def new_objections(
    protocol: Protocol, history: History, today: date, *, before: History | None
) -> tuple[UnsoundHistory, ...]:
    """What the protocol has against this history that it did not have against the one `before`."""
    known = {str(each) for each in objections(protocol, before, today)} if before else set()
    return tuple(each for each in objections(protocol, history, today) if str(each) not in known)


def _words(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    if history.arm is not None and history.arm not in protocol.arms:
        yield no.UnknownWord(
            f"arm {history.arm} is not in the protocol ({_list(protocol.arms)})", ARM
        )
    for kind in history.milestones:
        if kind not in protocol.milestones:
            known = _list(protocol.milestones)
            yield no.UnknownWord(
                f"milestone {kind} is not in the protocol ({known})",
                EntryKey(EntryKind.MILESTONE, kind),
            )
    yield from _component_words(protocol, history)


def _component_words(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    named = {*history.components, *history.stopped, *(cycle.component for cycle in history.cycles)}
    for component in sorted(named):
        if component not in protocol.components:
            words = _list(protocol.components)
            yield no.UnknownWord(
                f"component {component} is not in the protocol ({words})", _regimen(component)
            )
        elif component not in history.components:
            yield no.UnknownWord(f"component {component} has no regimen", _regimen(component))
    for component, code in history.components.items():
        regimen = protocol.regimens.get(code)
        if regimen is None or regimen.component != component:
            known = [
                each.code for each in protocol.regimens.values() if each.component == component
            ]
            sentence = f"{code} is not a regimen of component {component} ({_list(known)})"
            yield no.UnknownWord(sentence, _regimen(component))


def _arm(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    arm = history.arm
    for component, code in history.components.items():
        if arm and arm not in protocol.regimens[code].arms:
            sentence = f"{protocol.regimens[code].title} is not given in arm {arm}"
            yield no.RegimenNotInArm(sentence, _regimen(component), ARM)
    if arm is None and history.cycles:
        cycles = (_about(cycle) for cycle in history.cycles)
        yield no.NotRandomised("a cycle is recorded, but the patient has no arm", *cycles)
    for kind in history.milestones:
        arms = protocol.milestones[kind].arms
        if arms is not None and arm not in arms:
            sentence = (
                f"{kind} does not happen in arm {arm}" if arm else f"{kind} needs an arm first"
            )
            yield no.MilestoneNotInArm(sentence, *_each(history, kind), ARM)
    yield from _drugs(protocol, history)


def _drugs(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    arm = history.arm
    for cycle in history.cycles:
        regimen = protocol.regimens[history.components[cycle.component]]
        allowed = {
            *regimen.drugs,
            *(drug for drug, arms in regimen.optional.items() if arm in arms),
        }
        for drug in cycle.drugs:
            if drug not in allowed:
                sentence = f"{_name(cycle)}: {drug} is not part of {regimen.title} in arm {arm}"
                yield no.DrugNotInRegimen(sentence, _about(cycle), _regimen(cycle.component), ARM)


def _milestones(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    for kind, days in history.milestones.items():
        known = protocol.milestones[kind]
        if len(days) > 1 and not known.repeats:
            sentence = f"{kind} happens once, but has {len(days)} dates"
            yield no.RepeatedMilestone(sentence, *_each(history, kind))
        for number, day in history.dated(kind).items():
            yield from _follows(
                f"{kind} on {day}",
                day,
                known.after,
                history,
                EntryKey(EntryKind.MILESTONE, kind, number),
            )


def _dates(protocol: Protocol, history: History, today: date) -> Iterator[UnsoundHistory]:
    """Dates that lie too far ahead, facts that lie ahead at all, treatment of the dead."""
    given = [(_name(cycle), cycle.day_1, _about(cycle)) for cycle in history.cycles if cycle.day_1]
    planned = [
        (_name(cycle), cycle.planned, _about(cycle)) for cycle in history.cycles if cycle.planned
    ]
    dated = [
        (kind, day, EntryKey(EntryKind.MILESTONE, kind, number))
        for kind in history.milestones
        for number, day in history.dated(kind).items()
    ]
    stops = [
        (f"last dose of {name}", day, EntryKey(EntryKind.STOP, name))
        for name, day in history.stopped.items()
    ]
    latest = today + timedelta(days=protocol.far_days)
    for name, day, about in (*dated, *given, *planned, *stops):
        if day < EARLIEST:
            yield no.LongPast(f"{name}: {day} is long past; is the year right?", about)
        if day > latest:
            yield no.FarFuture(f"{name}: {day} is more than {protocol.far_days} days ahead", about)
    for name, day, about in (*(each for each in dated if each[0] in protocol.ends), *given):
        if day > today:
            yield no.NotYetHappened(f"{name}: {day} is still to come", about)
    deaths = [each for each in dated if protocol.ends.get(each[0]) is Ending.DEATH]
    death = min((day for _kind, day, _about in deaths), default=date.max)
    for name, day, about in given:
        if day > death:
            sentence = f"{name}: {day} is after the date of death, {death}"
            yield no.AfterDeath(sentence, about, *(each for _kind, _day, each in deaths))


def _cycles(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    for component, code in history.components.items():
        cycles = history.cycles_of(component)
        for cycle in cycles:
            yield from _one(protocol, history, cycle)
        yield from _in_order(cycles)
        if stopped := history.stopped.get(component):
            after, about = protocol.components[component].after, EntryKey(EntryKind.STOP, component)
            yield from _follows(
                f"last dose of {component} on {stopped}", stopped, after, history, about
            )
        shortest = min(
            each.cycle_days for each in protocol.regimens.values() if each.component == component
        )
        yield from _overlaps(
            cycles,
            shortest - protocol.early_days,
            protocol.regimens[code].cycle_days - protocol.early_days,
        )


def _one(protocol: Protocol, history: History, cycle: Cycle) -> Iterator[UnsoundHistory]:
    if wrong := _incomplete(cycle):
        yield no.IncompleteCycle(f"{_name(cycle)} {wrong}", _about(cycle))
    after = protocol.components[cycle.component].after
    if cycle.planned:
        yield from _follows(
            f"{_name(cycle)}, planned on {cycle.planned}",
            cycle.planned,
            after,
            history,
            _about(cycle),
        )
    if cycle.day_1:
        yield from _follows(
            f"{_name(cycle)}, day 1 {cycle.day_1}", cycle.day_1, after, history, _about(cycle)
        )
        stopped = history.stopped.get(cycle.component)
        if stopped and cycle.day_1 > stopped:
            sentence = f"{_name(cycle)}: {cycle.day_1} is after the last dose, {stopped}"
            yield no.GivenAfterLastDose(
                sentence, _about(cycle), EntryKey(EntryKind.STOP, cycle.component)
            )


def _incomplete(cycle: Cycle) -> str | None:
    if cycle.status is CycleStatus.GIVEN:
        return None if cycle.day_1 else "is given, but has no day 1"
    if cycle.day_1:
        return f"has a day 1, but is {cycle.status}"
    return (
        "has no planned date" if cycle.status is CycleStatus.PLANNED and not cycle.planned else None
    )


def _in_order(cycles: Sequence[Cycle]) -> Iterator[UnsoundHistory]:
    if cycles and cycles[0].number != 1:
        missing = EntryKey(EntryKind.CYCLE, cycles[0].component, 1)
        yield no.CycleOutOfOrder(
            f"{_name(cycles[0])} is recorded, but cycle 1 is not", _about(cycles[0]), missing
        )
    for first, second in pairwise(cycles):
        if first.number == second.number:
            yield no.CycleTwice(f"{_name(second)} is recorded twice", _about(second))
        elif second.number != first.number + 1:
            missing = EntryKey(EntryKind.CYCLE, second.component, second.number - 1)
            sentence = f"{_name(second)} is recorded, but cycle {second.number - 1} is not"
            yield no.CycleOutOfOrder(sentence, _about(second), missing)
        elif second.day_1 and first.status is CycleStatus.PLANNED:
            sentence = (
                f"{_name(second)} is given, but cycle {first.number} is neither given nor skipped"
            )
            yield no.CycleOutOfOrder(sentence, _about(second), _about(first))


def _overlaps(cycles: Sequence[Cycle], shortest: int, current: int) -> Iterator[UnsoundHistory]:
    """A regimen may have been another before: only the latest cycle is measured by the present
    one."""
    for first, second in pairwise(
        cycle for cycle in cycles if cycle.starts and cycle.status is not CycleStatus.SKIPPED
    ):
        if first.starts is None or second.starts is None or first.number == second.number:
            continue
        apart = (second.starts - first.starts).days
        least = current if second is cycles[-1] else shortest
        both = (_about(second), _about(first))
        if apart == 0:
            yield no.CyclesOnOneDay(
                f"{_name(second)} and cycle {first.number} both start on {second.starts}", *both
            )
        elif apart < 0:
            sentence = f"{_name(second)} starts on {second.starts}, before cycle {first.number} on {first.starts}"
            yield no.CycleOutOfOrder(sentence, *both)
        elif apart < least:
            sentence = (
                f"{_name(second)} starts {apart} days after cycle {first.number}: they overlap"
            )
            yield no.CyclesOverlap(sentence, *both, _regimen(second.component))


def _follows(
    what: str, day: date, milestone: str | None, history: History, about: EntryKey
) -> Iterator[UnsoundHistory]:
    first = history.first(milestone) if milestone else None
    if milestone and first and day < first:
        yield no.TooEarly(
            f"{what} is before {milestone} on {first}", about, *_each(history, milestone)
        )


def _about(cycle: Cycle) -> EntryKey:
    return EntryKey(EntryKind.CYCLE, cycle.component, cycle.number)


def _regimen(component: str) -> EntryKey:
    return EntryKey(EntryKind.REGIMEN, component)


def _each(history: History, kind: str) -> Iterator[EntryKey]:
    return (EntryKey(EntryKind.MILESTONE, kind, number) for number in history.dated(kind))


def _name(cycle: Cycle) -> str:
    return f"{cycle.component} cycle {cycle.number}"


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)
