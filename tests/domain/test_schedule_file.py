"""`proms plan`: a history file in, a calendar out; a wrong file gets one clear line."""

import pytest
from click.testing import CliRunner

from proms.cli.plan import command

HISTORY = """\
arm: B                          # absent before randomisation
timezone: Europe/Amsterdam
milestones: {consent: 2026-01-05, randomisation: 2026-01-12, pump_surgery: 2026-02-02, panel: [2026-05-04]}
components: {pump: fudr, systemic: folfox}
cycles:
  - {component: pump, number: 1, day_1: 2026-03-09, status: given}
  - {component: pump, number: 2, planned: 2026-04-06, status: planned}
  - {component: systemic, number: 1, planned: 2026-03-02, day_1: 2026-03-09, status: given}
stopped: {pump: 2026-08-01}     # last dose
answered: [{event: HSC-FUDR-D1, number: 1, instrument: hsc}]
"""


def printed(tmp_path, text, *options):
    path = tmp_path / "history.yaml"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(command, [str(path), *options])


def test_the_calendar_is_printed_in_order_of_opening_with_states_of_that_day(tmp_path):
    result = printed(tmp_path, HISTORY, "--today", "2026-04-14")
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "event,number,instrument,opens,due,closes,state\n"
        "QOL-BASE,1,eq-5d-5l,2026-01-05,2026-01-12,2026-01-12,missed\n"
        "QOL-BASE,1,qlq-c30,2026-01-05,2026-01-12,2026-01-12,missed\n"
        "QOL-BASE,1,qlq-lmc21,2026-01-05,2026-01-12,2026-01-12,missed\n"
        "HSC-BASE,1,hsc,2026-01-05,2026-02-02,2026-02-02,missed\n"
        "HSC-SURG-D7,1,hsc,2026-02-08,2026-02-09,2026-02-12,missed\n"
        "HSC-SURG-D14,1,hsc,2026-02-15,2026-02-16,2026-02-19,missed\n"
        "HSC-SURG-D21,1,hsc,2026-02-22,2026-02-23,2026-02-26,missed\n"
        "QOL-SURG,1,eq-5d-5l,2026-02-23,2026-03-02,2026-03-09,missed\n"
        "QOL-SURG,1,qlq-c30,2026-02-23,2026-03-02,2026-03-09,missed\n"
        "QOL-SURG,1,qlq-lmc21,2026-02-23,2026-03-02,2026-03-09,missed\n"
        "HSC-SURG-D28,1,hsc,2026-03-01,2026-03-02,2026-03-05,missed\n"
        "HSC-FUDR-D1,1,hsc,2026-03-06,2026-03-09,2026-03-12,answered\n"
        "HSC-FUDR-D8,1,hsc,2026-03-15,2026-03-16,2026-03-19,missed\n"
        "HSC-FUDR-D15,1,hsc,2026-03-22,2026-03-23,2026-03-26,missed\n"
        "QOL-W12,1,eq-5d-5l,2026-03-23,2026-04-06,2026-04-20,open\n"
        "QOL-W12,1,qlq-c30,2026-03-23,2026-04-06,2026-04-20,open\n"
        "QOL-W12,1,qlq-lmc21,2026-03-23,2026-04-06,2026-04-20,open\n"
        "HSC-FUDR-D22,1,hsc,2026-03-29,2026-03-30,2026-04-02,missed\n"
        "HSC-FUDR-D1,2,hsc,2026-04-03,2026-04-06,2026-04-09,waiting\n"
        "HSC-WAIT-PUMP-W1,2,hsc,2026-04-05,2026-04-06,2026-04-09,missed\n"
        "HSC-FUDR-D8,2,hsc,2026-04-12,2026-04-13,2026-04-16,waiting\n"
        "HSC-WAIT-PUMP-W2,2,hsc,2026-04-12,2026-04-13,2026-04-16,open\n"
        "HSC-FUDR-D15,2,hsc,2026-04-19,2026-04-20,2026-04-23,waiting\n"
        "HSC-WAIT-PUMP-W3,2,hsc,2026-04-19,2026-04-20,2026-04-23,upcoming\n"
    )


