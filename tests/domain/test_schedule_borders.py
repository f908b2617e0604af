"""Where one series hands over to another, a delay ends, or something was begun: what a nurse would
expect to see."""

from datetime import date

import pytest

from proms.content.history_file import read_history
from proms.domain.schedule import plan
from tests.domain.calendars import TRIAL

B = """
arm: B
milestones: {consent: 2026-01-05, randomisation: 2026-01-12, pump_surgery: %s}
components: {pump: fudr, systemic: folfox}
"""
A = """
arm: A
milestones: {consent: 2026-01-05, randomisation: 2026-01-12}
components: {systemic: folfox}
"""


def cycles(*written):
    """`P1 03-09` was given that day, `S2 planned 04-06` is planned, `P2 04-06 given 04-13` came
    late."""
    lines = ["cycles:"]
    for each in written:
        what, *words = each.split()
        component = {"P": "pump", "S": "systemic"}[what[0]]
        dates = [f"2026-{word}" for word in words if word[0].isdigit()]
        planned = dates[0] if len(dates) == 2 or "planned" in words else None
        given = None if "planned" in words else dates[-1]
        said = "".join(
            f", {name}: {day}" for name, day in (("planned", planned), ("day_1", given)) if day
        )
        lines.append(f"  - {{component: {component}, number: {what[1:]}{said}}}")
    return "\n".join(lines) + "\n"


def answered(event, number=1, instrument="hsc", **more):
    started = f", started: 2026-{more['started']}" if more else ""
    return f"answered: [{{event: {event}, number: {number}, instrument: {instrument}{started}}}]\n"


@pytest.fixture
def rows(tmp_path):
    def planned(text, today, *events):
        path = tmp_path / "history.yaml"
        path.write_text(text, encoding="utf-8")
        history = read_history(path, TRIAL).history
        found = {}
        for each in plan(TRIAL, history, date.fromisoformat(f"2026-{today}")):
            if any(each.key.event.startswith(event) for event in events or ("",)):
                days = " ".join(f"{day:%m-%d}" for day in each.window)
                found[f"{each.key.event} {each.key.number}"] = (
                    f"{days} waiting" if each.waiting else days
                )
        return found

    return planned


def test_a_catch_up_that_was_answered_stays_when_the_cycle_is_given_a_whole_number_of_weeks_late(
    rows,
):
    text = B % "2026-02-02" + cycles("P1 03-09", "P2 04-06 given 04-13", "S1 03-09")
    text += answered("HSC-WAIT-PUMP-W2", 2, started="04-12")
    assert rows(text, "04-14", "HSC-WAIT") == {"HSC-WAIT-PUMP-W2 2": "04-12 04-13 04-16"}


def test_a_surgery_check_that_was_answered_stays_when_treatment_begins_on_its_day(rows):
    text = (
        B % "2026-02-02"
        + cycles("P1 03-02", "S1 03-02")
        + answered("HSC-SURG-D28", started="03-01")
    )
    assert rows(text, "03-03", "HSC-SURG-D28") == {"HSC-SURG-D28 1": "03-01 03-02 03-05"}


def test_a_check_that_gave_way_to_a_cycle_does_not_come_back_as_missed_when_that_cycle_is_late(
    rows,
):
    text = B % "2026-02-02" + cycles(
        "P1 03-09", "P2 planned 04-09", "S1 03-09", "S2 03-23", "S3 04-06"
    )
    for today in ("04-07", "04-09"):
        assert "HSC-SYST-D1 3" not in rows(text, today)
    late = rows(text, "04-10")
    assert "HSC-SYST-D1 3" not in late
    assert late["HSC-WAIT-PUMP-W1 2"] == "04-08 04-09 04-12"
    assert late["HSC-FUDR-D1 2"].endswith("waiting")


def test_while_both_first_cycles_are_late_one_series_waits_and_catches_up(rows):
    text = B % "2026-02-02" + cycles("P1 planned 03-09", "S1 planned 03-09")
    late = rows(text, "03-12", "HSC-FUDR", "HSC-SYST", "HSC-WAIT")
    assert late["HSC-FUDR-D1 1"] == "03-06 03-09 03-12 waiting"
    assert not [row for row in late if "SYST" in row]


