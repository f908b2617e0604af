"""What the treatment says about a patient on one day."""

from dataclasses import replace

import pytest

from proms.domain.schedule import cycle_day, delayed_cycles, treatment_began, treatment_facts
from tests.domain.calendars import TRIAL, day, planned, treated

PUMPED = treated(
    "B",
    pump_surgery="2026-02-02",
    pump=["2026-03-02"],
    systemic=["2026-03-02"],
    stopped={"pump": "2026-03-15"},
)


def on(date, history=PUMPED):
    return treatment_facts(TRIAL, history, day(date))


def test_the_pump_is_in_place_from_surgery_until_it_is_taken_out():
    removed = replace(
        PUMPED, milestones={**PUMPED.milestones, "pump_removal": (day("2026-05-01"),)}
    )
    assert not on("2026-02-01")["pump"]
    assert on("2026-02-02")["pump"]
    assert on("2026-04-30", removed)["pump"]
    assert not on("2026-05-01", removed)["pump"]


def test_a_patient_is_on_treatment_from_the_first_cycle_to_the_last_dose_and_through_a_delay():
    stopped = replace(PUMPED, stopped={"pump": day("2026-03-15"), "systemic": day("2026-03-04")})
    assert not on("2026-03-01")["on_treatment"]
    assert on("2026-03-02")["on_treatment"]
    assert on("2026-04-20")["on_treatment"]  # the second systemic cycle is late
    assert not on("2026-03-16", stopped)["on_treatment"]


@pytest.mark.parametrize(("regimen", "has_it"), [("capox", True), ("folfox", False)])
def test_capecitabine_is_a_fact_of_the_regimen(regimen, has_it):
    assert (
        on("2026-03-09", treated("A", systemic=["2026-03-02"], regimen=regimen))["capecitabine"]
        is has_it
    )


def test_bevacizumab_follows_from_the_drugs_given():
    plain = treated("A", systemic=["2026-03-02"])
    with_it = replace(
        plain, cycles=(replace(plain.cycles[0], drugs=("oxaliplatin", "bevacizumab")),)
    )
    assert not on("2026-03-09", plain)["bevacizumab"]
    assert on("2026-03-09", with_it)["bevacizumab"]


def test_infusion_is_day_1_to_15_of_a_fudr_that_was_given():
    running = replace(PUMPED, stopped={})
    assert [on(f"2026-03-{n:02}", running)["infusion"] for n in (1, 2, 16, 17)] == [
        False,
        True,
        True,
        False,
    ]
    without = replace(
        running, cycles=tuple(replace(each, dose_percent=0) for each in running.cycles)
    )
    assert not on("2026-03-05", without)["infusion"]


def test_a_heading_says_cycle_and_day():
    assert cycle_day(PUMPED, "pump", day("2026-03-10")) == (1, 9)
    assert cycle_day(PUMPED, "pump", day("2026-03-01")) is None
    assert cycle_day(PUMPED, "systemic", day("2026-03-02")) == (1, 1)


def test_delayed_is_derived_from_a_planned_day_that_has_passed():
    history = treated("B", pump=["2026-03-02", planned("2026-03-30")])
    assert delayed_cycles(TRIAL, history, day("2026-03-30")) == ()
    assert [
        (each.component, each.number) for each in delayed_cycles(TRIAL, history, day("2026-03-31"))
    ] == [("pump", 2)]


def test_a_dose_of_late_reaches_to_the_last_day_of_its_infusion():
    # FUDR runs for 14 days from 2 March: 28 days after the 16th it is of late for the last time.
    stopped = replace(PUMPED, cycles=tuple(c for c in PUMPED.cycles if c.component == "pump"))
    assert [on(date, stopped)["dose_in_28_days"] for date in ("2026-03-01", "2026-03-02")] == [
        False,
        True,
    ]
    assert [on(date, stopped)["dose_in_28_days"] for date in ("2026-04-13", "2026-04-14")] == [
        True,
        False,
    ]


def test_a_dose_of_nothing_is_no_dose():
    plain = treated("A", systemic=["2026-03-02"])
    nothing = replace(plain, cycles=(replace(plain.cycles[0], dose_percent=0),))
    assert on("2026-03-09", plain)["dose_in_28_days"]
    assert not on("2026-03-09", nothing)["dose_in_28_days"]


def test_folfiri_of_late_is_that_regimen_alone():
    folfox = treated("A", systemic=["2026-03-02"])
    folfiri = treated("A", systemic=["2026-03-02"], regimen="folfiri")
    assert not on("2026-03-09", folfox)["folfiri_in_14_days"]
    assert [on(f"2026-03-{n}", folfiri)["folfiri_in_14_days"] for n in (16, 17)] == [True, False]


def test_the_days_since_surgery_are_whole_and_none_before_it():
    days = [on(date)["days_since_pump_surgery"] for date in ("2026-02-01", "2026-02-02")]
    assert days == [None, 0]
    assert on("2026-03-16")["days_since_pump_surgery"] == 42


def test_treatment_begins_with_the_first_dose_or_with_surgery():
    assert treatment_began(TRIAL, PUMPED) == day("2026-02-02")
    assert treatment_began(TRIAL, treated("A", systemic=["2026-03-02"])) == day("2026-03-02")
    assert treatment_began(TRIAL, treated("A")) is None
