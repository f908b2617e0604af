"""Comparing the plan with what is stored: what a clinic may rely on, then laws for any course of events."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from proms.domain.schedule import (
    AssignmentState,
    CancelReason,
    Cycle,
    CycleStatus,
    Held,
    History,
    Key,
    describe,
    plan,
    reconcile,
    replan_on,
    revise,
)
from tests.domain.calendars import TRIAL, applied, day, given, key, planned, skipped, stored, treated

ON_TIME = treated("B", pump=["2026-03-02", planned("2026-03-30")])


def mark(held, name, state, on=None):
    each = held[key(name)]
    return {**held, each.key: each._replace(state=state, started_on=day(on) if on else None)}


def names(changes):
    return [f"{each.key.event} {each.key.number}" for each in changes]


def at(history, today):
    return plan(TRIAL, history, day(today))


def test_the_first_plan_opens_everything_that_can_still_be_answered():
    changes = reconcile(at(ON_TIME, "2026-03-02"), {}, day("2026-03-02"))
    assert "HSC-FUDR-D1 1" in names(changes.open)
    assert "QOL-BASE 1" not in names(changes.open)  # it closed at randomisation, in January


def test_planning_twice_changes_nothing():
    held = stored(at(ON_TIME, "2026-03-02"))
    assert not reconcile(at(ON_TIME, "2026-03-02"), held, day("2026-03-02"))


def test_a_delay_lets_the_checks_of_the_cycle_wait_and_opens_catch_ups():
    held = stored(at(ON_TIME, "2026-03-29"))
    changes = reconcile(at(ON_TIME, "2026-03-31"), held, day("2026-03-31"))
    assert names(changes.open) == ["HSC-WAIT-PUMP-W1 2", "HSC-WAIT-PUMP-W2 2"]
    assert "HSC-FUDR-D1 2" in names(changes.wait)
    assert not changes.move
    assert not changes.cancel


def test_day_1_moves_what_waited_and_cancels_the_catch_ups_not_started():
    held = stored(at(ON_TIME, "2026-04-08"))
    held = mark(held, "HSC-WAIT-PUMP-W1 2", AssignmentState.MISSED)
    known = treated("B", pump=["2026-03-02", given("2026-04-09", planned="2026-03-30")])
    changes = reconcile(at(known, "2026-04-09"), held, day("2026-04-09"))
    assert names(changes.cancel) == ["HSC-WAIT-PUMP-W2 2", "HSC-WAIT-PUMP-W3 2"]
    moved = {f"{each.key.event} {each.key.number}": each.window.due for each in changes.move}
    assert moved["HSC-FUDR-D1 2"] == day("2026-04-09")
    assert moved["HSC-FUDR-D8 2"] == day("2026-04-16")


def test_a_check_that_is_open_but_not_started_may_move():
    held = stored(at(ON_TIME, "2026-03-28"))  # the day-1 check opened on the 27th
    later = treated("B", pump=["2026-03-02", planned("2026-04-01")])
    changes = reconcile(at(later, "2026-03-28"), held, day("2026-03-28"))
    assert [each.window.due for each in changes.move if each.key == key("HSC-FUDR-D1 2")] == [day("2026-04-01")]


def test_started_answered_and_missed_checks_stay_whatever_happens():
    held = stored(at(ON_TIME, "2026-03-28"))
    held = mark(held, "HSC-FUDR-D8 1", AssignmentState.MISSED)
    held = mark(held, "HSC-FUDR-D15 1", AssignmentState.ANSWERED, "2026-03-16")
    held = mark(held, "HSC-FUDR-D1 2", AssignmentState.STARTED, "2026-03-28")
    without_pump = treated("B")
    changes = reconcile(at(without_pump, "2026-03-28"), held, day("2026-03-28"))
    assert {"HSC-FUDR-D8 1", "HSC-FUDR-D15 1", "HSC-FUDR-D1 2"}.isdisjoint(names(changes.cancel))
    assert "HSC-FUDR-D8 2" in names(changes.cancel)


def test_a_cancelled_check_that_is_wanted_again_is_reopened():
    stopped = replace(ON_TIME, stopped={"pump": day("2026-03-15")})
    held = stored(at(ON_TIME, "2026-03-16"))
    held = applied(held, reconcile(at(stopped, "2026-03-16"), held, day("2026-03-16")))
    assert held[key("HSC-FUDR-D1 2")].state is AssignmentState.CANCELLED
    changes = reconcile(at(ON_TIME, "2026-03-20"), held, day("2026-03-20"))
    assert "HSC-FUDR-D1 2" in names(changes.reopen)


def test_a_cancelled_check_whose_window_closed_meanwhile_stays_cancelled():
    withdrawn = replace(ON_TIME, milestones={**ON_TIME.milestones, "withdrawal": (day("2026-03-05"),)})
    held = stored(at(ON_TIME, "2026-03-03"))
    held = applied(held, revise(TRIAL, withdrawn, held, day("2026-03-05")))
    changes = reconcile(at(ON_TIME, "2026-03-20"), held, day("2026-03-20"))
    assert "HSC-FUDR-D8 1" not in names(changes.reopen)
    assert "HSC-FUDR-D22 1" in names(changes.reopen)


def test_a_day_1_recorded_long_after_asks_nothing_that_was_over_by_then():
    delayed = treated("B", pump=["2026-03-02", planned("2026-03-30")])
    held = stored(at(delayed, "2026-04-14"))
    known = treated("B", pump=["2026-03-02", given("2026-04-01", planned="2026-03-30")])
    changes = reconcile(at(known, "2026-04-14"), held, day("2026-04-14"))
    late = [
        name
        for name, each in zip(names(changes.cancel), changes.cancel, strict=True)
        if each.reason == CancelReason.RECORDED_LATE
    ]
    assert late == ["HSC-FUDR-D1 2", "HSC-FUDR-D8 2"]
    after = applied(held, changes)
    assert not reconcile(at(known, "2026-04-14"), after, day("2026-04-14"))


def test_death_cancels_everything_at_once_and_says_why():
    held = stored(at(ON_TIME, "2026-03-20"))
    held = mark(held, "HSC-FUDR-D1 1", AssignmentState.ANSWERED, "2026-03-02")
    dead = replace(ON_TIME, milestones={**ON_TIME.milestones, "death": (day("2026-03-20"),)})
    changes = revise(TRIAL, dead, held, day("2026-03-20"))
    assert {each.reason for each in changes.cancel} == {CancelReason.DEATH}
    left = {each.state for each in applied(held, changes).values() if each.window.closes >= day("2026-03-20")}
    assert left == {AssignmentState.CANCELLED}
    assert replan_on(TRIAL, dead, day("2026-03-20")) is None


def test_the_preview_tells_what_moves_from_where_to_where():
    held = stored(at(ON_TIME, "2026-03-28"))
    later = treated("B", pump=["2026-03-02", skipped("2026-03-30"), planned("2026-04-27")])
    told = describe(reconcile(at(later, "2026-03-28"), held, day("2026-03-28")))
    assert told.counts == {"open": 4, "cancel": 4}
    assert [f"{line.event} {line.number} {line.was.due} {line.becomes}" for line in told.of("cancel")] == [
        "HSC-FUDR-D1 2 2026-03-30 None",
        "HSC-FUDR-D8 2 2026-04-06 None",
        "HSC-FUDR-D15 2 2026-04-13 None",
        "HSC-FUDR-D22 2 2026-04-20 None",
    ]


# Laws, for any course of events

START = date(2026, 1, 5)
days = st.integers(0, 400).map(lambda n: START + timedelta(days=n))
gaps = st.integers(7, 45)


@st.composite
def courses(draw, component):
    """Cycles in order, mostly given, some planned otherwise, some skipped, the last perhaps only planned."""
    begins = START + timedelta(days=draw(st.integers(10, 80)))
    cycles = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        status = draw(st.sampled_from([CycleStatus.GIVEN, CycleStatus.GIVEN, CycleStatus.GIVEN, CycleStatus.SKIPPED]))
        off = timedelta(days=draw(st.integers(-3, 20)))
        day_1 = begins + off if status is CycleStatus.GIVEN else None
        cycles.append(Cycle(component, number, draw(st.sampled_from([begins, None])) or begins, day_1, status))
        begins = (day_1 or begins) + timedelta(days=draw(gaps))
    if draw(st.booleans()):
        cycles.append(Cycle(component, len(cycles) + 1, begins))
    return cycles


@st.composite
def histories(draw):
    arm = draw(st.sampled_from(["A", "B"]))
    pump = draw(courses("pump")) if arm == "B" else []
    systemic = draw(courses("systemic"))
    regimen = draw(st.sampled_from(["capox", "folfox"] if arm == "A" else ["folfox", "folfiri"]))
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
            return replace(cycle, day_1=None, status=CycleStatus.PLANNED)
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
        elif each.state is AssignmentState.PLANNED and each.window.opens <= today and luck.random() < 0.3:
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
    lanes: dict[str, list[Held]] = {}
    for each in wanted:
        if not each.waiting and not (each.key in held and held[each.key].started_on):
            series = next(e.series for e in TRIAL.events if e.code == coded(each.key))
            lanes.setdefault(series, []).append(each.window)
    for windows in lanes.values():
        for first, second in pairwise(sorted(windows, key=lambda window: window.due)):
            assert first.closes < second.opens


def coded(name: Key) -> str:
    stem = name.event.rstrip("0123456789")
    return f"{stem}{{step}}" if "WAIT" in stem else name.event


@for_all(histories(), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_over_any_year_nothing_begun_or_missed_changes_and_planning_twice_changes_nothing(history, luck):
    held: dict[Key, Held] = {}
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
