"""The symptom check runs on the treatment clock, weekly in both arms, drawn row by row from the
trial's schedule."""

import pytest

from tests.domain.calendars import drawing, drawn, due, given, planned, skipped, treated

FOLFOX = ["2026-03-02", "2026-03-16", "2026-03-30", "2026-04-13", "2026-04-27"]


def test_capox_asks_on_days_1_8_and_15_of_three_weeks_and_two_cycles_ahead():
    assert drawn(
        treated("A", systemic=["2026-01-26"], regimen="capox"), "2026-01-26", "HSC-SYST"
    ) == drawing("""
        HSC-SYST-D1  1 2026-01-23 2026-01-26 2026-01-29
        HSC-SYST-D8  1 2026-02-01 2026-02-02 2026-02-05
        HSC-SYST-D15 1 2026-02-08 2026-02-09 2026-02-12
        HSC-SYST-D1  2 2026-02-13 2026-02-16 2026-02-19
        HSC-SYST-D8  2 2026-02-22 2026-02-23 2026-02-26
        HSC-SYST-D15 2 2026-03-01 2026-03-02 2026-03-05
        HSC-SYST-D1  3 2026-03-06 2026-03-09 2026-03-12
        HSC-SYST-D8  3 2026-03-15 2026-03-16 2026-03-19
        HSC-SYST-D15 3 2026-03-22 2026-03-23 2026-03-26
    """)


@pytest.mark.parametrize("regimen", ["folfox", "folfiri", "folfoxiri"])
def test_regimens_of_two_weeks_ask_on_days_1_and_8(regimen):
    assert drawn(
        treated("A", systemic=["2026-01-26"], regimen=regimen), "2026-01-26", "HSC-SYST"
    ) == drawing("""
        HSC-SYST-D1 1 2026-01-23 2026-01-26 2026-01-29
        HSC-SYST-D8 1 2026-02-01 2026-02-02 2026-02-05
        HSC-SYST-D1 2 2026-02-06 2026-02-09 2026-02-12
        HSC-SYST-D8 2 2026-02-15 2026-02-16 2026-02-19
        HSC-SYST-D1 3 2026-02-20 2026-02-23 2026-02-26
        HSC-SYST-D8 3 2026-03-01 2026-03-02 2026-03-05
    """)


def test_the_pump_leads_the_checks_while_it_runs_beside_systemic_therapy():
    both = treated("B", pump=["2026-03-02", "2026-03-30"], systemic=FOLFOX[:3])
    assert drawn(both, "2026-03-30", "HSC-FUDR", "HSC-SYST").startswith(
        drawing("""
        HSC-FUDR-D1  1 2026-02-27 2026-03-02 2026-03-05
        HSC-FUDR-D8  1 2026-03-08 2026-03-09 2026-03-12
        HSC-FUDR-D15 1 2026-03-15 2026-03-16 2026-03-19
        HSC-FUDR-D22 1 2026-03-22 2026-03-23 2026-03-26
        HSC-FUDR-D1  2 2026-03-27 2026-03-30 2026-04-02
    """)
    )
    assert "HSC-SYST" not in drawn(both, "2026-03-30")


def test_the_wound_is_asked_about_every_week_until_the_first_cycle():
    assert drawn(treated("B", pump_surgery="2026-02-02"), "2026-02-02", "HSC-SURG") == drawing("""
        HSC-SURG-D7  1 2026-02-08 2026-02-09 2026-02-12
        HSC-SURG-D14 1 2026-02-15 2026-02-16 2026-02-19
        HSC-SURG-D21 1 2026-02-22 2026-02-23 2026-02-26
        HSC-SURG-D28 1 2026-03-01 2026-03-02 2026-03-05
    """)
    treated_soon = treated("B", pump_surgery="2026-02-02", pump=["2026-02-23"])
    assert due(treated_soon, "2026-02-23", "HSC-SURG") == {
        "HSC-SURG-D7 1": "2026-02-09",
        "HSC-SURG-D14 1": "2026-02-16",
    }


def test_systemic_therapy_that_begins_before_the_pump_is_asked_about_until_the_pump_begins():
    history = treated(
        "B", pump_surgery="2026-01-19", systemic=["2026-02-16", "2026-03-02"], pump=["2026-03-09"]
    )
    assert drawn(history, "2026-03-09", "HSC-SURG", "HSC-SYST") == drawing("""
        HSC-SURG-D7  1 2026-01-25 2026-01-26 2026-01-29
        HSC-SURG-D14 1 2026-02-01 2026-02-02 2026-02-05
        HSC-SURG-D21 1 2026-02-08 2026-02-09 2026-02-12
        HSC-SYST-D1  1 2026-02-13 2026-02-16 2026-02-19
        HSC-SYST-D8  1 2026-02-22 2026-02-23 2026-02-26
        HSC-SYST-D1  2 2026-02-27 2026-03-02 2026-03-05
    """)


