"""Comparing the plan with what is stored: what a clinic may rely on, then laws for any course of
events."""

from dataclasses import replace

from proms.content import load
from proms.domain.schedule import (
    AssignmentState,
    CancelReason,
    History,
    Key,
    plan,
    reconcile,
    replan_on,
    revise,
    summarise,
)
from proms.settings import HOME
from tests.domain.calendars import (
    TRIAL,
    applied,
    day,
    given,
    key,
    planned,
    skipped,
    stored,
    treated,
)

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


def test_the_rest_of_a_baseline_that_was_begun_closes_at_randomisation():
    three = load(HOME).protocol("pump-it").asking(["qlq-c30", "qlq-lmc21"])
    before = History(milestones={"consent": (day("2026-01-05"),)})
    held = stored(plan(three, before, day("2026-01-05")))
    begun, rest = Key("QOL-BASE", 1, "qlq-c30"), Key("QOL-BASE", 1, "qlq-lmc21")
    held = {
        **held,
        begun: held[begun]._replace(state=AssignmentState.ANSWERED, started_on=day("2026-01-08")),
    }
    after = History(
        arm="A",
        milestones={**before.milestones, "randomisation": (day("2026-01-12"),)},
        checked={begun: day("2026-01-08")},
    )
    (moved,) = [
        each
        for each in revise(three, after, held, day("2026-01-12")).move
        if each.key.event == "QOL-BASE"
    ]
    assert (moved.key, moved.window.closes) == (rest, day("2026-01-12"))


def test_the_rest_of_a_pack_that_was_begun_ends_with_withdrawal_and_death():
    three = load(HOME).protocol("pump-it").asking(["qlq-c30", "qlq-lmc21"])
    begun, rest = Key("QOL-BASE", 1, "qlq-c30"), Key("QOL-BASE", 1, "qlq-lmc21")
    consent = {"consent": (day("2026-01-05"),)}
    held = stored(plan(three, History(milestones=consent), day("2026-01-05")))
    for state in (AssignmentState.STARTED, AssignmentState.ANSWERED):
        now = {**held, begun: held[begun]._replace(state=state, started_on=day("2026-01-05"))}
        for end in ("withdrawal", "death"):
            milestones = {**consent, end: (day("2026-01-06"),)}
            history = History(milestones=milestones, checked={begun: day("2026-01-05")})
            assert [each.key for each in revise(three, history, now, day("2026-01-06")).cancel] == [
                rest
            ]


def test_what_waits_for_a_late_cycle_ends_with_withdrawal_though_its_dates_are_past():
    late = treated("A", systemic=[planned("2026-02-02")])
    held = stored(plan(TRIAL, late, day("2026-02-12")))
    assert held[key("HSC-SYST-D1 1")].state is AssignmentState.WAITING
    gone = treated("A", systemic=[planned("2026-02-02")], withdrawal="2026-02-12")
    assert "HSC-SYST-D1 1" in names(revise(TRIAL, gone, held, day("2026-02-12")).cancel)


def test_what_had_closed_before_death_stays_on_record_whatever_cycle_would_be_late_later():
    gone = treated(
        "A", systemic=["2026-03-02", planned("2026-03-23")], regimen="capox", death="2026-03-23"
    )
    assert at(gone, "2026-03-23") == at(gone, "2026-03-24") == at(gone, "2026-06-01")


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
    assert [each.window.due for each in changes.move if each.key == key("HSC-FUDR-D1 2")] == [
        day("2026-04-01")
    ]


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
    withdrawn = replace(
        ON_TIME, milestones={**ON_TIME.milestones, "withdrawal": (day("2026-03-05"),)}
    )
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
    left = {
        each.state
        for each in applied(held, changes).values()
        if each.window.closes >= day("2026-03-20")
    }
    assert left == {AssignmentState.CANCELLED}
    assert replan_on(TRIAL, dead, day("2026-03-20")) is None


def test_the_preview_tells_what_moves_from_where_to_where():
    held = stored(at(ON_TIME, "2026-03-28"))
    later = treated("B", pump=["2026-03-02", skipped("2026-03-30"), planned("2026-04-27")])
    told = summarise(reconcile(at(later, "2026-03-28"), held, day("2026-03-28")))
    # The weeks of the skipped cycle lie in a gap, which has checks of its own.
    assert told.counts == {"open": 8, "cancel": 4}
    assert [f"{line.event} {line.number} {line.becomes.due}" for line in told.of("open")[:4]] == [
        "HSC-GAP-PUMP-W1 3 2026-03-30",
        "HSC-GAP-PUMP-W2 3 2026-04-06",
        "HSC-GAP-PUMP-W3 3 2026-04-13",
        "HSC-GAP-PUMP-W4 3 2026-04-20",
    ]
    assert [
        f"{line.event} {line.number} {line.was.due} {line.becomes}" for line in told.of("cancel")
    ] == [
        "HSC-FUDR-D1 2 2026-03-30 None",
        "HSC-FUDR-D8 2 2026-04-06 None",
        "HSC-FUDR-D15 2 2026-04-13 None",
        "HSC-FUDR-D22 2 2026-04-20 None",
    ]
