"""What the protocol has against a history, looked for before anything is saved."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from proms.domain.protocol import RANDOMISATION, Ending, Protocol
from proms.domain.schedule import history_errors as errors
from proms.domain.schedule.cycle_checks import cycle_objections
from proms.domain.schedule.fact_checks import fact_objections
from proms.domain.schedule.facts_on_record import (
    DatedFact,
    cycle_key,
    milestone_dates,
    milestone_keys,
    regimen_key,
    regimens_of,
    stop_key,
    too_early,
    without_number,
)
from proms.domain.schedule.history import Cycle, EntryKey, EntryKind, History
from proms.domain.schedule.history_errors import UnsoundHistory

__all__ = ["UnsoundHistory", "new_objections", "objections", "refuse_unsound"]
ARM = EntryKey(EntryKind.MILESTONE, RANDOMISATION)


def objections(protocol: Protocol, history: History, today: date) -> tuple[UnsoundHistory, ...]:
    """Everything the protocol has against this history, what may be confirmed last.

    A word it does not know stands alone: dates mean nothing without it.
    """
    found = list(_unknown_words(protocol, history))
    if not found:
        found += _not_in_arm(protocol, history)
        found += _milestones(protocol, history)
        found += _dates(protocol, history, today)
        found += cycle_objections(protocol, history)
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
    """Raise the objections that the history `before`, as saved so far, did not have: those to what
    cannot be, all together; where there are none, those to what is odd but may be so.

    `confirmed` lets the odd pass: a person gave a reason.
    """
    found = new_objections(protocol, history, today, before=before)
    cannot_be = [objection for objection in found if not objection.may_confirm]
    if cannot_be:
        raise errors.together(cannot_be)
    if found and not confirmed:
        raise errors.together(found)


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
                regimen_key(component),
                component=component,
                components=tuple(protocol.components),
            )
        elif component not in history.components:
            yield errors.NoRegimen(regimen_key(component), component=component)


def _unknown_regimens(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    for component, code in history.components.items():
        allowed = tuple(regimen.code for regimen in regimens_of(protocol, component))
        if code not in allowed:
            yield errors.UnknownRegimen(
                regimen_key(component), regimen=code, component=component, regimens=allowed
            )
    for cycle in history.cycles:
        if cycle.component not in protocol.components or cycle.regimen is None:
            continue
        allowed = tuple(regimen.code for regimen in regimens_of(protocol, cycle.component))
        if cycle.regimen not in allowed:
            yield errors.UnknownRegimen(
                cycle_key(cycle),
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
                regimen_key(component), ARM, regimen=str(regimen.title), arm=history.arm
            )
    if history.arm is None and history.cycles:
        yield errors.NotRandomised(*map(cycle_key, history.cycles))
    yield from _milestones_not_in_arm(protocol, history)
    for cycle in history.cycles:
        # What its component consists of now has been looked at above.
        if cycle.regimen not in (None, history.components[cycle.component]):
            regimen = protocol.regimens[cycle.regimen]
            if history.arm and history.arm not in regimen.arms:
                yield errors.RegimenNotInArm(
                    cycle_key(cycle), ARM, regimen=str(regimen.title), arm=history.arm
                )
        yield from _drugs_not_in_arm(protocol, history, cycle)


def _milestones_not_in_arm(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    for kind in history.milestones:
        arms = protocol.milestones[kind].arms
        if arms is None or history.arm in arms:
            continue
        about = (*milestone_keys(history, kind), ARM)
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
                cycle_key(cycle),
                regimen_key(cycle.component),
                ARM,
                cycle=cycle_key(cycle),
                drug=drug,
                regimen=str(regimen.title),
                arm=history.arm,
            )


def _milestones(protocol: Protocol, history: History) -> Iterator[UnsoundHistory]:
    for kind, days in history.milestones.items():
        definition = protocol.milestones[kind]
        if len(days) > 1 and not definition.repeats:
            yield errors.RepeatedMilestone(
                *milestone_keys(history, kind), milestone=kind, count=len(days), first=min(days)
            )
        for fact, day in milestone_dates(history, kind):
            yield from too_early(history, definition.after, fact, day, errors.TooEarly)
        if definition.repeats:
            yield from _twice_a_day(history, kind)
            yield from _numbers_left_out(history, kind)


def _twice_a_day(history: History, kind: str) -> Iterator[UnsoundHistory]:
    first_on: dict[date, EntryKey] = {}
    for fact, day in milestone_dates(history, kind):
        earlier = first_on.setdefault(day, fact)
        if earlier is not fact:
            yield errors.MilestoneTwiceADay(
                fact,
                earlier,
                milestone=kind,
                number=fact.number,
                earlier=earlier.number,
                day=day,
            )


def _numbers_left_out(history: History, kind: str) -> Iterator[UnsoundHistory]:
    """Numbers are never counted but always said, so that one far off is a slip of the hand."""
    known = {0, *history.dated(kind), *history.taken_back.get(kind, ())}
    for earlier, number in pairwise(sorted(known)):
        missing = tuple(str(left_out) for left_out in range(earlier + 1, number))
        if missing:
            yield errors.NumberLeftOut(
                EntryKey(EntryKind.MILESTONE, kind, number),
                milestone=kind,
                number=number,
                missing=missing,
            )


def _dates(protocol: Protocol, history: History, today: date) -> Iterator[UnsoundHistory]:
    """Dates no trial has, dates that lie too far ahead, facts that lie ahead at all, treatment of
    the dead."""
    given = list(_days_given(history))
    planned = list(_days_planned(history))
    milestones: list[DatedFact] = []
    endings: list[DatedFact] = []
    deaths: list[DatedFact] = []
    for kind in history.milestones:
        dates = list(milestone_dates(history, kind))
        milestones += dates
        if kind in protocol.ends:
            endings += dates
        if protocol.ends.get(kind) is Ending.DEATH:
            deaths += dates
    last_doses = [DatedFact(stop_key(name), day) for name, day in history.stopped.items()]
    for dated in (*milestones, *given, *planned, *last_doses):
        yield from _out_of_reach(protocol, dated, today)
    # Most milestones may be planned ahead; one that ends the calendar has happened or it has not.
    for fact, day in (*endings, *given):
        if day > today:
            yield errors.NotYetHappened(fact, fact=without_number(fact), day=day)
    yield from _after_death(given, deaths)


def _days_given(history: History) -> Iterator[DatedFact]:
    for cycle in history.cycles:
        if cycle.day_1:
            yield DatedFact(cycle_key(cycle), cycle.day_1)


def _days_planned(history: History) -> Iterator[DatedFact]:
    for cycle in history.cycles:
        if cycle.planned:
            yield DatedFact(cycle_key(cycle), cycle.planned)


def _out_of_reach(protocol: Protocol, dated: DatedFact, today: date) -> Iterator[UnsoundHistory]:
    fact, day = dated
    name = without_number(fact)
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