@pytest.mark.parametrize(
    ("history", "window"),
    [
        (treated("A", systemic=["2026-01-26"]), "2026-01-05 2026-01-26 2026-01-26"),
        (treated("A", systemic=[planned("2026-02-02")]), "2026-01-05 2026-02-02 2026-02-02"),
        (
            treated("B", pump_surgery="2026-02-02", pump=["2026-03-02"]),
            "2026-01-05 2026-02-02 2026-02-02",
        ),
        (treated("A"), "2026-01-05 2026-01-12 2026-04-05"),
    ],
)
def test_the_baseline_check_is_due_and_closes_at_the_first_treatment_or_surgery(history, window):
    assert drawn(history, "2026-01-14", "HSC-BASE") == f"HSC-BASE 1 {window}"


def test_the_baseline_check_stays_open_while_the_first_cycle_is_late():
    late = treated("A", systemic=[planned("2026-01-26")])
    assert drawn(late, "2026-01-27", "HSC-BASE") == "HSC-BASE 1 2026-01-05 2026-01-26 2026-04-19"


def test_after_the_last_fudr_every_28_days_for_six_months_then_with_the_week_packs_while_the_pump_is_in():
    over = treated(
        "B", pump=["2026-03-02"], stopped={"pump": "2026-03-15"}, pump_removal="2027-03-01"
    )
    assert drawn(over, "2026-03-16", "HSC") == drawing("""
        HSC-BASE       1 2026-01-05 2026-03-02 2026-03-02
        HSC-FUDR-D1    1 2026-02-27 2026-03-02 2026-03-05
        HSC-FUDR-D8    1 2026-03-08 2026-03-09 2026-03-12
        HSC-FUDR-D15   1 2026-03-15 2026-03-16 2026-03-19
        HSC-FUDR-D22   1 2026-03-22 2026-03-23 2026-03-26
        HSC-AFTER-PUMP 1 2026-04-11 2026-04-12 2026-04-15
        HSC-AFTER-PUMP 2 2026-05-09 2026-05-10 2026-05-13
        HSC-AFTER-PUMP 3 2026-06-06 2026-06-07 2026-06-10
        HSC-AFTER-PUMP 4 2026-07-04 2026-07-05 2026-07-08
        HSC-AFTER-PUMP 5 2026-08-01 2026-08-02 2026-08-05
        HSC-AFTER-PUMP 6 2026-08-29 2026-08-30 2026-09-02
        HSC-AFTER-PUMP 7 2026-09-20 2026-09-21 2026-09-24
        HSC-AFTER-PUMP 8 2027-01-10 2027-01-11 2027-01-14
    """)


def test_after_the_last_systemic_dose_in_arm_a_on_day_28_then_with_the_week_packs():
    over = treated("A", systemic=["2026-01-26"], stopped={"systemic": "2026-01-28"})
    checks = due(over, "2026-01-28", "HSC")
    assert checks["HSC-SYST-D8 1"] == "2026-02-02"
    assert checks["HSC-AFTER-SYST 1"] == "2026-02-25"
    assert checks["HSC-AFTER-SYST 2"] == "2026-04-06"
    assert checks["HSC-AFTER-SYST 13"] == "2031-01-06"
    assert "HSC-SYST-D1 2" not in checks


def test_a_stopped_pump_hands_over_to_systemic_therapy_and_its_follow_up_gives_way():
    history = treated(
        "B",
        pump=["2026-03-02", "2026-03-30"],
        systemic=FOLFOX,
        stopped={"pump": "2026-04-20"},
        pump_surgery="2026-02-02",
    )
    checks = due(history, "2026-05-01", "HSC-FUDR", "HSC-SYST", "HSC-AFTER")
    assert checks["HSC-FUDR-D22 2"] == "2026-04-20"
    assert checks["HSC-SYST-D1 5"] == "2026-04-27"
    assert checks["HSC-SYST-D8 6"] == "2026-05-18"
    assert "HSC-SYST-D8 4" not in checks  # 20 April: the pump still led
    assert "HSC-FUDR-D1 3" not in checks
    assert "HSC-AFTER-PUMP 1" not in checks  # 18 May: a weekly check is due
    assert checks["HSC-AFTER-PUMP 2"] == "2026-06-15"


