"""When the hospital can call: "within one working day" is not said to mean sooner than it does."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proms.domain.calls import first_call_day

EASTER = {date(2026, 4, 5), date(2026, 4, 6)}


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
    assert first_call_day(datetime.fromisoformat(written), EASTER.__contains__) == called


@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.times(),
    st.sets(st.dates(date(2026, 1, 1), date(2028, 1, 9))),
)
def test_a_named_day_is_a_working_day_to_come(today, at, holidays):
    called = first_call_day(datetime.combine(today, at), holidays.__contains__)
    assert called is None or (called > today and called.weekday() < 5 and called not in holidays)