def test_one_component_catches_up_where_both_first_cycles_are_late_by_different_days(rows):
    text = B % "2026-02-02" + cycles("P1 planned 03-09", "S1 planned 03-14")
    assert list(rows(text, "03-24", "HSC-WAIT")) == [
        f"HSC-WAIT-PUMP-W{step} 1" for step in (1, 2, 3, 4)
    ]


def test_what_waits_gives_way_as_it_did_before_it_was_late(rows):
    text = B % "2026-02-02" + cycles("P1 03-09", "P2 planned 04-08", "S1 03-09", "S2 03-23")
    for today in ("04-06", "04-07", "04-08"):
        found = rows(text, today, "HSC-SYST", "HSC-FUDR-D1")
        assert "HSC-SYST-D1 3" not in found
        assert found["HSC-FUDR-D1 2"] == "04-05 04-08 04-11"


def test_the_stop_of_the_last_component_leaves_the_check_that_is_open(rows):
    text = B % "2026-02-02" + cycles("P1 03-09", "S1 03-09", "S2 03-26")
    before = rows(text + "stopped: {pump: 2026-03-20}\n", "03-27", "HSC-SYST-D1", "HSC-FUDR-D22")
    after = rows(
        text + "stopped: {pump: 2026-03-20, systemic: 2026-03-26}\n",
        "03-27",
        "HSC-SYST-D1",
        "HSC-FUDR-D22",
    )
    assert before["HSC-SYST-D1 2"] == after["HSC-SYST-D1 2"] == "03-23 03-26 03-29"
    assert "HSC-FUDR-D22 1" not in after


def test_once_both_have_stopped_what_is_left_of_the_pump_comes_before_what_is_left_of_systemic_therapy(
    rows,
):
    text = B % "2026-02-02" + cycles("P1 03-09", "S1 03-09", "S2 03-23")
    left = rows(
        text + "stopped: {pump: 2026-03-24, systemic: 2026-03-24}\n",
        "03-25",
        "HSC-SYST",
        "HSC-FUDR",
    )
    assert "HSC-SYST-D8 2" not in left
    assert left["HSC-FUDR-D22 1"] == "03-29 03-30 04-02"


def test_of_two_follow_up_checks_within_four_days_the_first_is_asked(rows):
    text = A + cycles("S1 03-08") + "stopped: {systemic: 2026-03-08}\n"
    found = rows(text, "03-20", "HSC-AFTER-SYST")
    assert found["HSC-AFTER-SYST 1"] == "04-04 04-05 04-08"
    assert "HSC-AFTER-SYST 2" not in found


def test_the_window_of_a_week_pack_does_not_depend_on_whether_its_neighbour_was_answered(rows):
    text = B.replace("components: {pump: fudr, systemic: folfox}\n", "") % "2026-02-23"
    open_ = rows(text, "03-18", "QOL-SURG", "QOL-W12")
    filled_in = "".join(answered("QOL-SURG", 1, "qlq-c30", started="03-17"))
    assert rows(text + filled_in, "03-18", "QOL-SURG", "QOL-W12") == open_
    assert (open_["QOL-SURG 1"], open_["QOL-W12 1"]) == ("03-16 03-23 03-30", "03-31 04-06 04-20")


def test_a_baseline_answered_on_a_day_nobody_wrote_down_does_not_keep_the_first_catch_up_away(rows):
    text = A + cycles("S1 planned 03-09")
    assert (
        rows(text + answered("HSC-BASE"), "03-10", "HSC-WAIT")["HSC-WAIT-SYST-W1 1"]
        == "03-08 03-09 03-12"
    )
    on_the_day = answered("HSC-BASE", started="03-08")
    assert "HSC-WAIT-SYST-W1 1" not in rows(text + on_the_day, "03-10", "HSC-WAIT")