def test_a_skipped_cycle_asks_nothing_and_systemic_therapy_fills_in():
    history = treated(
        "B", pump=["2026-03-02", skipped("2026-03-30"), planned("2026-04-27")], systemic=FOLFOX[:4]
    )
    assert drawn(history, "2026-04-14", "HSC-FUDR-D1", "HSC-FUDR-D22", "HSC-SYST") == drawing("""
        HSC-FUDR-D1  1 2026-02-27 2026-03-02 2026-03-05
        HSC-FUDR-D15 1 2026-03-15 2026-03-16 2026-03-19
        HSC-FUDR-D22 1 2026-03-22 2026-03-23 2026-03-26
        HSC-SYST-D1  3 2026-03-27 2026-03-30 2026-04-02
        HSC-SYST-D8  3 2026-04-05 2026-04-06 2026-04-09
        HSC-SYST-D1  4 2026-04-10 2026-04-13 2026-04-16
        HSC-SYST-D8  4 2026-04-19 2026-04-20 2026-04-23
        HSC-FUDR-D1  3 2026-04-24 2026-04-27 2026-04-30
        HSC-FUDR-D15 3 2026-05-10 2026-05-11 2026-05-14
        HSC-FUDR-D22 3 2026-05-17 2026-05-18 2026-05-21
        HSC-FUDR-D1  4 2026-05-22 2026-05-25 2026-05-28
        HSC-FUDR-D15 4 2026-06-07 2026-06-08 2026-06-11
        HSC-FUDR-D22 4 2026-06-14 2026-06-15 2026-06-18
        HSC-FUDR-D1  5 2026-06-19 2026-06-22 2026-06-25
        HSC-FUDR-D15 5 2026-07-05 2026-07-06 2026-07-09
        HSC-FUDR-D22 5 2026-07-12 2026-07-13 2026-07-16
    """)


def test_a_skipped_cycle_between_two_does_not_let_the_first_ask_on_days_of_the_second():
    history = treated(
        "A", systemic=["2026-01-26", skipped("2026-02-02"), "2026-02-09"], regimen="capox"
    )
    asked = due(history, "2026-02-09", "HSC-SYST")
    assert (asked["HSC-SYST-D8 1"], asked["HSC-SYST-D1 3"]) == ("2026-02-02", "2026-02-09")
    assert "HSC-SYST-D15 1" not in asked


def test_a_cycle_given_a_week_late_asks_its_checks_a_week_late():
    on_time = treated("B", pump=["2026-03-02", "2026-03-30"])
    late = treated("B", pump=["2026-03-02", given("2026-04-06", planned="2026-03-30")])
    assert due(on_time, "2026-04-06", "HSC-FUDR-D8")["HSC-FUDR-D8 2"] == "2026-04-06"
    assert due(late, "2026-04-06", "HSC-FUDR-D8")["HSC-FUDR-D8 2"] == "2026-04-13"
    assert due(late, "2026-04-06", "HSC-FUDR-D8")["HSC-FUDR-D8 3"] == "2026-05-11"


def test_on_its_planned_day_a_cycle_is_not_yet_delayed():
    assert "WAIT" not in drawn(
        treated("B", pump=["2026-03-02", planned("2026-03-30")]), "2026-03-30"
    )


def test_while_a_cycle_is_delayed_its_checks_wait_and_catch_ups_come_every_week():
    delayed = treated("B", pump=["2026-03-02", planned("2026-03-30")])
    assert drawn(delayed, "2026-04-08", "HSC-FUDR-D1 ", "HSC-FUDR-D8", "HSC-WAIT") == drawing("""
        HSC-FUDR-D8 1 2026-03-08 2026-03-09 2026-03-12
        HSC-WAIT-PUMP-W1 2 2026-03-29 2026-03-30 2026-04-02
        HSC-FUDR-D8 2 2026-04-05 2026-04-06 2026-04-09 waiting
        HSC-WAIT-PUMP-W2 2 2026-04-05 2026-04-06 2026-04-09
        HSC-WAIT-PUMP-W3 2 2026-04-12 2026-04-13 2026-04-16
        HSC-FUDR-D8 3 2026-05-03 2026-05-04 2026-05-07 waiting
        HSC-FUDR-D8 4 2026-05-31 2026-06-01 2026-06-04 waiting
    """)