def test_without_a_day_it_is_today_and_without_an_arm_only_the_baseline(tmp_path):
    result = printed(tmp_path, "milestones: {consent: 2026-01-05}\n")
    assert [line.split(",")[0] for line in result.stdout.splitlines()] == [
        "event",
        "HSC-BASE",
        *["QOL-BASE"] * 3,
    ]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("{stoma: true}", True),
        ("{rectal_primary: true}", True),
        ("{}", False),
        ("{stoma: {2026-01-05: false, 2026-01-12: true}}", True),  # due 7 days after consent
        ("{stoma: {2026-01-05: false, 2026-01-13: true}}", False),
    ],
)
def test_the_module_for_the_rectum_is_for_a_rectal_primary_or_a_stoma(tmp_path, said, asked):
    result = printed(tmp_path, f"milestones: {{consent: 2026-01-05}}\npatient: {said}\n")
    assert ("QOL-BASE,1,qlq-cr29" in result.stdout) is asked


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("{stoma: {soon: true}}", "'soon' is not a date such as 2026-03-09"),
        ("{stoma: {2026-01-05: perhaps}}", "stoma is never 'perhaps'"),
        ("{stoma: {}}", "stoma would have no value left"),
        ("{stoma: {2025-12-01: false, 2025-12-02: true}}", "is before consent"),
        ("{beard: true}", "'beard' is nothing a history says of a patient"),
    ],
)
def test_what_a_file_cannot_say_of_a_patient(tmp_path, said, sentence):
    result = printed(tmp_path, f"milestones: {{consent: 2026-01-05}}\npatient: {said}\n")
    assert result.exit_code != 0
    assert sentence in result.output


def test_a_day_long_ago_is_no_reason_to_refuse_what_happened_later(tmp_path):
    assert printed(tmp_path, HISTORY, "--today", "2026-01-06").exit_code == 0


def test_a_check_the_patient_opened_herself_stands_on_its_day(tmp_path):
    extra = HISTORY.replace(
        "answered: [",
        "answered: [{event: HSC-PRN, number: 1, instrument: hsc, started: 2026-03-20}, ",
    )
    result = printed(tmp_path, extra, "--today", "2026-04-14")
    assert "HSC-PRN,1,hsc,2026-03-20,2026-03-20,2026-03-20,answered\n" in result.stdout


def test_an_answered_catch_up_stays_in_the_calendar_after_day_1(tmp_path):
    late = HISTORY.replace(
        "planned: 2026-04-06, status: planned",
        "planned: 2026-04-06, day_1: 2026-04-20, status: given",
    )
    late = late.replace(
        "answered: [", "answered: [{event: HSC-WAIT-PUMP-W1, number: 2, instrument: hsc}, "
    )
    result = printed(tmp_path, late, "--today", "2026-04-21")
    assert "HSC-WAIT-PUMP-W1,2,hsc,2026-04-05,2026-04-06,2026-04-09,answered\n" in result.stdout
    assert "HSC-WAIT-PUMP-W2" not in result.stdout
    assert "HSC-FUDR-D1,2,hsc,2026-04-17,2026-04-20,2026-04-23,open\n" in result.stdout


OVERLAP = HISTORY.replace("planned: 2026-04-06", "planned: 2026-03-20")


