"""`proms messages`: what a patient with this history gets, and what is held; a wrong file gets one
clear line."""

import csv
from io import StringIO

import pytest
from click.testing import CliRunner

from proms.cli.messages import command

BASE = """\
arm: A
milestones: {consent: 2026-01-05, randomisation: 2026-01-12}
components: {systemic: folfox}
"""


def run(tmp_path, text, *options):
    path = tmp_path / "history.yaml"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(command, [str(path), *options])


def messages(tmp_path, text, first, last):
    """Each message as day, verdict, reason and packs."""
    result = run(tmp_path, text, "--from", first, "--to", last)
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(StringIO(result.stdout)))
    assert {row["at"][11:16] for row in rows} <= {"09:00"}
    return [(row["at"][5:10], row["verdict"], row["reason"], row["packs"]) for row in rows]


def test_a_pack_is_announced_on_its_first_day_and_twice_again_and_the_clock_is_the_sites(tmp_path):
    result = run(tmp_path, BASE, "--from", "2026-03-23", "--to", "2026-03-30")
    assert result.stdout == (
        "at,verdict,reason,packs\n"
        "2026-03-23T09:00:00+01:00,send,,QOL-W12\n"
        "2026-03-24T09:00:00+01:00,send,,QOL-W12\n"
        "2026-03-25T09:00:00+01:00,send,,QOL-W12\n"
    )


def test_what_is_open_on_the_same_morning_is_one_message(tmp_path):
    text = BASE + (
        "cycles: [{component: systemic, number: 1, day_1: 2026-03-03}, "
        "{component: systemic, number: 2, day_1: 2026-03-17}]\n"
    )
    assert messages(tmp_path, text, "2026-03-23", "2026-03-25") == [
        ("03-23", "send", "", "QOL-W12;HSC-SYST-D8 2"),
        ("03-24", "send", "", "QOL-W12;HSC-SYST-D8 2"),
        ("03-25", "send", "", "QOL-W12;HSC-SYST-D8 2"),
    ]


def test_a_pause_over_all_three_days_is_followed_by_one_message_and_not_by_26_silent_days(tmp_path):
    text = BASE + "paused: [{from: 2026-03-20, until: 2026-03-25}]\n"
    assert messages(tmp_path, text, "2026-03-16", "2026-04-20") == [
        ("03-23", "hold", "paused", "QOL-W12"),
        ("03-24", "hold", "paused", "QOL-W12"),
        ("03-25", "hold", "paused", "QOL-W12"),
        ("03-26", "send", "", "QOL-W12"),
    ]


def test_a_pause_of_the_first_day_only_leaves_the_other_days_as_they_are(tmp_path):
    text = BASE + "paused: [{from: 2026-03-23, until: 2026-03-23}]\n"
    assert messages(tmp_path, text, "2026-03-16", "2026-04-20") == [
        ("03-23", "hold", "paused", "QOL-W12"),
        ("03-24", "send", "", "QOL-W12"),
        ("03-25", "send", "", "QOL-W12"),
    ]


def test_two_pauses_of_which_the_second_begins_as_the_first_ends_hold_until_the_second_ends(
    tmp_path,
):
    text = BASE + (
        "paused: [{from: 2026-03-20, until: 2026-03-25}, {from: 2026-03-26, until: 2026-04-01}]\n"
    )
    assert messages(tmp_path, text, "2026-03-16", "2026-04-20")[-2:] == [
        ("03-25", "hold", "paused", "QOL-W12"),
        ("04-02", "send", "", "QOL-W12"),
    ]


def test_nothing_is_said_of_what_closed_during_a_pause(tmp_path):
    text = BASE + (
        "cycles: [{component: systemic, number: 1, day_1: 2026-02-02}]\n"
        "paused: [{from: 2026-01-20, until: 2026-02-20}]\n"
    )
    shown = messages(tmp_path, text, "2026-01-20", "2026-02-23")
    assert {verdict for _, verdict, _, packs in shown if "HSC-SYST-D1" in packs.split(";")} == {
        "hold"
    }


