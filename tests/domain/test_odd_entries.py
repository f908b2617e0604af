"""What may be so but is odd is asked about, all of it together; a refusal names what it collides
with."""

from dataclasses import replace

import pytest

from proms.domain.schedule import Cycle, CycleStatus, UnsoundHistory, objections, refuse_unsound
from proms.domain.schedule.history_entry import (
    ComponentStopped,
    CycleRecorded,
    MilestoneRecorded,
    history_with,
    overturns,
)
from proms.domain.schedule.history_errors import SeveralObjections
from tests.domain.calendars import TRIAL, day, given, planned, treated

TODAY = day("2026-06-01")


def found(history):
    return [(each.code, each.may_confirm) for each in objections(TRIAL, history, TODAY)]


def test_a_cycle_given_without_any_dose_is_asked_about():
    without = treated("A", systemic=[{**given("2026-03-02"), "dose_percent": 0}])
    assert found(without) == [("given_without_dose", True)]
    assert found(treated("A", systemic=[{**given("2026-03-02"), "dose_percent": 1}])) == []


@pytest.mark.parametrize(
    ("cycle", "code"),
    [
        ("2026-02-01", "before_in_place"),
        (planned("2026-02-01"), "before_in_place"),
        ("2026-02-02", None),
        ("2026-05-01", None),
        ("2026-05-04", "after_taken_out"),
        (planned("2026-06-04"), "after_taken_out"),
    ],
)
def test_a_pump_cycle_goes_with_a_pump(cycle, code):
    history = treated("B", pump=[cycle], pump_surgery="2026-02-02", pump_removal="2026-05-04")
    assert found(history) == ([(code, True)] if code else [])


def test_without_a_pump_on_record_and_after_a_last_dose_nothing_is_asked():
    assert found(treated("B", pump=["2026-03-02"])) == []
    stopped = treated(
        "B",
        pump=["2026-03-02", planned("2026-06-08")],
        stopped={"pump": "2026-03-02"},
        pump_surgery="2026-02-02",
        pump_removal="2026-05-04",
    )
    assert found(stopped) == []


def test_a_second_panel_on_one_day_is_asked_about():
    assert found(treated("A", panel=["2026-03-02", "2026-05-02"])) == []
    twice = treated("A", panel=["2026-03-02", "2026-03-02"])
    assert found(twice) == [("milestone_twice_a_day", True)]


def test_a_panel_whose_number_leaves_others_out_is_asked_about_once():
    first = treated("A", panel="2026-03-02")
    ninth = history_with(first, MilestoneRecorded("panel", day("2026-05-02"), 9), TODAY)
    (objection,) = objections(TRIAL, ninth, TODAY)
    assert (objection.code, objection.may_confirm) == ("number_left_out", True)
    assert str(objection) == "panel 9 is recorded, but 2, 3, 4, 5, 6, 7, 8 are not"
    tenth = history_with(ninth, MilestoneRecorded("panel", day("2026-05-20"), 10), TODAY)
    refuse_unsound(TRIAL, tenth, TODAY, before=ninth)


def test_one_that_was_taken_back_leaves_no_gap():
    three = treated("A", panel=["2026-03-02", "2026-04-02", "2026-05-02"])
    without = history_with(three, MilestoneRecorded("panel", None, 2), TODAY)
    assert objections(TRIAL, without, TODAY) == ()
    again = history_with(without, MilestoneRecorded("panel", day("2026-04-03"), 2), TODAY)
    assert again.taken_back == {}


def test_several_oddities_are_named_together():
    history = treated("A", systemic=["2026-03-02"])
    drugs = ("floxuridine",)
    odd = Cycle(
        "systemic", 2, None, day("2026-03-08"), CycleStatus.GIVEN, drugs=drugs, dose_percent=0
    )
    after = history_with(history, CycleRecorded(odd), TODAY)
    with pytest.raises(SeveralObjections) as refused:
        refuse_unsound(TRIAL, after, TODAY, before=history)
    assert {each.code for each in refused.value.objections} == {
        "drug_not_in_regimen",
        "given_without_dose",
        "cycles_overlap",
    }
    assert "floxuridine" in str(refused.value)
    assert "0 percent" in str(refused.value)
    assert refused.value.may_confirm
    refuse_unsound(TRIAL, after, TODAY, before=history, confirmed=True)


def test_what_cannot_be_is_named_without_what_may_be():
    odd = Cycle("systemic", 1, None, day("2026-01-01"), CycleStatus.GIVEN, dose_percent=0)
    history = replace(treated("A", systemic=["2026-03-02"]), cycles=(odd,))
    with pytest.raises(UnsoundHistory) as refused:
        refuse_unsound(TRIAL, history, TODAY)
    assert refused.value.code == "too_early"
    assert "2026-01-12" in str(refused.value)


def test_a_last_dose_ahead_may_change_and_be_taken_back_without_a_reason():
    history = treated("A", systemic=["2026-03-02"], stopped={"systemic": "2026-06-15"})
    other = ComponentStopped("systemic", day("2026-06-29"))
    assert not overturns(history, other, TODAY, frozenset())
    assert overturns(history, other, day("2026-06-15"), frozenset())
    none = ComponentStopped("systemic", None)
    assert not overturns(history, none, TODAY, frozenset())
    assert overturns(history, none, day("2026-06-15"), frozenset())
    assert history_with(history, none, TODAY).stopped == {}
