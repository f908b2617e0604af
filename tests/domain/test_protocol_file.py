"""A protocol file that is wrong is refused with file, line and reason."""

from datetime import timedelta
from pathlib import Path

import pytest

from proms.content import UnsoundContent
from proms.content.protocols import read_protocol
from proms.domain.alert_policy import ALERTS_ON
from tests.domain.calendars import TRIAL

SOUND = (Path(__file__).parents[2] / "protocols" / "pump-it" / "1.yaml").read_text(encoding="utf-8")
INSTRUMENTS = {
    "hsc": {"MOUTH", "HANDFOOT"},
    "qlq-c30": (),
    "qlq-lmc21": (),
    "qlq-cr29": (),
    "eq-5d-5l": (),
}


def read_with(tmp_path, old, new):
    """The protocol with one thing written differently; returns the line that was changed."""
    assert SOUND.count(old) >= 1
    path = tmp_path / "pump-it" / "1.yaml"
    path.parent.mkdir()
    path.write_text(SOUND.replace(old, new, 1), encoding="utf-8")
    return path, SOUND[: SOUND.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("next_after: 30", "next_after: 0", "here 1 or more is expected"),
        ("on_call_after: 60", "on_call_after: an hour", "here a whole number is expected"),
        ("again_after: 30", "again: 30", "'again_after' is missing"),
        ("version: 1", "version: 2", "the file is called '1.yaml'"),
        ("first: 2024", "first: 1924", "1924 is not a year from 2000 to 2099"),
        ("last: 2036", "last: 2023", "the trial cannot end before 2024, its first year"),
        ("last: 2036", "lats: 2036", "'last' is missing"),
        ("last: 2036", "last: 2036, end: 2040", "'end' is not known here"),
        ("alerts: true", "alerts: true\n    note: x", "'note' is not known here"),
        ("projected: 2 ", "projected: 2\n  kept: 1 ", "'kept' is not known here"),
        ('at: "09:00"', 'at: "09:00"\n  cap: 1', "'cap' is not known here"),
        ("HSC-PRN: {", "HSC-PRN: {days: 3, ", "'days' is not known here"),
        ("protocol: pump-it", "protocol: other", "the folder is called 'pump-it'"),
        ("due_on: [randomisation]", "due: [randomisation]", "'due' is not known here"),
        ("anchor: pump_surgery", "anchor: pump_surgry", "'pump_surgry' is not an anchor"),
        (
            "anchor: each cycle of systemic",
            "anchor: each cycle of sistemic",
            "'sistemic' is not a component here",
        ),
        (
            "not_after: [cycle of pump]",
            "not_after: [cycle of pmup]",
            "'pmup' is not a component here",
        ),
        (
            "before: [cycle of pump, cycle of systemic]",
            "before: [dinner]",
            "'dinner' is not a landmark here",
        ),
        ("instruments: [qlq-c30,", "instruments: [qlq-c31,", "'qlq-c31' is not an instrument here"),
        ("regimens: [capox]", "regimens: [capux]", "'capux' is not a regimen here"),
        (
            "arms: [A, B]\n        anchor: panel",
            "arms: [A, C]\n        anchor: panel",
            "'C' is not an arm here",
        ),
        ("of: [weeks]", "of: [week]", "'week' is not a group of events"),
        ("then_with: weeks", "then_with: wekes", "'wekes' is not a group of events"),
        ("clip: half_way", "clip: halfway", "'halfway' is not one of half_way, day_before_due"),
        ("weeks: [12, 24, 36]", "weeks: [12, 13, 36]", "QOL-W13 opens before QOL-W12 has closed"),
        (
            "days: [7, 14, 21, 28]",
            "days: [7, 10, 21, 28]",
            "HSC-SURG-D10 opens before HSC-SURG-D7 has closed",
        ),
        (
            "days: [7, 14, 21, 28]",
            "days: [7, 7, 21, 28]",
            "HSC-SURG-D7 opens before HSC-SURG-D7 has closed",
        ),
        ("every: 28", "every: 4", "the window is wider than the days between two of them"),
        ("weeks: [52]", "weeks: [36]", "QOL-W36 opens before QOL-W36 has closed"),
        ('"QOL-W{week}"', '"QOL-W{day}"', "the code needs {week}"),
        ("cycle_days: [8]", "days: [8]", "cycle_days go with 'each cycle of ...'"),
        ("cycle_days: [8]", "cycle_days: [0]", "here 1 or more is expected"),
        (
            "[8, 15, 22]",
            "[8, 15, 29]",
            "day 29 never comes: a cycle of pump has at most 28 days here",
        ),
        ("weeks: [12, 24, 36]", "weeks: [12, 24, 999999999999]", "here 36524 or less is expected"),
        (
            "    title: {en: Quality of life, nl: Kwaliteit van leven}\n",
            "",
            "'title' is missing",
        ),
        ("{en: Pump, nl: Pomp}", "{en: Pump}", "'nl' is missing"),
        ("{en: Pump, nl: Pomp}", "{en: Pump, nl: Pomp, de: Pumpe}", "'de' is not known here"),
        ("  irinotecan: Irinotecan\n", "  aspirin: Aspirin\n", "no regimen gives aspirin"),
        (
            "  infusion:\n    holds",
            "  fever:\n    holds",
            "'fever' is not a fact here; known are: days_since_pump_surgery, dose_in_28_days,",
        ),
        ("        opens: -14", "        opens: 14", "a window opens on or before the due day"),
        ("        closes: 14", "        closes: soon", "here a whole number is expected"),
        ('at: "09:00"', 'at: "9 uur"', "'9 uur' is not a time"),
        ('at: "09:00"', 'at: "06:00"', "messages may leave from 08:00 to 21:00 only"),
        ("days: [0, 1, 2]", "days: [0, 0, 2]", "the days count up"),
        ("{after: 183, within", "{after: 0, within", "here 1 or more is expected"),
        ("{after: 183, within", "{after: half a year, within", "here a whole number is expected"),
        (", within: 28}", ", in: 28}", "'within' is missing"),
        (
            "infusion_days: 14",
            "infusion_days: 30",
            "the infusion is longer than the cycle of 28 days",
        ),
        ("ends: death", "ends: sorrow", "'sorrow' is not one of death, withdrawal"),
        ("after: consent", "after: consnt", "'consnt' is not a milestone here"),
        ("since: pump_surgery", "since: pump", "'pump' is not a milestone here"),
        ("alerts: true", "alerts: yes", "quote it"),
        ("component: pump", "component: pomp", "'pomp' is not a component here"),
        ("projected: 2", "projected: -1", "here 0 or more is expected"),
        ("rank: 1", "rang: 1", "'rank' is missing"),
        ("arms:\n  A:", "armen:\n  A:", "'arms' is missing"),
        (
            "also_asks: {hsc: [MOUTH]}",
            "also_asks: {hcs: [MOUTH]}",
            "'hcs' is not an instrument here",
        ),
        (
            "also_asks: {hsc: [MOUTH]}",
            "also_asks: {hsc: [JAUND]}",
            "'JAUND' is not an optional item of hsc here",
        ),
        ("  qlq-cr29: {only_if", "  qlq-cr92: {only_if", "'qlq-cr92' is not an instrument here"),
        ("fact: rectal_primary,", "fact: on_treatment,", "'on_treatment' is not a fact"),
        ("HSC-PRN:", "HSC-BASE:", "HSC-BASE stands here twice"),
    ],
)
def test_a_fault_is_named(tmp_path, old, new, reason):
    path, _ = read_with(tmp_path, old, new)
    with pytest.raises(UnsoundContent) as refused:
        read_protocol(path, INSTRUMENTS)
    assert reason in str(refused.value)
    assert str(refused.value).startswith(f"{path}:")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("anchor: pump_surgery", "anchor: pump_surgry"),
        ("        closes: 14", "        closes: soon"),
        ("rank: 6", "rank: six"),
    ],
)
def test_a_fault_is_named_on_its_own_line(tmp_path, old, new):
    path, line = read_with(tmp_path, old, new)
    with pytest.raises(UnsoundContent) as refused:
        read_protocol(path, INSTRUMENTS)
    assert refused.value.line == line