def test_what_is_odd_is_confirmed_in_the_file(tmp_path):
    refused = printed(tmp_path, OVERLAP, "--today", "2026-03-10")
    assert refused.exit_code == 2
    assert "add a line `confirmed: <reason>`" in refused.stderr
    assert (
        printed(
            tmp_path, OVERLAP + "confirmed: ordered by the surgeon\n", "--today", "2026-03-10"
        ).exit_code
        == 0
    )


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("arm: B", "arm: C", "arm C is not in the protocol"),
        ("systemic: folfox", "systemic: capox", "CAPOX is not given in arm B"),
        ("arm: B  ", "arm: A  ", "FUDR is not given in arm A"),
        ("panel: [2026-05-04]", "panel: [2026-13-04]", "history.yaml:3: "),
        ("panel: [2026-05-04]", "panel: [soon]", "history.yaml:3: 'soon' is not a date"),
        ("panel: [2026-05-04]", "panel: [2036-05-04]", "more than 400 days ahead"),
        ("panel: ", "pannel: ", "milestone pannel is not in the protocol"),
        ("cycles:", "cycels:", "'cycels' is not known here"),
        ("number: 2,", "number: 3,", "pump cycle 3 is recorded, but cycle 2 is not"),
        ("number: 2,", "number: two,", "history.yaml:7: here a whole number is expected"),
        (
            "status: planned",
            "status: maybe",
            "history.yaml:7: 'maybe' is not one of planned, given, skipped",
        ),
        (
            "day_1: 2026-03-09, status: given}\n  - {component: pump",
            "day_1: 2026-01-09, status: given}\n  - {component: pump",
            "before randomisation",
        ),
        (
            "event: HSC-FUDR-D1,",
            "event: HSC-FUDR-D9,",
            "history.yaml:10: 'HSC-FUDR-D9' is not an event",
        ),
        (
            "arm: B  ",
            "patient: {smokes: true}\narm: B  ",
            "history.yaml:1: 'smokes' is nothing a history says",
        ),
        ("arm: B  ", "patient: {sex: x}\narm: B  ", "history.yaml:1: sex is never 'x'"),
        (
            "instrument: hsc}",
            "instrument: qlq-c30}",
            "history.yaml:10: 'qlq-c30' is not asked at HSC-FUDR-D1",
        ),
        (
            "Europe/Amsterdam",
            "Europe/Amsterdm",
            "history.yaml:2: 'Europe/Amsterdm' is not a time zone",
        ),
        ("arm: B", "arm: [", "history.yaml:"),
        (
            "panel: [2026-05-04]",
            "panel: ['2026-05-04']",
            "is not a date such as 2026-03-09: leave the quotes out",
        ),
        ("panel: [2026-05-04]", "panel: [2026-05-04 10:00:00]", "has a time; write the day alone"),
        (
            "consent: 2026-01-05",
            "consent: 0206-01-05",
            "consent: 0206-01-05 is outside the years of the trial, 2024 to 2036",
        ),
        (
            "planned: 2026-03-02",
            "planned: 2025-03-02",
            "planned on 2025-03-02 is before randomisation",
        ),
        (
            "stopped: {pump: 2026-08-01}",
            "stopped: {systemic: 2025-08-01}",
            "is before randomisation",
        ),
        ("status: planned", "dose_percent: 900", "history.yaml:7: a dose is 0 to 150 percent"),
        (
            "arm: B  ",
            "patient: &p {}\nconfirmed: *p\narm: B  ",
            "history.yaml:2: a reference (*name) is not read here",
        ),
        (HISTORY, "", "the file is empty"),
        (HISTORY, "- 1\n", "here a mapping of names to values is expected"),
    ],
)
def test_a_wrong_history_gets_one_clear_line(tmp_path, old, new, line):
    assert old in HISTORY
    result = printed(tmp_path, HISTORY.replace(old, new, 1), "--today", "2026-04-14")
    assert result.exit_code == 2
    assert line in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--today", "tomorrow"], "--today tomorrow is not a date"),
        (["--today", "9990-12-31"], "--today 9990-12-31 is not a date of this century"),
        (["--today", "20260415"], "--today 20260415 is not a date"),
        (["--today", ""], "--today  is not a date"),
        (["--version", "9"], "there is no version 9 of pump-it; there are: 1"),
        (["--protocol", "other"], "there is no protocol other"),
    ],
)
def test_wrong_options_get_one_clear_line(tmp_path, options, line):
    result = printed(tmp_path, HISTORY, *options)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert line in result.stderr


def test_a_folder_gets_one_clear_line(tmp_path):
    result = CliRunner().invoke(command, [str(tmp_path)])
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "this cannot be read: Is a directory" in result.stderr


def test_a_file_that_is_not_there_gets_one_clear_line(tmp_path):
    result = CliRunner().invoke(command, [str(tmp_path / "none.yaml")])
    assert result.exit_code == 2
    assert "there is no such file" in result.stderr
