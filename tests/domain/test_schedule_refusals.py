"""What the protocol refuses to have on record, and what it lets pass when a person gives a
reason."""

from dataclasses import replace

import pytest

from proms.domain.schedule import (
    Cycle,
    CycleStatus,
    History,
    UnsoundHistory,
    objections,
    refuse_unsound,
)
from tests.domain.calendars import TRIAL, day, given, planned, skipped, treated

TODAY = day("2026-06-01")


def codes(history, today=TODAY):
    return [each.code for each in objections(TRIAL, history, today)]


@pytest.mark.parametrize(
    ("history", "code", "sentence"),
    [
        (treated("C"), "unknown_word", "arm C is not in the protocol (A, B)"),
        (
            treated("A", holiday="2026-05-01"),
            "unknown_word",
            "milestone holiday is not in the protocol",
        ),
        (
            treated("A", systemic=["2026-03-02"], regimen="folfax"),
            "unknown_word",
            "folfax is not a regimen of component",
        ),
        (
            treated("A", systemic=["2026-03-02"], regimen="fudr"),
            "unknown_word",
            "fudr is not a regimen of component",
        ),
        (treated("A", pump=["2026-03-02"]), "regimen_not_in_arm", "FUDR is not given in arm A"),
        (
            treated("B", systemic=["2026-03-02"], regimen="capox"),
            "regimen_not_in_arm",
            "CAPOX is not given in arm B",
        ),
        (
            treated("B", systemic=["2026-03-02"], regimen="folfoxiri"),
            "regimen_not_in_arm",
            "FOLFOXIRI is not given",
        ),
        (
            treated("A", pump_surgery="2026-02-02"),
            "milestone_not_in_arm",
            "pump_surgery does not happen in arm A",
        ),
        (treated(None, systemic=["2026-03-02"]), "not_randomised", "the patient has no arm"),
        (treated("A", progression="2026-01-01"), "too_early", "before randomisation on 2026-01-12"),
        (
            treated("A", randomisation="2026-01-01"),
            "too_early",
            "randomisation on 2026-01-01 is before consent",
        ),
        (
            treated("A", systemic=["2026-01-10"]),
            "too_early",
            "day 1 2026-01-10 is before randomisation",
        ),
        (
            treated("A", death=["2026-03-01", "2026-03-02"]),
            "repeated_milestone",
            "death happens once",
        ),
        (
            treated("A", systemic=[planned("2026-01-11")]),
            "too_early",
            "planned on 2026-01-11 is before randomisation",
        ),
        (
            treated("A", consent="0206-01-05"),
            "outside_trial",
            "consent: 0206-01-05 is outside the years of the trial, 2024 to 2036",
        ),
        (treated("A", consent="2016-01-05"), "outside_trial", "consent: 2016-01-05 is outside"),
        (
            treated("A", panel="2028-01-01"),
            "far_future",
            "panel: 2028-01-01 is more than 400 days ahead",
        ),
        (
            treated("A", death="2026-06-02"),
            "not_yet_happened",
            "death: 2026-06-02 is still to come",
        ),
        (
            treated("A", systemic=["2026-06-02"]),
            "not_yet_happened",
            "systemic cycle 1: 2026-06-02 is still to come",
        ),
        (
            treated("A", systemic=["2026-03-02"], death="2026-03-01"),
            "after_death",
            "after the date of death",
        ),
        (
            treated("A", systemic=["2026-03-02", "2026-03-02"]),
            "cycles_on_one_day",
            "both start on 2026-03-02",
        ),
        (
            treated("A", systemic=["2026-03-16", "2026-03-02"]),
            "cycle_out_of_order",
            "before cycle 1 on 2026-03-16",
        ),
        (
            treated("A", systemic=[planned("2026-03-02"), "2026-03-16"]),
            "cycle_out_of_order",
            "cycle 1 is neither given nor skipped",
        ),
    ],
)
def test_what_cannot_be_is_refused(history, code, sentence):
    assert code in codes(history)
    with pytest.raises(UnsoundHistory) as refused:
        refuse_unsound(TRIAL, history, TODAY, confirmed=True)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("history", "code"),
    [
        (treated("A", systemic=["2026-03-02", "2026-03-10"]), "cycles_overlap"),
        (treated("A", systemic=["2026-03-02", planned("2026-03-10")]), "cycles_overlap"),
        (
            treated("A", systemic=["2026-03-02", "2026-03-16"], stopped={"systemic": "2026-03-10"}),
            "given_after_last_dose",
        ),
    ],
)
def test_what_is_odd_may_be_confirmed(history, code):
    assert codes(history) == [code]
    with pytest.raises(UnsoundHistory):
        refuse_unsound(TRIAL, history, TODAY)
    refuse_unsound(TRIAL, history, TODAY, confirmed=True)


