"""`proms alerts steps`: a roster in, the notices of an alert nobody takes out; a wrong one gets one
clear line."""

import pytest
from click.testing import CliRunner

from proms.cli import main
from tests.domain.rosters import ON_CALL, WEEK


def steps(raised, written=ON_CALL):
    return CliRunner().invoke(main, ["alerts", "steps", "-", "--raised", raised], input=written)


def refused(raised, written=ON_CALL):
    result = steps(raised, written)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    return result.stderr.removeprefix("proms: ").rstrip()


def test_six_steps_are_printed_in_the_site_s_time():
    result = steps("2027-03-25T16:10")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "step,at,who\n"
        "1,2027-03-25T16:10:00+01:00,els\n"
        "2,2027-03-25T16:40:00+01:00,mo\n"
        "3,2027-03-25T17:00:00+01:00,dee;dan\n"
        "4,2027-03-25T17:30:00+01:00,dee;dan\n"
        "5,2027-03-25T18:00:00+01:00,dee;dan\n"
        "6,2027-03-25T18:30:00+01:00,dee;dan\n"
    )


def test_a_file_is_read_as_well_as_standard_input(tmp_path):
    path = tmp_path / "roster.yaml"
    path.write_text(WEEK)
    command = ["alerts", "steps", str(path), "--raised", "2027-03-25T15:10:30Z"]
    result = CliRunner().invoke(main, command)
    assert result.stdout.splitlines()[1:4] == [
        "1,2027-03-25T16:10:30+01:00,els",
        "2,2027-03-25T16:40:30+01:00,mo",
        "3,2027-03-26T08:10:30+01:00,els",
    ]
    path.write_text(WEEK + "on_cal: [dee]\n")
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"proms: {path}:7: 'on_cal' is not known here")


def test_a_time_that_comes_twice_is_refused_with_both_of_its_offsets():
    assert refused("2027-10-31T02:30") == (
        "--raised 2027-10-31T02:30 comes twice in Europe/Amsterdam: "
        "write 2027-10-31T02:30:00+02:00 or 2027-10-31T02:30:00+01:00"
    )
    lines = steps("2027-10-31T02:30+01:00").stdout.splitlines()
    assert lines[1:3] == [
        "1,2027-10-31T02:30:00+01:00,dee;dan",
        "2,2027-10-31T03:00:00+01:00,dee;dan",
    ]


def test_a_time_that_does_not_exist_is_refused():
    assert "2027-03-28T02:30 does not exist in Europe/Amsterdam" in refused("2027-03-28T02:30")


@pytest.mark.parametrize(
    "raised",
    ["today", "2027-03-25", "2027-03-25 18:10", "2027-02-29T10:00", "1927-03-25T18:10", ""],
)
def test_what_is_no_time_is_refused(raised):
    assert "is not a time of this century as 2027-03-25T18:10" in refused(raised)


def test_a_roster_that_is_wrong_is_refused_with_its_line():
    assert refused("2027-03-25T18:10", "").startswith("standard input:1: the file is empty")
    ends = WEEK.replace("from: 2027-01-01", "from: 2027-01-01, until: 2027-04-04")
    assert refused("2027-04-09T15:45", ends) == (
        "standard input: nobody is on duty on 2027-04-12, a staffed day"
    )


def test_a_file_that_is_not_there_is_refused(tmp_path):
    missing = str(tmp_path / "roster.yaml")
    command = ["alerts", "steps", missing, "--raised", "2027-03-25T18:10"]
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, result.stderr) == (2, f"proms: {missing}:1: there is no such file\n")