def test_a_cycle_nobody_planned_is_expected_when_the_one_before_ends_and_can_be_late_too():
    assert due(treated("A", systemic=["2026-01-26"]), "2026-02-11", "HSC-WAIT") == {
        "HSC-WAIT-SYST-W1 2": "2026-02-09",
        "HSC-WAIT-SYST-W2 2": "2026-02-16",
    }


def test_once_day_1_is_recorded_only_the_catch_ups_that_were_begun_remain():
    late = treated(
        "B",
        pump=["2026-03-02", given("2026-04-13", planned="2026-03-30")],
        begun={"HSC-WAIT-PUMP-W1 2": "2026-03-31"},
    )
    assert due(late, "2026-04-13", "HSC-WAIT", "HSC-FUDR-D1") == {
        "HSC-FUDR-D1 1": "2026-03-02",
        "HSC-FUDR-D15 1": "2026-03-16",
        "HSC-WAIT-PUMP-W1 2": "2026-03-30",
        "HSC-FUDR-D1 2": "2026-04-13",
        "HSC-FUDR-D15 2": "2026-04-27",
        "HSC-FUDR-D1 3": "2026-05-11",
        "HSC-FUDR-D15 3": "2026-05-25",
        "HSC-FUDR-D1 4": "2026-06-08",
        "HSC-FUDR-D15 4": "2026-06-22",
    }


@pytest.mark.parametrize(
    ("begun", "catch_ups"),
    [
        ({}, ["W1", "W2"]),
        (
            {"HSC-FUDR-D1 2": "2026-03-28"},
            ["W2"],
        ),  # the day-1 check, answered before the cycle was put off
        ({"HSC-PRN 1": "2026-04-09"}, ["W1"]),
        ({"HSC-PRN 1": "2026-04-03"}, []),  # four days after the one, three before the other
        (
            {"HSC-FUDR-D22 1": "2026-03-26"},
            ["W1", "W2"],
        ),  # due on the 23rd: answering late costs no check
    ],
)
def test_no_catch_up_within_four_days_of_a_check_that_was_begun(begun, catch_ups):
    delayed = treated("B", pump=["2026-03-02", planned("2026-03-30")], begun=begun)
    asked = due(delayed, "2026-04-01", "HSC-WAIT")
    assert [name.split("-")[3].split()[0] for name in asked] == catch_ups


def test_a_delayed_first_fudr_asks_no_catch_up_while_systemic_therapy_runs():
    history = treated("B", pump=[planned("2026-03-09")], systemic=["2026-03-02"])
    checks = due(history, "2026-03-12", "HSC-WAIT", "HSC-SYST")
    assert checks["HSC-SYST-D8 1"] == "2026-03-09"
    assert not [name for name in checks if "WAIT" in name]


def test_two_delayed_components_ask_one_series_of_catch_ups():
    history = treated("B", pump=[planned("2026-03-02")], systemic=[planned("2026-03-02")])
    assert due(history, "2026-03-05", "HSC-WAIT") == {
        "HSC-WAIT-PUMP-W1 1": "2026-03-02",
        "HSC-WAIT-PUMP-W2 1": "2026-03-09",
    }


def test_a_cycle_that_comes_early_closes_the_check_before_it_on_the_day_before():
    early = treated("A", systemic=["2026-01-26", "2026-02-05"])
    assert drawn(early, "2026-02-05", "HSC-SYST-D8", "HSC-SYST-D1").splitlines()[1:3] == [
        "HSC-SYST-D8 1 2026-02-01 2026-02-02 2026-02-04",
        "HSC-SYST-D1 2 2026-02-05 2026-02-05 2026-02-08",
    ]


@pytest.mark.parametrize("ending", ["death", "withdrawal"])
def test_from_the_day_of_death_or_withdrawal_nothing_is_planned(ending):
    history = treated("B", pump=["2026-03-02"], systemic=FOLFOX[:1], **{ending: "2026-03-10"})
    assert list(due(history, "2026-03-10")) == ["QOL-BASE 1", "HSC-BASE 1", "HSC-FUDR-D1 1"]


def test_a_withdrawal_announced_for_next_week_changes_nothing_until_then():
    history = treated("B", pump=["2026-03-02"], withdrawal="2026-03-10")
    assert "HSC-FUDR-D8 1" in due(history, "2026-03-09")


def test_cycle_numbers_are_recorded_and_never_counted():
    history = treated("B", pump=[skipped("2026-03-02"), skipped("2026-03-30"), "2026-04-27"])
    assert due(history, "2026-04-27", "HSC-FUDR-D8")["HSC-FUDR-D8 3"] == "2026-05-04"
    assert "HSC-FUDR-D8 1" not in due(history, "2026-04-27")