def test_the_trial_has_the_arms_and_regimens_of_its_register():
    lengths = {code: each.cycle_days for code, each in TRIAL.regimens.items()}
    assert lengths == {"fudr": 28, "capox": 21, "folfox": 14, "folfiri": 14, "folfoxiri": 14}
    only_a = {code for code, each in TRIAL.regimens.items() if each.arms == {"A"}}
    assert only_a == {"capox", "folfoxiri"}
    assert TRIAL.regimens["fudr"].infusion_days == 14
    assert TRIAL.regimens["folfox"].optional == {"bevacizumab": {"A"}}


def test_messages_go_at_nine_on_the_first_day_and_one_and_two_days_later():
    assert (f"{TRIAL.messages.at:%H:%M}", TRIAL.messages.days) == ("09:00", (0, 1, 2))
    assert (f"{TRIAL.messages.earliest:%H:%M}", f"{TRIAL.messages.latest:%H:%M}") == (
        "08:00",
        "21:00",
    )


def test_every_event_asks_an_instrument_that_exists():
    assert TRIAL.instruments == {"hsc", "qlq-c30"}


@pytest.mark.parametrize(
    ("alerts", "on", "hours"),
    [
        ("true", True, 0),
        ("false", False, 0),
        ("{after_hours: 24}", True, 24),
        ("{hsc: false}", False, 0),
        ("{hsc: {after_hours: 48}}", True, 48),
        ("{qlq-c30: false}", True, 0),
    ],
)
def test_an_arm_says_whether_and_when_alerts_come_of_an_instrument(tmp_path, alerts, on, hours):
    path, _ = read_with(tmp_path, "alerts: true", f"alerts: {alerts}")
    trial = read_protocol(path, INSTRUMENTS)
    policy = trial.alert_policy("A", "hsc")
    assert (policy.on, policy.after) == (on, timedelta(hours=hours))
    for arm in ("B", None):
        assert trial.alert_policy(arm, "hsc") == ALERTS_ON


