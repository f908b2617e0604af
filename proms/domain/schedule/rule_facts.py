"""What the treatment says about a patient on one day, for rules, conditional items and headings."""

from collections.abc import Mapping, Set
from datetime import date, timedelta
from typing import NamedTuple

from proms.domain.protocol import Protocol, wanted
from proms.domain.protocol_facts import RecentDose
from proms.domain.schedule.history import Cycle, History
from proms.domain.schedule.occurrences import situation_on
from proms.domain.schedule.scheduled_cycles import ComponentSchedule

Fact = bool | int | str | None


class CycleDay(NamedTuple):
    """Where a patient is in a component: cycle 3, day 9."""

    number: int
    day: int


def cycle_day(history: History, component: str, today: date) -> CycleDay | None:
    """The latest cycle that was given and the day of it, counted from 1 on its actual day 1."""
    latest = _latest_given(history, component, today)
    if latest is None or latest.day_1 is None:
        return None
    return CycleDay(latest.number, (today - latest.day_1).days + 1)


def treatment_facts(protocol: Protocol, history: History, today: date) -> dict[str, Fact]:
    """The arm, whether she is under treatment and which drugs she gets, and what is in place (such
    as a pump).

    `infusion` is day 1 to the day after the infusion of a cycle that was really given.
    """
    schedules = situation_on(protocol, history, today).schedules
    running = [component for component, schedule in schedules.items() if schedule.runs_on(today)]
    facts: dict[str, Fact] = {
        "arm": history.arm,
        "on_treatment": bool(running),
        "infusion": any(_infuses(protocol, history, component, today) for component in running),
    }
    regimens = {
        component: _regimens_she_gets(history, schedules[component], today) for component in running
    }
    facts |= _drug_facts(protocol, history, regimens, today)
    facts |= _wanted_items(protocol, regimens)
    for name, lasting in protocol.standing.items():
        facts[name] = _stands(history, lasting.since, lasting.until, today)
    for name, milestone in protocol.days_since.items():
        facts[name] = _days_since(history, milestone, today)
    for name, recent in protocol.doses_of_late.items():
        facts[name] = _dose_of_late(protocol, history, recent, today)
    return facts


def treatment_began(protocol: Protocol, history: History) -> date | None:
    """The day of the first dose, or of the first milestone that put something in place (such as
    pump surgery): a report from before it is a baseline."""
    doses = [cycle.day_1 for cycle in history.cycles if cycle.day_1 and cycle.dose_percent != 0]
    put_in = [history.first(lasting.since) for lasting in protocol.standing.values()]
    return min([*doses, *(day for day in put_in if day)], default=None)


def _days_since(history: History, milestone: str, today: date) -> int | None:
    """Whole days since the last such milestone that has come; None before the first."""
    come = [day for day in history.milestones.get(milestone, ()) if day <= today]
    return (today - max(come)).days if come else None


def _dose_of_late(protocol: Protocol, history: History, recent: RecentDose, today: date) -> bool:
    """Whether a dose reached so near: that of day 1, or the last day of its infusion."""
    for cycle in history.cycles:
        if not cycle.day_1 or cycle.day_1 > today or cycle.dose_percent == 0:
            continue
        regimen = history.regimen_of(cycle)
        if recent.regimens is not None and regimen not in recent.regimens:
            continue
        infused = cycle.day_1 + timedelta(days=protocol.regimens[regimen].infusion_days)
        if (today - min(infused, today)).days <= recent.days:
            return True
    return False


def _regimens_she_gets(
    history: History, schedule: ComponentSchedule, today: date
) -> frozenset[str]:
    """The regimen of the latest cycle given. Where none was, or the day of a later one has come, it
    is also what that one would be given under: it may have been, and nobody has said so yet."""
    latest = _latest_given(history, schedule.component, today)
    regimens = {history.regimen_of(latest)} if latest else set()
    for cycle in schedule.cycles:
        due = cycle.asked and cycle.starts <= today
        if due and (latest is None or cycle.number > latest.number):
            regimens.add(cycle.regimen)
    return frozenset(regimens or {history.components[schedule.component]})


def _drug_facts(
    protocol: Protocol, history: History, regimens: Mapping[str, Set[str]], today: date
) -> dict[str, bool]:
    """Of every drug of the protocol, in order of code, whether she gets it; `regimens` are hers by
    component."""
    hers: set[str] = set()
    for component, codes in regimens.items():
        for code in codes:
            hers.update(protocol.regimens[code].drugs)
        latest = _latest_given(history, component, today)
        if latest:
            hers.update(latest.drugs)
    return {drug: drug in hers for drug in protocol.drug_codes}


def _wanted_items(protocol: Protocol, regimens: Mapping[str, Set[str]]) -> dict[str, bool]:
    """Of every optional item whether it goes with a regimen that runs."""
    hers = [protocol.regimens[code] for codes in regimens.values() for code in codes]
    facts = {}
    for instrument, item in sorted(protocol.optional_items):
        goes_with = [item in regimen.also_asks.get(instrument, ()) for regimen in hers]
        facts[wanted(instrument, item)] = any(goes_with)
    return facts


def _infuses(protocol: Protocol, history: History, component: str, today: date) -> bool:
    latest = _latest_given(history, component, today)
    if latest is None or latest.day_1 is None or latest.dose_percent == 0:
        return False
    infusion_days = protocol.regimens[history.regimen_of(latest)].infusion_days
    if not infusion_days:
        return False
    return (today - latest.day_1).days <= infusion_days


def _latest_given(history: History, component: str, today: date) -> Cycle | None:
    """The cycle of the highest number whose actual day 1 has come."""
    for cycle in reversed(history.cycles_of(component)):
        if cycle.day_1 and cycle.day_1 <= today:
            return cycle
    return None


def _stands(history: History, since: str, until: str | None, today: date) -> bool:
    """Whether the milestone that begins it has come and, since then, not the one that ends it."""
    begun = _last_until(history, since, today)
    if begun is None:
        return False
    ended = _last_until(history, until, today) if until else None
    return ended is None or ended < begun


def _last_until(history: History, milestone: str, today: date) -> date | None:
    days = history.milestones.get(milestone, ())
    return max((day for day in days if day <= today), default=None)
