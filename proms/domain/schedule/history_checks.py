"""What the protocol has against a history, looked for before anything is saved."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from proms.domain.protocol import RANDOMISATION, Ending, Protocol, Regimen
from proms.domain.schedule import history_errors as errors
from proms.domain.schedule.fact_checks import fact_objections
from proms.domain.schedule.history import Cycle, CycleStatus, EntryKey, EntryKind, History
from proms.domain.schedule.history_errors import UnsoundHistory

__all__ = ["UnsoundHistory", "new_objections", "objections", "refuse_unsound"]
ARM = EntryKey(EntryKind.MILESTONE, RANDOMISATION)


class DatedFact(NamedTuple):
    """A fact of a history with one of its dates."""

    fact: EntryKey
    day: date


def objections(protocol: Protocol, history: History, today: date) -> tuple[UnsoundHistory, ...]:
    """Everything the protocol has against this history, what may be confirmed last.

    A word it does not know stands alone: dates mean nothing without it.
    """
    found = list(_unknown_words(protocol, history))
    if not found:
        found += _not_in_arm(protocol, history)
        found += _milestones(protocol, history)
        found += _dates(protocol, history, today)
        found += _cycles(protocol, history)
        found += fact_objections(protocol, history, today)
    return tuple(sorted(found, key=lambda objection: objection.may_confirm))


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
    found = objections(protocol, history, today)
    if before is None:
        return found
    old = {objection.identity for objection in objections(protocol, before, today)}
    return tuple(objection for objection in found if objection.identity not in old)


def _unknown_words(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    arm = history.arm
    if arm is not None and arm not in protocol.arms:
        yield errors.UnknownArm(ARM, arm=arm, arms=tuple(protocol.arms))
    for kind in history.milestones:
        if kind not in protocol.milestones:
            yield errors.UnknownMilestone(
                EntryKey(EntryKind.MILESTONE, kind),
                milestone=kind,
                milestones=tuple(protocol.milestones),
            )
    yield from _unknown_components(protocol, history)
    yield from _unknown_regimens(protocol, history)


def _unknown_components(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    with_cycles = {cycle.component for cycle in history.cycles}
    for component in sorted({*history.components, *history.stopped, *with_cycles}):
        if component not in protocol.components:
            yield errors.UnknownComponent(
                _regimen_key(component),
                component=component,
                components=tuple(protocol.components),
            )
        elif component not in history.components:
            yield errors.NoRegimen(_regimen_key(component), component=component)


def _unknown_regimens(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    for component, code in history.components.items():
        allowed = tuple(regimen.code for regimen in _regimens_of(protocol, component))
        if code not in allowed:
            yield errors.UnknownRegimen(
                _regimen_key(component), regimen=code, component=component, regimens=allowed
            )
    for cycle in history.cycles:
        if cycle.component not in protocol.components or cycle.regimen is None:
            continue
        allowed = tuple(regimen.code for regimen in _regimens_of(protocol, cycle.component))
        if cycle.regimen not in allowed:
            yield errors.UnknownRegimen(
                _cycle_key(cycle),
                regimen=cycle.regimen,
                component=cycle.component,
                regimens=allowed,
            )


def _not_in_arm(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    """Regimens, cycles, milestones and drugs that do not go with the patient's arm."""
    for component, code in history.components.items():
        regimen = protocol.regimens[code]
        if history.arm and history.arm not in regimen.arms:
            yield errors.RegimenNotInArm(
                _regimen_key(component), ARM, regimen=str(regimen.title), arm=history.arm
            )
    if history.arm is None and history.cycles:
        yield errors.NotRandomised(*map(_cycle_key, history.cycles))
    yield from _milestones_not_in_arm(protocol, history)
    for cycle in history.cycles:
        # What its component consists of now has been looked at above.
        if cycle.regimen not in (None, history.components[cycle.component]):
            regimen = protocol.regimens[cycle.regimen]
            if history.arm and history.arm not in regimen.arms:
                yield errors.RegimenNotInArm(
                    _cycle_key(cycle), ARM, regimen=str(regimen.title), arm=history.arm
                )
        yield from _drugs_not_in_arm(protocol, history, cycle)


