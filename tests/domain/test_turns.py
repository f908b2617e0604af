"""When a pack's next message is decided, from what was decided of it so far."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from proms.domain.protocol import MessagePlan
from proms.domain.reminder import (
    Fate,
    HoldReason,
    Pause,
    Purpose,
    Standing,
    Turn,
    next_turn,
    purpose_of,
    steps_passed_over,
    steps_to_come,
)

ZONE = ZoneInfo("Europe/Amsterdam")
PLAN = MessagePlan(
    time(9),
    (0, 1, 2),
    time(8),
    time(21),
    day_cap=2,
    announce_again=3,
    call_after=timedelta(hours=4),
)
MONDAY = date(2026, 3, 23)
CLOSES = MONDAY + timedelta(days=28)


def at(day, hour="09:00"):
    return datetime.combine(MONDAY + timedelta(days=day), time.fromisoformat(hour), ZONE)


def turn(step, day, fate=Fate.LEFT, reason=None, *, opens=0, hour="09:00"):
    moment = at(day, hour).astimezone(UTC)
    return Turn(step, MONDAY + timedelta(days=opens), moment, fate, reason)


def upcoming(now, *turns, opens=0, closes=CLOSES, paused_until=None, mended=False):
    """The next step, and the day and hour it is decided, counted from Monday."""
    pause = None
    if paused_until is not None:
        pause = Pause(date.min, MONDAY + timedelta(days=paused_until))
    standing = Standing(PLAN, ZONE, now.astimezone(UTC), pause)
    turns = tuple(each._replace(mended=mended) for each in turns)
    found = next_turn(MONDAY + timedelta(days=opens), closes, turns, standing)
    if found is None:
        return None
    local = found.at.astimezone(ZONE)
    return found.step, (local.date() - MONDAY).days, f"{local:%H:%M}"


def test_each_step_has_its_day():
    assert upcoming(at(-5)) == (1, 0, "09:00")
    assert upcoming(at(0), turn(1, 0)) == (2, 1, "09:00")
    assert upcoming(at(1), turn(1, 0), turn(2, 1)) == (3, 2, "09:00")
    assert upcoming(at(2), turn(1, 0), turn(2, 1), turn(3, 2)) is None


def test_of_several_days_that_went_by_only_the_last_is_made_up_for():
    assert upcoming(at(1, "14:00")) == (2, 1, "14:00")
    assert upcoming(at(9, "14:00")) == (3, 9, "14:00")


def test_what_is_made_up_for_waits_for_the_hour_of_messages():
    assert upcoming(at(9, "03:00")) == (3, 9, "09:00")
    assert upcoming(at(9, "08:30")) == (3, 9, "09:00")
    assert upcoming(at(9, "21:00")) == (3, 10, "09:00")
    assert upcoming(at(9, "20:59")) == (3, 9, "20:59")


def test_nothing_is_decided_after_the_window():
    assert upcoming(at(9, "14:00"), closes=MONDAY + timedelta(days=9)) == (3, 9, "14:00")
    assert upcoming(at(9, "21:00"), closes=MONDAY + timedelta(days=9)) is None
    held = turn(3, 2, Fate.HELD, HoldReason.PAUSED)
    assert upcoming(at(2), held, closes=MONDAY + timedelta(days=4), paused_until=8) is None


def test_a_pause_holds_each_day_and_its_end_carries_one():
    held = [turn(step, step - 1, Fate.HELD, HoldReason.PAUSED) for step in (1, 2, 3)]
    assert upcoming(at(0), held[0], paused_until=8) == (2, 1, "09:00")
    assert upcoming(at(2), *held, paused_until=8) == (3, 9, "09:00")
    assert upcoming(at(2, "14:00"), *held) == (3, 2, "14:00")  # it was ended by hand


def test_a_hold_without_an_address_ends_with_an_address():
    held = [turn(step, step - 1, Fate.HELD, HoldReason.NO_CONTACT) for step in (1, 2, 3)]
    assert upcoming(at(0, "10:00"), held[0]) == (2, 1, "09:00")
    assert upcoming(at(5), *held) is None
    assert upcoming(at(5, "14:00"), *held, mended=True) == (3, 5, "14:00")


def test_what_was_lost_again_after_the_address_was_put_right_is_not_tried_for_ever():
    lost = [turn(3, 2, Fate.LOST)._replace(mended=True), turn(3, 5, Fate.LOST, hour="14:00")]
    assert upcoming(at(5, "14:01"), turn(1, 0), turn(2, 1), lost[0], mended=True) == (3, 5, "14:01")
    standing = Standing(PLAN, ZONE, at(5, "14:01").astimezone(UTC))
    assert next_turn(MONDAY, CLOSES, lost, standing) is None


def test_a_day_too_full_is_made_up_for_on_another_day():
    held = turn(3, 2, Fate.HELD, HoldReason.DAY_CAP)
    assert upcoming(at(2), turn(1, 0), turn(2, 1), held) == (3, 3, "09:00")
    assert upcoming(at(2, "15:00"), turn(1, 0), turn(2, 1), held) == (3, 3, "09:00")


def test_what_the_night_held_goes_in_the_morning():
    held = turn(3, 2, Fate.HELD, HoldReason.QUIET_HOURS, hour="22:00")
    assert upcoming(at(2, "22:00"), turn(1, 0), turn(2, 1), held) == (3, 3, "09:00")


def test_what_reached_nobody_was_tried_until_the_address_is_mended():
    lost = turn(3, 2, Fate.LOST)
    assert upcoming(at(5), turn(1, 0), turn(2, 1), lost) is None
    assert upcoming(at(5, "14:00"), turn(1, 0), turn(2, 1), lost, mended=True) == (3, 5, "14:00")


def test_what_was_taken_back_is_made_up_for():
    assert upcoming(at(5, "14:00"), turn(3, 2, Fate.TAKEN_BACK)) == (3, 5, "14:00")


@pytest.mark.parametrize("opens", [-3, -1, 1, 3])
def test_a_pack_that_moves_a_little_goes_on_with_its_reminders(opens):
    assert upcoming(at(-4), turn(1, 0), opens=opens) == (2, opens + 1, "09:00")
    assert purpose_of(MONDAY + timedelta(days=opens), [turn(1, 0)], 3) is Purpose.REMIND


@pytest.mark.parametrize("opens", [-4, 4, 14])
def test_a_pack_that_moves_further_is_announced_again(opens):
    assert upcoming(at(-5), turn(1, 0), opens=opens) == (1, opens, "09:00")
    assert purpose_of(MONDAY + timedelta(days=opens), [turn(1, 0)], 3) is Purpose.MOVED


def test_small_moves_do_not_add_up_to_a_silent_large_one():
    moves = [turn(1, 0), turn(2, 3, opens=2), turn(3, 6, opens=3)]
    assert upcoming(at(6), *moves, opens=3) is None
    assert upcoming(at(6), *moves, opens=6) == (1, 6, "09:00")
    assert purpose_of(MONDAY + timedelta(days=6), moves, 3) is Purpose.MOVED


def test_a_pack_that_moves_away_and_back_was_announced_where_it_is():
    assert upcoming(at(1), turn(1, 0), opens=0) == (2, 1, "09:00")
    away = [turn(1, 0), turn(1, 7, opens=7)]
    assert upcoming(at(7), *away, opens=0) == (3, 7, "09:00")
    assert purpose_of(MONDAY, away, 3) is Purpose.MOVED


def test_what_was_only_held_announced_nothing():
    held = turn(1, 0, Fate.HELD, HoldReason.PAUSED)
    assert purpose_of(MONDAY, [held], 3) is Purpose.ANNOUNCE
    assert purpose_of(MONDAY, [held, turn(1, 3)], 3) is Purpose.REMIND
    # The day it was announced for is that of the message that left.
    assert purpose_of(MONDAY + timedelta(days=5), [held, turn(1, 3, opens=3)], 3) is Purpose.REMIND


def test_what_went_by_without_a_decision_is_passed_over_once():
    standing = Standing(PLAN, ZONE, at(2, "14:00").astimezone(UTC))
    assert steps_passed_over(MONDAY, 3, (), standing) == [1, 2]
    assert steps_passed_over(MONDAY, 1, (), standing) == []
    said = [turn(1, 2, Fate.HELD, HoldReason.SUPERSEDED, hour="14:00")]
    assert steps_passed_over(MONDAY, 3, said, standing) == [2]
    assert steps_passed_over(MONDAY, 3, [turn(1, 0), turn(2, 1)], standing) == []
    held = [turn(1, 0, Fate.HELD, HoldReason.PAUSED)]
    assert steps_passed_over(MONDAY, 3, held, standing) == [2]  # of the first its reason is stored


def test_what_is_to_come_of_a_pack_ends_with_its_window():
    standing = Standing(PLAN, ZONE, at(0, "10:00").astimezone(UTC))
    assert steps_to_come(MONDAY, CLOSES, [turn(1, 0)], standing) == [2, 3]
    assert steps_to_come(MONDAY, MONDAY + timedelta(days=1), [turn(1, 0)], standing) == [2]
    assert steps_to_come(MONDAY, CLOSES, [turn(n, n - 1) for n in (1, 2, 3)], standing) == []


@pytest.mark.parametrize("reason", [HoldReason.ANSWERED, HoldReason.SUPERSEDED])
def test_what_follows_from_answers_holds_up_no_questions_that_come_after_all(reason):
    held = [turn(2, 0, Fate.HELD, reason, hour="10:00")]
    assert upcoming(at(1, "14:00"), turn(1, 0), *held) == (2, 1, "14:00")
