"""A roster that is wrong is refused with file, line and reason."""

import pytest

from proms.content import UnsoundContent
from tests.domain.rosters import ON_CALL, roster


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("until: 2027-04-09", "until: 2027-04-04", 6, "2027-04-04 is before 2027-04-05"),
        (
            'thu: "08:00-17:00"',
            'thu: "17:00-08:00"',
            2,
            "17:00-08:00: the hours end before they start",
        ),
        ('thu: "08:00-17:00"', 'thu: "08:00-08:00"', 2, "the hours end before they start"),
        (
            'thu: "08:00-17:00"',
            'thu: "08:00-"',
            2,
            "'08:00-' is not a day's hours from a start to an end",
        ),
        ('thu: "08:00-17:00"', 'thu: "08:00"', 2, "'08:00' is not a day's hours"),
        ('thu: "08:00-17:00"', "thu: 17:00", 2, "1020 is not a day's hours"),
        ('thu: "08:00-17:00"', "thu: ", 2, "None is not a day's hours"),
        ('thu: "08:00-17:00"', 'thu: "08:00-17:60"', 2, "is not a day's hours"),
        ('thu: "08:00-17:00"', 'thu: "24:00-24:00"', 2, "is not a day's hours"),
        ("thu:", "thursday:", 2, "'thursday' is not known here"),
        ("Europe/Amsterdam", "Europe/Ansterdam", 1, "is not a time zone such as Europe/Amsterdam"),
        ("[2027-03-29,", "[Easter,", 3, "'Easter' is not a date such as 2026-03-09"),
        ("[2027-03-29,", "[2027-03-32,", 3, "day is out of range for month"),
        ("[2027-03-29,", "[1927-03-29,", 3, "1927-03-29 is not a date of this century"),
        ("[els, mo]", "[els, mo, els]", 5, "els stands here twice"),
        ("[dee, dan]", "[dee, dee]", 7, "dee stands here twice"),
        ("[els, mo]", "[]", 5, "nobody is on duty"),
        ("[els, mo]", '["els;mo"]', 5, "is no name"),
        ("on_duty:", "on_duties:", 1, "'on_duty' is missing"),
        ("holidays:", "holydays:", 3, "'holydays' is not known here"),
        ("from: 2027-01-01,", "form: 2027-01-01,", 5, "'from' is missing"),
        ("from: 2027-01-01,", "from: 2027-01-01, till: 2027-12-31,", 5, "'till' is not known here"),
        # From Monday 8 March on nobody; a gap that is a weekend is none.
        (
            "from: 2027-01-01,",
            "from: 2027-01-01, until: 2027-03-07,",
            5,
            "nobody is on duty on 2027-03-08",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old, new, line, reason):
    assert old in ON_CALL
    with pytest.raises(UnsoundContent) as refused:
        roster(ON_CALL.replace(old, new, 1))
    assert str(refused.value).startswith(f"roster.yaml:{line}: ")
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("{next_after: 0}", "here 1 or more is expected"),
        ("{on_call_after: -5}", "here 1 or more is expected"),
        ("{next_after: 7.5}", "a whole number"),
        ("{next_after: half an hour}", "a whole number"),
        ("{again_after: 5}", "'again_after' is not known here"),
    ],
)
def test_limits_are_whole_minutes(written, reason):
    with pytest.raises(UnsoundContent, match=rf"^roster.yaml:8: .*{reason}"):
        roster(f"{ON_CALL}limits: {written}\n")


@pytest.mark.parametrize("key", ["timezone", "staffed"])
def test_what_every_roster_has(key):
    begin = ON_CALL.index(f"{key}:")
    without = ON_CALL[:begin] + ON_CALL[ON_CALL.index("\n", begin) + 1 :]
    with pytest.raises(UnsoundContent, match=f"'{key}' is missing"):
        roster(without)
    with pytest.raises(UnsoundContent, match="no day of the week is staffed"):
        roster(staffed="{}")
    with pytest.raises(UnsoundContent, match="nobody is on duty"):
        roster(ON_CALL[: ON_CALL.index("on_duty")] + "on_duty: []\n")


def test_a_weekend_or_a_holiday_between_two_entries_is_no_gap():
    over_easter = ON_CALL.replace("from: 2027-01-01,", "from: 2027-01-01, until: 2027-03-26,")
    assert roster(over_easter.replace("from: 2027-04-05,", "from: 2027-03-30,")).duties
    with pytest.raises(UnsoundContent, match="5: nobody is on duty on 2027-03-30"):
        roster(over_easter.replace("from: 2027-04-05,", "from: 2027-03-31,"))


def test_an_entry_within_a_longer_one_leaves_no_gap_after_it():
    assert roster(
        ON_CALL.replace("from: 2027-01-01,", "from: 2027-01-01, until: 2027-12-31,")
    ).duties


def test_limits_that_are_left_out_are_the_protocol_s():
    assert roster().limits == roster(f"{ON_CALL}limits: {{}}\n").limits
    limits = roster(f"{ON_CALL}limits: {{next_after: 20}}\n").limits
    assert (limits.next_after, limits.on_call_after, limits.again_after) == (20, 60, 30)