def test_who_answers_after_a_message_is_not_reminded(tmp_path):
    answered = "".join(
        f"  - {{event: QOL-W12, number: 1, instrument: {code}, on: 2026-03-{day}}}\n"
        for code, day in (("qlq-c30", 23), ("qlq-lmc21", 23), ("eq-5d-5l", 24))
    )
    assert messages(tmp_path, f"{BASE}answered:\n{answered}", "2026-03-16", "2026-04-20") == [
        ("03-23", "send", "", "QOL-W12"),
        ("03-24", "send", "", "QOL-W12"),  # one of the three was left
    ]


def test_what_was_answered_on_no_known_day_is_not_asked_for(tmp_path):
    answered = "".join(
        f"  - {{event: QOL-W12, number: 1, instrument: {code}}}\n"
        for code in ("qlq-c30", "qlq-lmc21", "eq-5d-5l")
    )
    assert messages(tmp_path, f"{BASE}answered:\n{answered}", "2026-03-16", "2026-04-20") == []


def test_a_check_that_moves_by_a_few_days_is_not_announced_again(tmp_path):
    text = BASE + (
        "cycles: [{component: systemic, number: 1, planned: 2026-02-02, day_1: 2026-02-04}]\n"
    )
    shown = messages(tmp_path, text, "2026-01-29", "2026-02-08")
    about = [day for day, *_, packs in shown if "HSC-SYST-D1" in packs.split(";")]
    assert about == ["01-30", "01-31", "02-01"]


def test_a_check_that_moves_by_more_is_announced_for_its_new_days(tmp_path):
    text = BASE + (
        "cycles: [{component: systemic, number: 1, planned: 2026-02-02, day_1: 2026-02-09}]\n"
    )
    shown = messages(tmp_path, text, "2026-01-29", "2026-02-15")
    about = [day for day, *_, packs in shown if "HSC-SYST-D1" in packs.split(";")]
    assert about[:3] == ["01-30", "01-31", "02-01"]
    assert about[3:] == ["02-09", "02-10"][: len(about[3:])]
    assert about[3:]


def test_nobody_who_has_died_gets_a_message(tmp_path):
    text = BASE.replace("2026-01-12}", "2026-01-12, death: 2026-03-24}")
    assert messages(tmp_path, text, "2026-03-16", "2026-04-20") == [
        ("03-23", "send", "", "QOL-W12")
    ]


def test_in_ten_years_no_morning_has_two_messages_and_none_is_at_another_hour(tmp_path):
    shown = messages(tmp_path, BASE, "2026-01-01", "2031-12-31")
    days = run(tmp_path, BASE, "--from", "2026-01-01", "--to", "2031-12-31").stdout.splitlines()[1:]
    assert len({line[:10] for line in days}) == len(days) == len(shown)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("paused: [{from: 2026-03-25, until: 2026-03-20}]", "does not end before it begins"),
        (
            "paused: [{from: 2026-03-20, until: 2026-03-25}, {from: 2026-03-25, until: 2026-03-26}]",
            "after the one before it has ended",
        ),
        ("paused: [{from: 2026-03-20}]", "until"),
        (
            "answered: [{event: QOL-W12, number: 1, instrument: qlq-c30, started: 2026-03-24, "
            "on: 2026-03-23}]",
            "nothing is sent before it is started",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_file_and_line(tmp_path, line, said):
    result = run(tmp_path, BASE + line + "\n", "--from", "2026-03-01", "--to", "2026-03-31")
    assert result.exit_code == 2
    assert "history.yaml:4:" in result.output
    assert said in result.output


def test_days_that_cannot_be_are_refused(tmp_path):
    backwards = run(tmp_path, BASE, "--from", "2026-03-31", "--to", "2026-03-01")
    assert backwards.exit_code == 2
    assert "--to 2026-03-01 is before --from 2026-03-31" in backwards.output
    nonsense = run(tmp_path, BASE, "--from", "31-3-2026", "--to", "2026-03-01")
    assert "--from 31-3-2026 is not a date" in nonsense.output
