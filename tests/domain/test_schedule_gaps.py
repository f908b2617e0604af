"""Where a cycle is planned for long after its predecessor's end, and nothing else runs, weekly
checks fill the gap."""

from datetime import timedelta

import pytest
from click.testing import CliRunner

from proms.cli import main
from proms.domain.schedule import plan, replan_on, revise
from tests.domain.calendars import (
    TRIAL,
    day,
    drawing,
    drawn,
    due,
    given,
    planned,
    skipped,
    stored,
    treated,
)

# FOLFOX of 2 March ends on the 15th; the next one waits for a scan.
WAITS = treated("A", systemic=["2026-03-02", planned("2026-04-06")])


def test_the_weeks_of_a_gap_have_a_check_each_until_the_next_day_1():
    assert drawn(WAITS, "2026-03-03", "HSC-GAP", "HSC-SYST-D8") == drawing("""
        HSC-SYST-D8 1 2026-03-08 2026-03-09 2026-03-12
        HSC-GAP-SYST-W1 2 2026-03-15 2026-03-16 2026-03-19
        HSC-GAP-SYST-W2 2 2026-03-22 2026-03-23 2026-03-26
        HSC-GAP-SYST-W3 2 2026-03-29 2026-03-30 2026-04-02
        HSC-SYST-D8 2 2026-04-12 2026-04-13 2026-04-16
        HSC-SYST-D8 3 2026-04-26 2026-04-27 2026-04-30
        HSC-SYST-D8 4 2026-05-10 2026-05-11 2026-05-14
    """)
    assert due(WAITS, "2026-03-03", "HSC-SYST-D1")["HSC-SYST-D1 2"] == "2026-04-06"


@pytest.mark.parametrize(
    ("following", "gap"),
    [
        ("2026-03-16", []),
        ("2026-03-20", []),  # four days counts as within four days
        ("2026-03-21", ["2026-03-16"]),
        ("2026-03-27", ["2026-03-16"]),
        ("2026-03-28", ["2026-03-16", "2026-03-23"]),
    ],
)
def test_a_check_too_close_to_the_next_day_1_gives_way(following, gap):
    history = treated("A", systemic=["2026-03-02", planned(following)])
    assert list(due(history, "2026-03-03", "HSC-GAP").values()) == gap


def test_a_cycle_of_three_weeks_ends_after_three():
    history = treated("A", systemic=["2026-03-02", planned("2026-04-06")], regimen="capox")
    assert list(due(history, "2026-03-03", "HSC-GAP").values()) == ["2026-03-23", "2026-03-30"]


def test_a_component_that_runs_fills_the_gap_itself():
    both = treated(
        "B", pump=["2026-03-02", planned("2026-05-04")], systemic=["2026-03-02", "2026-03-16"]
    )
    assert due(both, "2026-03-17", "HSC-GAP-SYST") == {}
    # After 16 March FOLFOX goes on by its projected cycles until 26 April.
    assert list(due(both, "2026-03-17", "HSC-GAP-PUMP").values()) == ["2026-04-27"]
    alone = treated("B", pump=["2026-03-02", planned("2026-05-04")])
    assert list(due(alone, "2026-03-17", "HSC-GAP-PUMP").values()) == [
        "2026-03-30",
        "2026-04-06",
        "2026-04-13",
        "2026-04-20",
        "2026-04-27",
    ]


def test_a_skipped_cycle_lies_within_the_gap():
    history = treated("A", systemic=["2026-03-02", skipped("2026-03-16"), planned("2026-03-30")])
    assert due(history, "2026-03-17", "HSC-GAP") == {
        "HSC-GAP-SYST-W1 3": "2026-03-16",
        "HSC-GAP-SYST-W2 3": "2026-03-23",
    }


