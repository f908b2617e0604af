"""The two nights of 2027 on which the clock is put forward and back: nothing comes twice, nothing
is left out."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from sqlmodel import select

from proms.db.tables import Assignment, Delivery, MessageDecision
from tests.clinic import ZONE

HALF_AN_HOUR = timedelta(minutes=30)
# The Sunday, 06:00 and 09:00 at the site in UTC, and day 1 of a cycle whose day 8 opens then.
NIGHTS = {
    "forward": ("2027-03-28", "04:00", "07:00", "2027-03-22"),
    "back": ("2027-10-31", "05:00", "08:00", "2027-10-25"),
}


def instant(day, at):
    return datetime.fromisoformat(f"{day}T{at}:00").replace(tzinfo=UTC)


@pytest.fixture(params=NIGHTS)
def night(request, clinic):
    """The worker looks every half hour, from the evening before until the third message has
    left."""
    sunday, opens, messages, day_1 = NIGHTS[request.param]
    clinic.today(day_1, "08:00")
    anna = clinic.enrols()
    clinic.randomises(anna, "A", day_1)
    clinic.chooses(anna, "systemic", "folfox")
    clinic.gives_cycle(anna, "systemic", 1, day_1)
    clinic.now = instant(sunday, "00:00") - timedelta(hours=2)
    end = instant(sunday, "10:00") + timedelta(days=2)
    while clinic.now < end:
        clinic.works()
        clinic.now += HALF_AN_HOUR
    return instant(sunday, opens), instant(sunday, messages)


def check(clinic):
    with clinic.database.reading() as session:
        return session.exec(
            select(Assignment).where(Assignment.event == "HSC-SYST-D8", Assignment.number == 1)
        ).one()


def test_through_the_night_a_check_opens_is_announced_and_closes_by_the_clock_on_the_wall(
    clinic, night
):
    opens, messages = night
    with clinic.database.reading() as session:
        asked = session.exec(
            select(Assignment).where(Assignment.event == "HSC-SYST-D8", Assignment.number == 1)
        ).one()
        decided = session.exec(
            select(MessageDecision)
            .where(MessageDecision.event == "HSC-SYST-D8")
            .order_by(MessageDecision.step)
        ).all()
        sent = session.exec(
            select(Delivery).where(Delivery.decision_id.in_([row.id for row in decided]))
        ).all()
        woken = session.exec(select(Delivery.settled_at)).all()
    assert asked.opens_at == opens
    assert asked.closes_at == datetime.combine(
        asked.closes + timedelta(days=1), time(0), ZONE
    ).astimezone(UTC)
    assert [row.step for row in decided] == [1, 2, 3]
    assert decided[0].decided_at == messages
    assert [later.decided_at - earlier.decided_at for earlier, later in pairwise(decided)] == [
        timedelta(days=1)
    ] * 2
    assert [row.state for row in sent] == ["sent"] * 3
    assert {at.astimezone(ZONE).hour for at in woken} <= set(range(8, 21))


MINUTES = {"an hour back": -60, "six hours on": 6 * 60, "a day and an hour on": 25 * 60}


@pytest.mark.parametrize("jump", MINUTES)
@pytest.mark.parametrize("at", ["08:40", "09:20"])
def test_f11_a_clock_that_jumps_leaves_no_message_out_and_sends_none_twice_or_at_night(
    clinic, jump, at
):
    clinic.today("2026-01-05", "08:30")
    clinic.enrols()
    jumps_at, end = instant("2026-01-05", at) - timedelta(hours=1), instant("2026-01-09", "12:00")
    while clinic.now < end:
        clinic.works()
        clinic.now += timedelta(minutes=10)
        if clinic.now == jumps_at:
            clinic.now += timedelta(minutes=MINUTES[jump])
            jumps_at = None
    with clinic.database.reading() as session:
        decided = session.exec(
            select(MessageDecision)
            .where(MessageDecision.event == "HSC-BASE")
            .order_by(MessageDecision.id)
        ).all()
        left = session.exec(select(Delivery.settled_at).where(Delivery.state == "sent")).all()
    local = [moment.astimezone(ZONE) for moment in left]
    assert len({moment.date() for moment in local}) == len(local)
    assert all(9 <= moment.hour < 21 for moment in local)
    sent = [row.step for row in decided if row.verdict == "send"]
    assert sent == sorted(set(sent))
    assert sent[-1] == 3
    # Each step was sent, or says that a later one stands for it.
    assert sorted(row.step for row in decided) == [1, 2, 3]
