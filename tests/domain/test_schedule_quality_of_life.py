"""The quality-of-life pack runs on time from randomisation, drawn row by row from the trial's
schedule."""

import pytest

from tests.domain.calendars import drawing, drawn, due, planned, treated

WEEKS = """
    QOL-W12  1 2026-03-23 2026-04-06 2026-04-20
    QOL-W24  1 2026-06-15 2026-06-29 2026-07-13
    QOL-W36  1 2026-09-07 2026-09-21 2026-10-05
    QOL-W52  1 2026-12-21 2027-01-11 2027-02-01
    QOL-W78  1 2027-06-14 2027-07-12 2027-08-09
    QOL-W104 1 2027-12-13 2028-01-10 2028-02-07
    QOL-W130 1 2028-05-29 2028-07-10 2028-08-21
    QOL-W156 1 2028-11-27 2029-01-08 2029-02-19
    QOL-W182 1 2029-05-28 2029-07-09 2029-08-20
    QOL-W208 1 2029-11-26 2030-01-07 2030-02-18
    QOL-W234 1 2030-05-27 2030-07-08 2030-08-19
    QOL-W260 1 2030-11-25 2031-01-06 2031-02-17
"""


@pytest.mark.parametrize("arm", ["A", "B"])
def test_both_arms_are_asked_at_the_same_weeks_from_randomisation(arm):
    assert drawn(treated(arm), "2026-01-12", "QOL-W") == drawing(WEEKS)


@pytest.mark.parametrize("arm", ["A", "B"])
def test_the_weeks_do_not_move_with_a_cycle(arm):
    late = treated(arm, systemic=["2026-01-26", planned("2026-02-09")])
    assert drawn(late, "2026-03-01", "QOL-W") == drawing(WEEKS)


def test_before_randomisation_only_the_baseline_is_asked():
    assert drawn(treated(arm=None), "2026-01-05") == drawing("""
        HSC-BASE 1 2026-01-05 2026-01-12 2026-04-05
        QOL-BASE 1 2026-01-05 2026-01-12 2026-04-05
    """)


def test_the_baseline_pack_is_due_on_the_planned_randomisation_and_closes_with_it():
    expected = treated(arm=None, randomisation="2026-01-20")
    assert drawn(expected, "2026-01-05", "QOL") == "QOL-BASE 1 2026-01-05 2026-01-20 2026-01-20"


def test_randomisation_earlier_than_expected_closes_the_baseline_pack_that_day():
    assert drawn(treated("A", randomisation="2026-01-08"), "2026-01-08", "QOL-BASE") == (
        "QOL-BASE 1 2026-01-05 2026-01-08 2026-01-08"
    )


def test_a_late_randomisation_keeps_the_baseline_pack_open_until_then():
    late = treated("A", randomisation="2026-05-04")
    assert drawn(late, "2026-02-01", "QOL-BASE") == "QOL-BASE 1 2026-01-05 2026-05-04 2026-05-04"


@pytest.mark.parametrize(
    ("pump", "window"),
    [
        ([], "2026-02-23 2026-03-02 2026-03-16"),
        (["2026-03-30"], "2026-02-23 2026-03-02 2026-03-16"),
        (["2026-03-09"], "2026-02-23 2026-03-02 2026-03-09"),
        ([planned("2026-03-09")], "2026-02-23 2026-03-02 2026-03-09"),
        (["2026-02-25"], "2026-02-23 2026-02-25 2026-02-25"),
    ],
)
def test_the_pack_after_surgery_closes_after_14_days_or_on_the_first_fudr(pump, window):
    operated = treated("B", pump_surgery="2026-02-02", pump=pump)
    assert drawn(operated, "2026-02-02", "QOL-SURG") == f"QOL-SURG 1 {window}"


def test_a_first_fudr_before_its_window_leaves_out_the_pack_after_surgery():
    assert (
        drawn(
            treated("B", pump_surgery="2026-02-02", pump=["2026-02-20"]), "2026-02-02", "QOL-SURG"
        )
        == ""
    )


def test_a_first_fudr_that_is_late_does_not_close_the_pack_after_surgery():
    late = treated("B", pump_surgery="2026-02-02", pump=[planned("2026-03-04")])
    assert drawn(late, "2026-03-05", "QOL-SURG") == "QOL-SURG 1 2026-02-23 2026-03-02 2026-03-16"


@pytest.mark.parametrize("arm", ["A", "B"])
def test_each_panel_asks_a_pack_in_the_week_up_to_it(arm):
    assert drawn(
        treated(arm, panel=["2026-05-04", "2026-08-10"]), "2026-03-01", "QOL-PANEL"
    ) == drawing("""
        QOL-PANEL 1 2026-04-27 2026-05-04 2026-05-04
        QOL-PANEL 2 2026-08-03 2026-08-10 2026-08-10
    """)


def test_no_panel_pack_within_21_days_of_a_week_pack():
    panels = [
        "2026-03-16",
        "2026-04-27",
        "2026-04-28",
    ]  # 21 days before, 21 and 22 days after week 12
    assert due(treated("A", panel=panels), "2026-03-01", "QOL-PANEL") == {
        "QOL-PANEL 3": "2026-04-28"
    }


@pytest.mark.parametrize("arm", ["A", "B"])
@pytest.mark.parametrize("kind", ["local_treatment", "progression"])
def test_local_treatment_and_progression_ask_a_pack_for_14_days(arm, kind):
    assert drawn(treated(arm, **{kind: "2026-05-11"}), "2026-05-11", "QOL-X") == (
        "QOL-X 1 2026-05-11 2026-05-11 2026-05-25"
    )


def test_the_end_of_all_treatment_asks_a_pack_but_the_stop_of_one_component_does_not():
    courses = {"pump": ["2026-03-02"], "systemic": ["2026-03-02"]}
    one = treated("B", **courses, stopped={"pump": "2026-05-04"})
    both = treated("B", **courses, stopped={"pump": "2026-05-04", "systemic": "2026-05-18"})
    assert due(one, "2026-06-01", "QOL-X") == {}
    assert due(both, "2026-06-01", "QOL-X") == {"QOL-X 1": "2026-05-18"}


def test_changes_are_numbered_by_date_and_left_out_near_a_week_pack():
    changed = treated("A", local_treatment=["2026-04-20", "2026-06-01"], progression="2026-05-11")
    assert due(changed, "2026-06-01", "QOL-X") == {"QOL-X 2": "2026-05-11", "QOL-X 3": "2026-06-01"}


def test_two_changes_on_one_day_ask_one_pack():
    both = treated("A", local_treatment="2026-05-11", progression="2026-05-11")
    assert due(both, "2026-05-11", "QOL-X") == {"QOL-X 1": "2026-05-11"}


def test_windows_that_would_overlap_end_half_way_between_their_due_days():
    near = treated(
        "A", panel=["2028-06-18"]
    )  # 22 days before week 130, which opens 42 days before it is due
    assert drawn(near, "2028-06-01", "QOL-PANEL", "QOL-W130") == drawing("""
        QOL-PANEL 1 2028-06-11 2028-06-18 2028-06-18
        QOL-W130  1 2028-06-30 2028-07-10 2028-08-21
    """)


def test_surgery_that_falls_together_with_week_12_asks_one_pack():
    together = treated("B", pump_surgery="2026-03-09")  # 28 days later is week 12
    assert due(together, "2026-03-09", "QOL-SURG", "QOL-W12") == {"QOL-W12 1": "2026-04-06"}
