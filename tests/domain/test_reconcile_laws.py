"""Laws of a re-plan, for any course of events."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from proms.domain.schedule import (
    AssignmentState,
    Cycle,
    CycleStatus,
    History,
    Key,
    StoredAssignment,
    plan,
    replan_on,
    revise,
    schedule_component,
)
from proms.domain.schedule.plan import end_of
from tests.domain.calendars import TRIAL, applied

START = date(2026, 1, 5)
days = st.integers(0, 400).map(lambda n: START + timedelta(days=n))
gaps = st.integers(7, 45)


@st.composite
def courses(draw, component):
    """Cycles in order, mostly given, some planned otherwise, some skipped, the last perhaps only
    planned."""
    begins = START + timedelta(days=draw(st.integers(10, 80)))
    cycles = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        status = draw(
            st.sampled_from(
                [CycleStatus.GIVEN, CycleStatus.GIVEN, CycleStatus.GIVEN, CycleStatus.SKIPPED]
            )
        )
        off = timedelta(days=draw(st.integers(-3, 20)))
        day_1 = begins + off if status is CycleStatus.GIVEN else None
        cycles.append(
            Cycle(component, number, draw(st.sampled_from([begins, None])) or begins, day_1, status)
        )
        begins = (day_1 or begins) + timedelta(days=draw(gaps))
    if draw(st.booleans()):
        cycles.append(Cycle(component, len(cycles) + 1, begins))
    return cycles


@st.composite
def histories(draw):
    arm = draw(st.sampled_from(["A", "B"]))
    pump = draw(courses("pump")) if arm == "B" else []
    systemic = draw(courses("systemic"))
    regimens = st.sampled_from(["capox", "folfox"] if arm == "A" else ["folfox", "folfiri"])
    regimen = draw(regimens)
    systemic = [
        cycle if cycle.status is CycleStatus.PLANNED else replace(cycle, regimen=draw(regimens))
        for cycle in systemic
    ]
    milestones = {"consent": (START,), "randomisation": (START + timedelta(days=7),)}
    for kind in ("pump_surgery", "panel", "local_treatment", "progression", "withdrawal", "death"):
        if draw(st.integers(0, 3)) == 0 and (arm == "B" or kind != "pump_surgery"):
            milestones[kind] = (draw(days),)
    named = {"pump": ("fudr", pump), "systemic": (regimen, systemic)}
    components = {component: code for component, (code, cycles) in named.items() if cycles}
    stopped = {component: draw(days) for component in components if draw(st.integers(0, 3)) == 0}
    return History(arm, milestones, components, (*pump, *systemic), stopped)


def as_known_on(history, today):
    """What the site can have recorded by that day."""

    def known(cycle):
        if cycle.day_1 and cycle.day_1 > today:
            return replace(cycle, day_1=None, status=CycleStatus.PLANNED, regimen=None)
        return cycle

    return replace(
        history,
        cycles=tuple(known(each) for each in history.cycles),
        stopped={component: on for component, on in history.stopped.items() if on <= today},
        milestones={
            kind: tuple(on for on in dates if kind not in TRIAL.ends or on <= today)
            for kind, dates in history.milestones.items()
        },
    )


def live(held, today, luck):
    """A day at home: what is open may be started, answered or left; what closed is missed."""
    after = dict(held)
    for name, each in held.items():
        if each.state is AssignmentState.STARTED:
            after[name] = each._replace(state=AssignmentState.ANSWERED)
        elif each.state is AssignmentState.PLANNED and each.window.closes < today:
            after[name] = each._replace(state=AssignmentState.MISSED)
        elif (
            each.state is AssignmentState.PLANNED
            and each.window.opens <= today
            and luck.random() < 0.3
        ):
            after[name] = each._replace(state=AssignmentState.STARTED, started_on=today)
    return after


def a_re_plan(history, held, today):
    """One re-plan as the trial does it, with the laws that hold for each."""
    begun = {name: each.started_on for name, each in held.items() if each.started_on}
    known = replace(as_known_on(history, today), checked=begun)
    wanted = plan(TRIAL, known, today)
    assert len({each.key for each in wanted}) == len(wanted)
    assert all(each.window.opens <= each.window.due <= each.window.closes for each in wanted)
    assert_apart(wanted, held)
    after = applied(held, revise(TRIAL, known, held, today))
    assert not revise(TRIAL, known, after, today)
    for name, each in held.items():
        if each.state.fixed:
            assert after[name] == each
    return after


def assert_apart(wanted, held):
    """Within a series no two windows that can still be answered share a day."""
    lanes: dict[str, list[StoredAssignment]] = {}
    for each in wanted:
        if not each.waiting and not (each.key in held and held[each.key].started_on):
            series = next(e.series for e in TRIAL.events if e.code == coded(each.key))
            lanes.setdefault(series, []).append(each.window)
    for windows in lanes.values():
        for first, second in pairwise(sorted(windows, key=lambda window: window.due)):
            assert first.closes < second.opens


def coded(name: Key) -> str:
    stem = name.event.rstrip("0123456789")
    return f"{stem}{{step}}" if "WAIT" in stem or "GAP" in stem else name.event


@for_all(histories(), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_over_any_year_nothing_begun_or_missed_changes_and_planning_twice_changes_nothing(
    history, luck
):
    held: dict[Key, StoredAssignment] = {}
    today = START
    while today < START + timedelta(days=400):
        held = a_re_plan(history, held, today)
        held = live(held, today, luck)
        today += timedelta(days=luck.choice([1, 1, 3, 7, 9]))


@for_all(histories(), days)
@settings(max_examples=150, deadline=None)
def test_between_two_re_plan_days_time_alone_changes_no_plan(history, today):
    known = as_known_on(history, today)
    following = replan_on(TRIAL, known, today) or today + timedelta(days=60)
    assert following > today
    last = min(following - timedelta(days=1), today + timedelta(days=60))
    assert plan(TRIAL, known, today) == plan(TRIAL, known, last)


@for_all(histories(), days)
@settings(max_examples=100, deadline=None)
def test_the_same_history_and_day_give_the_same_plan_in_any_order_of_recording(history, today):
    other = replace(history, cycles=tuple(reversed(history.cycles)))
    assert plan(TRIAL, history, today) == plan(TRIAL, other, today)


@for_all(histories(), days)
@settings(max_examples=150, deadline=None)
def test_no_long_gap_between_two_dated_cycles_goes_by_without_a_check(history, today):
    known = as_known_on(history, today)
    if end_of(TRIAL, known, today):
        return
    schedules = [schedule_component(TRIAL, known, code, today) for code in known.components]
    checks = {each.window.due for each in plan(TRIAL, known, today) if each.key.instrument == "hsc"}
    for schedule in schedules:
        asked = [cycle for cycle in schedule.cycles if cycle.asked]
        for cycle, following in pairwise(asked):
            if cycle.waits or following.waits:
                continue
            length = (min(following.since, following.starts) - cycle.ends).days
            gap = [cycle.ends + timedelta(days=day) for day in range(length)]
            quiet = not any(
                other.runs_on(day) or other.late_on(day) for other in schedules for day in gap
            )
            if quiet and length >= 16:
                assert checks.intersection(gap)