def test_when_the_next_cycle_is_late_the_catch_ups_go_on_and_the_gap_stays_as_it_was():
    before = due(WAITS, "2026-04-06", "HSC-GAP")
    assert due(WAITS, "2026-04-07", "HSC-GAP") == before
    assert due(WAITS, "2026-04-07", "HSC-WAIT") == {
        "HSC-WAIT-SYST-W1 2": "2026-04-06",
        "HSC-WAIT-SYST-W2 2": "2026-04-13",
    }
    late = treated("A", systemic=["2026-03-02", given("2026-04-09", planned="2026-04-06")])
    assert due(late, "2026-04-09", "HSC-GAP") == before


def test_a_gap_that_closes_takes_back_what_was_not_begun():
    held = stored(plan(TRIAL, WAITS, day("2026-03-03")))
    earlier = treated(
        "A",
        systemic=["2026-03-02", planned("2026-03-23")],
        begun={"HSC-GAP-SYST-W1 2": "2026-03-16"},
    )
    changes = revise(TRIAL, earlier, held, day("2026-03-16"))
    gone = {each.key.event for each in changes.cancel}
    assert {"HSC-GAP-SYST-W2", "HSC-GAP-SYST-W3"} <= gone
    assert "HSC-GAP-SYST-W1 2" in due(earlier, "2026-03-16", "HSC-GAP")


def test_no_gap_is_counted_from_or_to_a_day_that_nobody_knows():
    nothing_before = treated("A", systemic=[planned("2026-05-04")])
    assert due(nothing_before, "2026-03-03", "HSC-GAP") == {}
    late = treated("A", systemic=["2026-03-02", planned("2026-03-16"), planned("2026-05-04")])
    assert due(late, "2026-03-20", "HSC-GAP") == {}
    stopped = treated(
        "A",
        systemic=["2026-03-02", planned("2026-04-06")],
        stopped={"systemic": "2026-03-05"},
    )
    assert due(stopped, "2026-03-05", "HSC-GAP") == {}


def test_the_gap_needs_no_re_plan_of_its_own():
    assert replan_on(TRIAL, WAITS, day("2026-03-03")) == day("2026-04-07")


HISTORY = """
arm: A
milestones: {consent: 2026-01-05, randomisation: 2026-01-12}
components: {systemic: folfox}
cycles:
  - {component: systemic, number: 1, day_1: 2026-03-02}
  - {component: systemic, number: 2, planned: 2026-04-06, late_since: 2026-03-16}
answered:
  - {event: HSC-SYST-D8, number: 1, instrument: hsc, started: 2026-03-09}
  - {event: HSC-SYST-D8, number: 7, instrument: hsc}
  - {event: HSC-PRN, number: 1, instrument: hsc}
"""


def planned_by_hand(tmp_path, text, today="2026-03-20"):
    path = tmp_path / "history.yaml"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(main, ["plan", str(path), "--today", today])


def test_plan_knows_since_when_a_cycle_is_late_and_names_what_nothing_asked(tmp_path):
    result = planned_by_hand(tmp_path, HISTORY)
    assert result.exit_code == 0
    assert "HSC-WAIT-SYST-W1,2,hsc,2026-03-15,2026-03-16,2026-03-19,missed" in result.stdout
    assert "HSC-GAP" not in result.stdout
    (line,) = result.stderr.splitlines()
    assert "answered HSC-SYST-D8 7 hsc is nothing this history plans" in line


def test_a_check_is_open_from_its_first_day_to_its_last(tmp_path):
    def check(today):
        result = planned_by_hand(tmp_path, HISTORY.replace("late_since: 2026-03-16", ""), today)
        lines = [line.split(",") for line in result.stdout.splitlines()]
        return next(line for line in lines if line[0] == "QOL-W12")

    *_, opens, _, closes, _ = check("2026-03-20")
    said = {
        shift: [check(str(day(on) + timedelta(days=shift)))[-1] for on in (opens, closes)]
        for shift in (-1, 0, 1)
    }
    assert said == {-1: ["upcoming", "open"], 0: ["open", "open"], 1: ["open", "missed"]}


def test_a_cycle_is_not_late_from_its_own_day(tmp_path):
    result = planned_by_hand(tmp_path, HISTORY.replace("2026-03-16}", "2026-04-06}"))
    assert result.exit_code == 2
    assert "late from a day before" in result.stderr
