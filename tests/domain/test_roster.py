"""Whom a red alert is told to while nobody takes it, over evenings, weekends, holidays and the
nights that the clock is changed."""

from dataclasses import replace
from datetime import date

import pytest

from proms.domain.roster import Duty, NobodyOnDuty, gap_between
from tests.domain.rosters import ON_CALL, WEEK, roster, told

ROUND_THE_CLOCK = (
    '{mon: "00:00-24:00", tue: "00:00-24:00", wed: "00:00-24:00", thu: "00:00-24:00", '
    'fri: "00:00-24:00", sat: "00:00-24:00", sun: "00:00-24:00"}'
)


def test_in_staffed_hours_it_goes_from_person_to_person_and_then_to_all_who_are_on_call():
    assert told(roster(), "2027-03-25T10:10") == [
        "Thu 25 10:10 els",
        "Thu 25 10:40 mo",
        "Thu 25 11:10 dee, dan",
        "Thu 25 11:40 dee, dan",
        "Thu 25 12:10 dee, dan",
        "Thu 25 12:40 dee, dan",
    ]


@pytest.mark.parametrize(
    ("raised", "first"),
    [
        ("2027-03-25T07:59", ["Thu 25 07:59 dee, dan", "Thu 25 08:29 dee, dan"]),
        ("2027-03-25T08:00", ["Thu 25 08:00 els", "Thu 25 08:30 mo", "Thu 25 09:00 dee, dan"]),
        ("2027-03-25T16:59", ["Thu 25 16:59 els", "Thu 25 17:00 dee, dan"]),
        ("2027-03-25T17:00", ["Thu 25 17:00 dee, dan", "Thu 25 17:30 dee, dan"]),
        # The end of the hours comes before the second person, on the same minute as she, after her.
        ("2027-03-25T16:45", ["Thu 25 16:45 els", "Thu 25 17:00 dee, dan"]),
        ("2027-03-25T16:30", ["Thu 25 16:30 els", "Thu 25 17:00 dee, dan"]),
        (
            "2027-03-25T16:29",
            [
                "Thu 25 16:29 els",
                "Thu 25 16:59 mo",
                "Thu 25 17:00 dee, dan",
                "Thu 25 17:30 dee, dan",
            ],
        ),
        # A Friday ends at four.
        (
            "2027-03-26T15:45",
            ["Fri 26 15:45 els", "Fri 26 16:00 dee, dan", "Fri 26 16:30 dee, dan"],
        ),
        ("2027-03-26T16:00", ["Fri 26 16:00 dee, dan"]),
        # A Saturday, and a holiday on a Monday.
        ("2027-03-20T10:00", ["Sat 20 10:00 dee, dan", "Sat 20 10:30 dee, dan"]),
        ("2027-03-29T10:00", ["Mon 29 10:00 dee, dan", "Mon 29 10:30 dee, dan"]),
        # In this week another entry fits too, the last that does counts, and she is alone.
        ("2027-04-05T10:00", ["Mon 05 10:00 kim", "Mon 05 10:30 kim", "Mon 05 11:00 dee, dan"]),
        ("2027-04-09T10:00", ["Fri 09 10:00 kim", "Fri 09 10:30 kim", "Fri 09 11:00 dee, dan"]),
        ("2027-04-12T10:00", ["Mon 12 10:00 els", "Mon 12 10:30 mo"]),
        # Another offset is the same instant.
        ("2027-03-25T09:10+00:00", ["Thu 25 10:10 els", "Thu 25 10:40 mo"]),
    ],
)
def test_with_an_on_call_list(raised, first):
    assert told(roster(), raised, len(first)) == first


@pytest.mark.parametrize(
    ("raised", "first"),
    [
        ("2027-03-25T10:00", ["Thu 25 10:00 els", "Thu 25 10:30 mo", "Thu 25 11:00 els"]),
        # Staffed minutes go on counting over the night, the weekend, a holiday.
        ("2027-03-24T16:45", ["Wed 24 16:45 els", "Thu 25 08:15 mo", "Thu 25 08:45 els"]),
        ("2027-03-25T18:10", ["Fri 26 08:00 els", "Fri 26 08:30 mo"]),
        ("2027-03-26T15:45", ["Fri 26 15:45 els", "Tue 30 08:15 mo", "Tue 30 08:45 els"]),
        ("2027-03-27T12:00", ["Tue 30 08:00 els", "Tue 30 08:30 mo"]),
        ("2027-03-29T12:00", ["Tue 30 08:00 els"]),
        # The end of the hours is the start of the next ones.
        ("2027-03-24T16:30", ["Wed 24 16:30 els", "Thu 25 08:00 mo", "Thu 25 08:30 els"]),
        ("2027-03-24T17:00", ["Thu 25 08:00 els"]),
        # The persons of the day on which it goes on.
        ("2027-04-02T15:45", ["Fri 02 15:45 els", "Mon 05 08:15 kim", "Mon 05 08:45 kim"]),
        ("2027-04-09T15:45", ["Fri 09 15:45 kim", "Mon 12 08:15 mo", "Mon 12 08:45 els"]),
    ],
)
def test_without_an_on_call_list_everybody_in_turn_and_in_staffed_hours(raised, first):
    assert told(roster(WEEK), raised, len(first)) == first