@pytest.mark.parametrize(
    ("alerts", "reason"),
    [
        ("{hcs: true}", "'hcs' is not known here"),
        ("{after_hours: 0}", "here 1 or more is expected"),
        ("{after_hours: 2, hsc: true}", "'hsc' is not known here"),
        ("sometimes", "here true or false is expected"),
    ],
)
def test_a_policy_that_is_none_is_named(tmp_path, alerts, reason):
    path, line = read_with(tmp_path, "alerts: true", f"alerts: {alerts}")
    with pytest.raises(UnsoundContent) as fault:
        read_protocol(path, INSTRUMENTS)
    assert fault.value.line == line
    assert reason in fault.value.reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("unsent_after: 10", "unsent_after: 0", "here 1 or more is expected"),
        ("red: 120, ", "", "'red' is missing"),
        ("info: 10080}", "info: 10080, blue: 1}", "'blue' is not known here"),
        ("{days_since: pump_surgery}", "{days_since: dinner}", "'dinner' is not a milestone here"),
        ("regimens: [folfiri]}", "regimens: [folfirox]}", "'folfirox' is not a regimen here"),
        ("{given_within: 28}", "{given_within: 0}", "here 1 or more is expected"),
        ("at most {days} days ago", "at most some days ago", "the words leave no place"),
        ("needs: pump ", "needs: dose_in_28_days ", "'dose_in_28_days' is not a lasting fact here"),
    ],
)
def test_a_fault_in_what_alerts_and_facts_need_is_named(tmp_path, old, new, reason):
    path, line = read_with(tmp_path, old, new)
    with pytest.raises(UnsoundContent) as fault:
        read_protocol(path, INSTRUMENTS)
    assert reason in fault.value.reason
    assert fault.value.line == line
