"""What the treatment says about a patient on one day, for rules, conditional items and headings."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from proms.domain.protocol import Protocol, wanted
from proms.domain.schedule.history import Cycle, History
from proms.domain.schedule.occurrences import situation_on

Fact = bool | int | str | None


class CycleDay(NamedTuple):
    """Where a patient is in a component: cycle 3, day 9."""

    number: int
    day: int


def cycle_day(history: History, component: str, today: date) -> CycleDay | None:
    """The latest cycle that was given and the day of it, counted from 1 on its actual day 1."""
    given = [
        cycle for cycle in history.cycles_of(component) if cycle.day_1 and cycle.day_1 <= today
    ]
    if not given or given[-1].day_1 is None:
        return None
    return CycleDay(given[-1].number, (today - given[-1].day_1).days + 1)


def treatment_facts(protocol: Protocol, history: History, today: date) -> dict[str, Fact]:
    """The arm, whether she is under treatment and which drugs she gets, and what is in place (such
    as a pump).

    `infusion` is day 1 to the day after the infusion of a cycle that was really given.
    """
    schedules = situation_on(protocol, history, today).schedules
    running = [each for each, schedule in schedules.items() if schedule.runs_on(today)]
    drugs = {drug for component in running for drug in _drugs(protocol, history, component, today)}
    every = {
        drug
        for regimen in protocol.regimens.values()
        for drug in (*regimen.drugs, *regimen.optional)
    }
    return {
        "arm": history.arm,
        "on_treatment": bool(running),
        "infusion": any(_infuses(protocol, history, component, today) for component in running),
        **{drug: drug in drugs for drug in sorted(every)},
        **_wanted_items(protocol, history, running),
        **{
            name: _stands(history, each.since, each.until, today)
            for name, each in protocol.standing.items()
        },
    }


def _wanted_items(protocol: Protocol, history: History, running: list[str]) -> dict[str, bool]:
    """Of every optional item whether it goes with a regimen that runs."""
    going = [protocol.regimens[history.components[component]].also_asks for component in running]
    return {
        wanted(code, item): any(item in each.get(code, ()) for each in going)
        for code, item in sorted(protocol.optional_items)
    }


def _drugs(protocol: Protocol, history: History, component: str, today: date) -> Iterator[str]:
    """The regimen's drugs, and those of the latest cycle given."""
    yield from protocol.regimens[history.components[component]].drugs
    latest = _latest(history, component, today)
    yield from latest.drugs if latest else ()


def _infuses(protocol: Protocol, history: History, component: str, today: date) -> bool:
    days = protocol.regimens[history.components[component]].infusion_days
    now = cycle_day(history, component, today)
    latest = _latest(history, component, today)
    given = latest is not None and latest.dose_percent != 0
    return bool(days and now and given and now.day <= days + 1)


def _latest(history: History, component: str, today: date) -> Cycle | None:
    given = [
        cycle for cycle in history.cycles_of(component) if cycle.day_1 and cycle.day_1 <= today
    ]
    return given[-1] if given else None


def _stands(history: History, since: str, until: str | None, today: date) -> bool:
    """Whether the milestone that begins it has come and, since then, not the one that ends it."""
    begun = max((day for day in history.milestones.get(since, ()) if day <= today), default=None)
    ended = max(
        (day for day in history.milestones.get(until or "", ()) if day <= today), default=None
    )
    return begun is not None and (ended is None or ended < begun)