def _milestones_not_in_arm(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    for kind in history.milestones:
        arms = protocol.milestones[kind].arms
        if arms is None or history.arm in arms:
            continue
        about = (*_milestone_keys(history, kind), ARM)
        if history.arm:
            yield errors.MilestoneNotInArm(*about, milestone=kind, arm=history.arm)
        else:
            yield errors.MilestoneWithoutArm(*about, milestone=kind)


def _drugs_not_in_arm(
    protocol: Protocol, history: History, cycle: Cycle
) -> Iterator[UnsoundHistory]:
    regimen = protocol.regimens[history.regimen_of(cycle)]
    allowed = {*regimen.drugs, *regimen.optional_in(history.arm)}
    for drug in cycle.drugs:
        if drug not in allowed:
            yield errors.DrugNotInRegimen(
                _cycle_key(cycle),
                _regimen_key(cycle.component),
                ARM,
                cycle=_cycle_key(cycle),
                drug=drug,
                regimen=str(regimen.title),
                arm=history.arm,
            )


def _milestones(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    for kind, days in history.milestones.items():
        definition = protocol.milestones[kind]
        if len(days) > 1 and not definition.repeats:
            yield errors.RepeatedMilestone(
                *_milestone_keys(history, kind), milestone=kind, count=len(days)
            )
        for fact, day in _milestone_dates(history, kind):
            yield from _too_early(history, definition.after, fact, day, errors.TooEarly)


def _dates(protocol: Protocol, history: History, today: date) -> Iterator[UnsoundHistory]:
    """Dates no trial has, dates that lie too far ahead, facts that lie ahead at all, treatment of
    the dead."""
    given = list(_days_given(history))
    planned = list(_days_planned(history))
    milestones: list[DatedFact] = []
    endings: list[DatedFact] = []
    deaths: list[DatedFact] = []
    for kind in history.milestones:
        dates = list(_milestone_dates(history, kind))
        milestones += dates
        if kind in protocol.ends:
            endings += dates
        if protocol.ends.get(kind) is Ending.DEATH:
            deaths += dates
    last_doses = [DatedFact(_stop_key(name), day) for name, day in history.stopped.items()]
    for dated in (*milestones, *given, *planned, *last_doses):
        yield from _out_of_reach(protocol, dated, today)
    # Most milestones may be planned ahead; one that ends the calendar has happened or it has not.
    for fact, day in (*endings, *given):
        if day > today:
            yield errors.NotYetHappened(fact, fact=_without_number(fact), day=day)
    yield from _after_death(given, deaths)


def _days_given(history: History) -> Iterator[DatedFact]:
    for cycle in history.cycles:
        if cycle.day_1:
            yield DatedFact(_cycle_key(cycle), cycle.day_1)


def _days_planned(history: History) -> Iterator[DatedFact]:
    for cycle in history.cycles:
        if cycle.planned:
            yield DatedFact(_cycle_key(cycle), cycle.planned)


def _out_of_reach(protocol: Protocol, dated: DatedFact, today: date) -> Iterator[UnsoundHistory]:
    fact, day = dated
    name = _without_number(fact)
    years, far_days = protocol.years, protocol.far_days
    if not years.hold(day):
        yield errors.OutsideTrial(fact, fact=name, day=day, first=years.first, last=years.last)
    if day > today + timedelta(days=far_days):
        yield errors.FarFuture(fact, fact=name, day=day, far_days=far_days)


def _after_death(
    given: Sequence[DatedFact], deaths: Sequence[DatedFact]
) -> Iterator[UnsoundHistory]:
    if not deaths:
        return
    facts, days = zip(*deaths, strict=True)
    death = min(days)
    for cycle, day in given:
        if day > death:
            yield errors.AfterDeath(cycle, *facts, cycle=cycle, day=day, death=death)


def _cycles(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    for component in history.components:
        cycles = history.cycles_of(component)
        after = protocol.components[component].after
        for cycle in cycles:
            yield from _incomplete(cycle)
            yield from _cycle_too_early(history, after, cycle)
            yield from _after_last_dose(history, cycle)
        yield from _out_of_order(cycles)
        if stopped := history.stopped.get(component):
            yield from _too_early(history, after, _stop_key(component), stopped, errors.TooEarly)
        yield from _overlaps(protocol, history, cycles)


def _incomplete(cycle: Cycle) -> Iterator[UnsoundHistory]:
    """Dates of a cycle that do not fit its status."""
    key = _cycle_key(cycle)
    if cycle.day_1 and cycle.status is not CycleStatus.GIVEN:
        yield errors.Day1NotGiven(key, cycle=key, status=cycle.status)
    elif cycle.status is CycleStatus.GIVEN and not cycle.day_1:
        yield errors.GivenWithoutDay1(key, cycle=key)
    elif cycle.status is CycleStatus.PLANNED and not cycle.planned:
        yield errors.PlannedWithoutDate(key, cycle=key)


def _cycle_too_early(history: History, after: str | None, cycle: Cycle) -> Iterator[UnsoundHistory]:
    key = _cycle_key(cycle)
    if cycle.planned:
        yield from _too_early(history, after, key, cycle.planned, errors.PlannedTooEarly)
    if cycle.day_1:
        yield from _too_early(history, after, key, cycle.day_1, errors.GivenTooEarly)


def _after_last_dose(history: History, cycle: Cycle) -> Iterator[UnsoundHistory]:
    last_dose = history.stopped.get(cycle.component)
    if cycle.day_1 and last_dose and cycle.day_1 > last_dose:
        key = _cycle_key(cycle)
        yield errors.GivenAfterLastDose(
            key, _stop_key(cycle.component), cycle=key, day=cycle.day_1, last_dose=last_dose
        )


def _out_of_order(cycles: Sequence[Cycle]) -> Iterator[UnsoundHistory]:
    """Numbers of cycles that are left out or used twice, and a cycle given before its turn."""
    if cycles and cycles[0].number != 1:
        yield _left_out(cycles[0], missing=1)
    for earlier, cycle in pairwise(cycles):
        key = _cycle_key(cycle)
        if cycle.number == earlier.number:
            yield errors.CycleTwice(key, cycle=key)
        elif cycle.number != earlier.number + 1:
            yield _left_out(cycle, missing=cycle.number - 1)
        elif cycle.day_1 and earlier.status is CycleStatus.PLANNED:
            yield errors.EarlierCycleOpen(
                key, _cycle_key(earlier), cycle=key, earlier=earlier.number
            )


def _left_out(cycle: Cycle, *, missing: int) -> UnsoundHistory:
    key = _cycle_key(cycle)
    return errors.CycleLeftOut(key, key._replace(number=missing), cycle=key, missing=missing)


def _overlaps(
    protocol: Protocol, history: History, cycles: Sequence[Cycle]
) -> Iterator[UnsoundHistory]:
    """Cycles that start before the one before them, on its day, or well before that one's own
    regimen lets it end."""
    for (earlier, earlier_starts), (cycle, starts) in pairwise(_with_start(cycles)):
        if cycle.number == earlier.number:
            continue
        key = _cycle_key(cycle)
        about = (key, _cycle_key(earlier))
        days = (starts - earlier_starts).days
        length = protocol.regimens[history.regimen_of(earlier)].cycle_days
        if days == 0:
            yield errors.CyclesOnOneDay(*about, cycle=key, earlier=earlier.number, starts=starts)
        elif days < 0:
            yield errors.CycleOutOfOrder(
                *about,
                cycle=key,
                starts=starts,
                earlier=earlier.number,
                earlier_starts=earlier_starts,
            )
        elif days < length - protocol.early_days:
            regimen = _regimen_key(cycle.component)
            yield errors.CyclesOverlap(
                *about, regimen, cycle=key, days=days, earlier=earlier.number
            )


def _with_start(cycles: Iterable[Cycle]) -> Iterator[tuple[Cycle, date]]:
    """The cycles that were or will be given, each with its day 1."""
    for cycle in cycles:
        if cycle.starts and cycle.status is not CycleStatus.SKIPPED:
            yield cycle, cycle.starts


def _too_early(
    history: History, after: str | None, fact: EntryKey, day: date, error: type[UnsoundHistory]
) -> Iterator[UnsoundHistory]:
    """The objection to a date before the first one of the milestone it has to come after."""
    if after is None:
        return
    first = history.first(after)
    if first and day < first:
        yield error(
            fact,
            *_milestone_keys(history, after),
            fact=_without_number(fact),
            day=day,
            milestone=after,
            first=first,
        )


def _regimens_of(protocol: Protocol, component: str) -> list[Regimen]:
    return [regimen for regimen in protocol.regimens.values() if regimen.component == component]


def _milestone_dates(history: History, kind: str) -> Iterator[DatedFact]:
    for number, day in history.dated(kind).items():
        yield DatedFact(EntryKey(EntryKind.MILESTONE, kind, number), day)


def _milestone_keys(history: History, kind: str) -> Iterable[EntryKey]:
    return (dated.fact for dated in _milestone_dates(history, kind))


def _without_number(fact: EntryKey) -> EntryKey:
    """The fact as its sentence names it: a milestone by its kind, a cycle by its number too.

    A date that was wrong before is no new objection when its milestone gets another number.
    """
    if fact.what is EntryKind.MILESTONE:
        return EntryKey(fact.what, fact.name)
    return fact


def _cycle_key(cycle: Cycle) -> EntryKey:
    return EntryKey(EntryKind.CYCLE, cycle.component, cycle.number)


def _regimen_key(component: str) -> EntryKey:
    return EntryKey(EntryKind.REGIMEN, component)


def _stop_key(component: str) -> EntryKey:
    return EntryKey(EntryKind.STOP, component)
