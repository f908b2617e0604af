"""What holds for every roster and every moment."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from proms.domain.roster import Duty, Hours, NoticeLimits, Roster, notice_steps

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ON_DUTY, ON_CALL = ("els", "mo", "kim"), ("dee", "dan")
SPRING = datetime(2027, 3, 20, tzinfo=UTC)
quarters = st.integers(0, 95)


@st.composite
def hours(draw):
    opens, closes = sorted(draw(st.lists(quarters, min_size=2, max_size=2, unique=True)))
    return Hours(time(opens // 4, opens % 4 * 15), time(closes // 4, closes % 4 * 15))


@st.composite
def rosters(draw):
    always = Duty(
        date(2026, 1, 1), None, tuple(draw(st.permutations(ON_DUTY)))[: draw(st.integers(1, 3))]
    )
    return Roster(
        zone=AMSTERDAM,
        hours=draw(st.dictionaries(st.integers(0, 6), hours(), min_size=1)),
        duties=(always,),
        limits=NoticeLimits(draw(st.integers(1, 90)), draw(st.integers(1, 180)), 30),
        holidays=draw(st.frozensets(st.dates(date(2027, 3, 20), date(2027, 4, 10)), max_size=8)),
        on_call=ON_CALL[: draw(st.integers(0, 2))],
    )


# Half of them around the two nights on which the clock is changed.
moments = st.one_of(
    st.integers(0, 250 * 24 * 60).map(lambda minutes: SPRING + timedelta(minutes=minutes)),
    st.integers(0, 3 * 24 * 60).map(lambda minutes: SPRING + timedelta(days=6, minutes=minutes)),
    st.integers(0, 3 * 24 * 60).map(lambda minutes: SPRING + timedelta(days=223, minutes=minutes)),
)


def staffed_by_the_wall(roster, at):
    """Said again, without a word of how the steps are worked out; hours that begin or end within a
    change of the clock are left out."""
    hours = roster.hours_on(at.date())
    return hours is not None and hours.opens <= at.time() < hours.closes


@given(rosters(), moments)
def test_steps_are_numbered_and_none_comes_before_the_one_before_it_or_before_the_alert(
    roster, raised
):
    steps = list(islice(notice_steps(roster, raised), 12))
    assert [step.number for step in steps] == list(range(1, 13))
    assert steps[0].at >= raised
    for earlier, later in pairwise(steps):
        assert later.at.astimezone(UTC) > earlier.at.astimezone(UTC)


@given(rosters(), moments)
def test_who_is_on_duty_is_told_in_staffed_hours_only_and_who_is_on_call_whenever(roster, raised):
    for step in islice(notice_steps(roster, raised), 12):
        if step.who == roster.on_call:
            continue
        assert len(step.who) == 1
        assert step.who[0] in ON_DUTY
        changed = step.at.date() in {date(2027, 3, 28), date(2027, 10, 31)}
        assert changed or staffed_by_the_wall(roster, step.at)


@given(rosters(), moments)
def test_who_is_on_call_is_told_again_every_half_hour_and_nobody_else_after_them(roster, raised):
    steps = list(islice(notice_steps(roster, raised), 12))
    if not roster.on_call:
        assert all(step.who[0] in ON_DUTY for step in steps)
        return
    calls = [step for step in steps if step.who == roster.on_call]
    assert steps[-len(calls) :] == calls
    assert len(steps) - len(calls) <= 2
    gaps = {b.at.astimezone(UTC) - a.at.astimezone(UTC) for a, b in pairwise(calls)}
    assert gaps == {timedelta(minutes=30)}
    assert calls[0].at - max(raised, steps[0].at) <= timedelta(minutes=roster.limits.on_call_after)