def test_on_the_night_the_clock_is_turned_forward_an_hour_is_left_out_and_no_notice():
    assert told(roster(), "2027-03-28T01:15", 4) == [
        "Sun 28 01:15 dee, dan",
        "Sun 28 01:45 dee, dan",
        "Sun 28 03:15 dee, dan",
        "Sun 28 03:45 dee, dan",
    ]


def test_on_the_night_it_is_turned_back_an_hour_of_notices_comes_twice():
    assert told(roster(), "2027-10-31T02:30+02:00", 4) == [
        "Sun 31 02:30 dee, dan",
        "Sun 31 02:00 dee, dan",
        "Sun 31 02:30 dee, dan",
        "Sun 31 03:00 dee, dan",
    ]


@pytest.mark.parametrize(
    ("raised", "second"),
    [("2027-03-28T01:45", "Sun 28 03:15 mo"), ("2027-10-31T01:45", "Sun 31 02:15 mo")],
)
def test_staffed_minutes_of_such_a_night_are_those_that_pass(raised, second):
    nights = roster(WEEK, staffed='{sun: "00:00-06:00"}')
    assert told(nights, raised, 2)[1] == second


def test_hours_go_on_past_midnight_where_two_days_meet():
    fri_to_sat = roster(staffed='{fri: "20:00-24:00", sat: "00:00-04:00"}')
    assert told(fri_to_sat, "2027-03-26T23:45", 3) == [
        "Fri 26 23:45 els",
        "Sat 27 00:15 mo",
        "Sat 27 00:45 dee, dan",
    ]
    assert told(fri_to_sat, "2027-03-27T03:45", 2) == [
        "Sat 27 03:45 els",
        "Sat 27 04:00 dee, dan",
    ]


def test_a_site_that_never_closes():
    assert told(roster(staffed=ROUND_THE_CLOCK), "2027-03-27T23:50", 3) == [
        "Sat 27 23:50 els",
        "Sun 28 00:20 mo",
        "Sun 28 00:50 dee, dan",
    ]


@pytest.mark.parametrize("zone", ["America/Curacao", "Europe/Amsterdam", "Asia/Tokyo"])
def test_hours_are_those_of_the_site_s_own_day_wherever_it_is(zone):
    """Where it is Thursday evening, or Thursday morning, while it is another day in Greenwich."""
    long_days = roster(timezone=zone, staffed='{thu: "06:00-22:00"}')
    assert told(long_days, "2027-03-25T21:15", 3) == [
        "Thu 25 21:15 els",
        "Thu 25 21:45 mo",
        "Thu 25 22:00 dee, dan",
    ]
    assert told(long_days, "2027-03-25T06:15", 2) == ["Thu 25 06:15 els", "Thu 25 06:45 mo"]
    assert told(long_days, "2027-03-26T06:15", 1) == ["Fri 26 06:15 dee, dan"]


def test_a_site_s_own_limits():
    quick = roster(ON_CALL + "limits: {next_after: 10, on_call_after: 45}\n")
    assert told(quick, "2027-03-25T10:00", 4) == [
        "Thu 25 10:00 els",
        "Thu 25 10:10 mo",
        "Thu 25 10:45 dee, dan",
        "Thu 25 11:15 dee, dan",
    ]
    # The on-call list goes before a second person who is due later, or on the same minute.
    for next_after in (45, 50):
        late = roster(ON_CALL + f"limits: {{next_after: {next_after}, on_call_after: 45}}\n")
        assert told(late, "2027-03-25T10:00", 2) == ["Thu 25 10:00 els", "Thu 25 10:45 dee, dan"]


def test_a_step_that_needs_a_day_for_which_nobody_is_named_is_refused():
    until_friday = WEEK.replace("from: 2027-01-01", "from: 2027-01-01, until: 2027-03-26")
    until_friday = until_friday.replace(
        "from: 2027-04-05, until: 2027-04-09", "from: 2027-03-01, until: 2027-03-05"
    )
    with pytest.raises(NobodyOnDuty, match="nobody is on duty on 2027-03-30, a staffed day"):
        told(roster(until_friday), "2027-03-26T15:45")
    on_call = roster(until_friday + "on_call: [dee]\n")
    assert told(on_call, "2027-03-26T15:45", 2) == ["Fri 26 15:45 els", "Fri 26 16:00 dee"]
    with pytest.raises(NobodyOnDuty, match="2027-03-30"):
        told(on_call, "2027-03-30T10:00", 1)


def test_an_entry_that_ends_with_the_calendar_itself_leaves_no_gap():
    forever = replace(roster(), duties=(Duty(date(2027, 1, 1), date.max, ("els",)),))
    assert gap_between(forever, date(2027, 1, 1), date.max) is None