def test_a_drug_outside_the_regimen_may_be_confirmed():
    cycle = Cycle(
        "systemic",
        1,
        None,
        day("2026-03-02"),
        CycleStatus.GIVEN,
        drugs=("oxaliplatin", "bevacizumab"),
    )
    in_a, in_b = (
        replace(treated(arm), components={"systemic": "folfox"}, cycles=(cycle,)) for arm in "AB"
    )
    assert codes(in_a) == []
    assert codes(in_b) == ["drug_not_in_regimen"]


def test_a_cycle_number_is_never_left_out_or_used_twice():
    third = Cycle("systemic", 3, None, day("2026-04-01"), CycleStatus.GIVEN)
    gap = replace(
        treated("A", systemic=["2026-03-02"]),
        cycles=(*treated("A", systemic=["2026-03-02"]).cycles, third),
    )
    twice = replace(gap, cycles=(*gap.cycles[:1], *gap.cycles[:1]))
    assert codes(gap) == ["cycle_out_of_order"]
    assert "cycle_twice" in codes(twice)
    assert codes(replace(gap, cycles=(third,))) == ["cycle_out_of_order"]


@pytest.mark.parametrize(
    "cycle",
    [
        Cycle("systemic", 1, None, None, CycleStatus.GIVEN),
        Cycle("systemic", 1, None, None, CycleStatus.PLANNED),
        Cycle("systemic", 1, day("2026-03-02"), day("2026-03-02"), CycleStatus.SKIPPED),
        Cycle("systemic", 1, day("2026-03-02"), day("2026-03-02"), CycleStatus.PLANNED),
    ],
)
def test_the_dates_of_a_cycle_fit_its_status(cycle):
    history = History("A", treated("A").milestones, {"systemic": "folfox"}, (cycle,))
    assert "incomplete_cycle" in codes(history)


def test_a_component_needs_a_regimen():
    assert codes(replace(treated("A", systemic=["2026-03-02"]), components={})) == ["unknown_word"]


def test_sound_histories_pass():
    for history in (
        treated(None),
        treated(None, randomisation="2026-06-20"),
        treated(
            "A", systemic=["2026-03-02", "2026-03-13", skipped("2026-03-27"), planned("2026-04-10")]
        ),
        treated(
            "B",
            pump_surgery="2026-02-02",
            pump=["2026-03-02", given("2026-04-06", planned="2026-03-30")],
        ),
        treated("B", pump_surgery="2026-07-01"),
        treated("A", progression=["2026-03-02", "2026-05-02"], withdrawal="2026-06-01"),
    ):
        assert codes(history) == []


def test_after_a_change_of_regimen_older_cycles_are_not_measured_by_the_new_one():
    by_folfox = [{**given(on), "regimen": "folfox"} for on in ("2026-03-02", "2026-03-16")]
    two_weeks = treated("A", systemic=[*by_folfox, planned("2026-04-06")])
    assert codes(replace(two_weeks, components={"systemic": "capox"})) == []


def test_what_was_confirmed_before_is_not_asked_again():
    odd = treated("A", systemic=["2026-03-02", "2026-03-10"])
    more = treated("A", systemic=["2026-03-02", "2026-03-10", "2026-03-24"])
    refuse_unsound(TRIAL, more, TODAY, before=odd)
    with pytest.raises(UnsoundHistory):
        refuse_unsound(
            TRIAL,
            treated("A", systemic=["2026-03-02", "2026-03-10", "2026-03-18"]),
            TODAY,
            before=odd,
        )
