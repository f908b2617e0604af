"""When the hospital can call: "within one working day" is not said to mean sooner than it does."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proms.domain.calls import OFFICE_HOURS, end_of_next_working_day, first_call_day
from tests.domain.rosters import WEEK, roster

EASTER = {date(2026, 4, 5), date(2026, 4, 6)}


def working_days_but(holidays):
    def hours_on(day):
        return OFFICE_HOURS if day.weekday() < 5 and day not in holidays else None

    return hours_on


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("2026-04-01 10:00", None),  # a Wednesday
        ("2026-04-01 23:59", None),  # tomorrow is a working day
        ("2026-04-03 16:59", None),  # a Friday in office hours
        ("2026-04-03 17:00", date(2026, 4, 7)),  # Friday after hours, Easter Monday between
        ("2026-04-04 09:00", date(2026, 4, 7)),
        ("2026-04-05 23:00", date(2026, 4, 7)),
        ("2026-04-12 09:00", date(2026, 4, 13)),  # an ordinary Sunday
    ],
)
def test_before_a_weekend_or_a_holiday_the_first_day_of_calling_is_named(written, called):
    assert first_call_day(datetime.fromisoformat(written), working_days_but(EASTER)) == called


@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.times(),
    st.sets(st.dates(date(2026, 1, 1), date(2028, 1, 9))),
)
def test_a_named_day_is_a_working_day_to_come(today, at, holidays):
    called = first_call_day(datetime.combine(today, at), working_days_but(holidays))
    assert called is None or (called > today and called.weekday() < 5 and called not in holidays)


@pytest.mark.parametrize(
    ("closed", "written", "called"),
    [
        # A site that works on Good Friday says nothing on Thursday evening, another names Tuesday.
        ("[2027-03-29]", "2027-03-25 20:00", None),
        ("[2027-03-26, 2027-03-29]", "2027-03-25 20:00", date(2027, 3, 30)),
        # The fifth of May is a holiday at some hospitals every year.
        ("[2027-05-06]", "2027-05-04 20:00", None),
        ("[2027-05-05, 2027-05-06]", "2027-05-04 20:00", date(2027, 5, 7)),
        ("[2027-05-05, 2027-05-06]", "2027-05-05 09:00", date(2027, 5, 7)),
        # A Friday that ends at four.
        ("[]", "2027-03-19 15:59", None),
        ("[]", "2027-03-19 16:00", date(2027, 3, 22)),
    ],
)
def test_the_day_is_that_of_the_site_s_own_hours_and_holidays(closed, written, called):
    at = datetime.fromisoformat(written)
    assert first_call_day(at, roster(WEEK, holidays=closed).hours_on) == called


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2027-03-24 07:00", "2027-03-25 17:00"),
        ("2027-03-25 10:00", "2027-03-26 16:00"),
        ("2027-03-26 10:00", "2027-03-30 17:00"),  # Easter Monday between
        ("2027-03-27 10:00", "2027-03-30 17:00"),
    ],
)
def test_within_one_working_day_ends_when_the_hours_of_the_next_one_do(at, until):
    ends = end_of_next_working_day(datetime.fromisoformat(at), roster(WEEK).hours_on)
    assert ends == datetime.fromisoformat(until)
