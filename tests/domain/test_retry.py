"""When a message is tried again, when a provider is left alone, and what is done about one in
doubt."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from proms.domain.reminder import OutboxLimits
from proms.domain.reminder.doubt import Answer, Doubt, Step, next_step
from proms.domain.reminder.retry import Trouble, after_failure, retry_wait

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LIMITS = OutboxLimits()
MINUTE = timedelta(minutes=1)


def test_each_wait_is_drawn_from_nought_to_twice_the_last_and_never_more_than_fifteen_minutes():
    dice = Random(7)
    for attempts, most in ((1, 30), (2, 60), (3, 120), (5, 480), (6, 900), (400, 900)):
        waits = [retry_wait(attempts, dice.uniform).total_seconds() for _ in range(2000)]
        assert 0 <= min(waits) < most * 0.05
        assert most * 0.95 < max(waits) <= most
        assert most * 0.45 < sum(waits) / len(waits) < most * 0.55


def test_what_the_provider_asks_for_is_the_least_and_not_all_come_back_at_once():
    dice = Random(7)
    waits = [retry_wait(8, dice.uniform, retry_after=120) for _ in range(200)]
    assert min(waits) >= 2 * MINUTE
    assert max(waits) <= timedelta(seconds=135)
    assert len(set(waits)) > 190


def test_a_provider_is_left_alone_after_five_failures_in_a_row_and_for_longer_each_time():
    trouble, opened = Trouble(), []
    for _ in range(12):
        trouble = after_failure(trouble, NOW, LIMITS)
        opened.append(trouble.is_open)
    assert opened == [False] * 4 + [True] * 8
    assert trouble.open_since == NOW
    assert trouble.probe_at == NOW + 5 * MINUTE
    fifth = Trouble(failures=4)
    assert after_failure(fifth, NOW, LIMITS).blocks(NOW + timedelta(seconds=29))
    assert not after_failure(fifth, NOW, LIMITS).blocks(NOW + timedelta(seconds=30))


@pytest.mark.parametrize(
    ("answer", "minutes", "absent", "resent", "comes_to"),
    [
        (Answer.ABSENT, 5, None, False, (Step.LOOK_AGAIN, 10)),
        (Answer.ABSENT, 9, 5, False, (Step.LOOK_AGAIN, 10)),
        (Answer.ABSENT, 10, 5, False, (Step.NEVER_LEFT, 10)),
        (Answer.ABSENT, 40, 5, True, (Step.NEVER_LEFT, 40)),
        (Answer.NOT_SAID, 5, None, False, (Step.LOOK_AGAIN, 10)),
        (Answer.NOT_SAID, 28, None, False, (Step.LOOK_AGAIN, 30)),
        (Answer.NOT_SAID, 30, None, False, (Step.RESEND_ONCE, 30)),
        (Answer.NOT_SAID, 30, 25, False, (Step.RESEND_ONCE, 30)),
        (Answer.NOT_SAID, 30, None, True, (Step.GIVE_UP, 30)),
        (Answer.NOT_SAID, 60, None, False, (Step.GIVE_UP, 60)),  # too late to be of use
        (Answer.CANNOT_BE_ASKED, 5, None, False, (Step.RESEND_ONCE, 5)),
        (Answer.CANNOT_BE_ASKED, 5, None, True, (Step.GIVE_UP, 5)),
    ],
)
def test_a_message_in_doubt(answer, minutes, absent, resent, comes_to):
    step, at = comes_to
    absent_at = None if absent is None else NOW + absent * MINUTE
    doubt = Doubt(NOW, NOW + 60 * MINUTE, absent_at, resent)
    assert next_step(doubt, answer, NOW + minutes * MINUTE, LIMITS) == (step, NOW + at * MINUTE)
