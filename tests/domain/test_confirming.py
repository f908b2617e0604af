"""How long a number counts as a patient's, and what a protocol holds that wants it confirmed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from proms.domain.person import ContactKind
from proms.domain.protocol import ConfirmAgain
from proms.domain.reminder.confirming import is_held, is_overdue, lapses_at
from tests.domain.test_turns import PLAN as NEVER

SHOWN = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)
AGAIN = replace(NEVER, confirm_again=ConfirmAgain(after=100 * DAY, within=10 * DAY))


@pytest.mark.parametrize(
    ("plan", "kind", "shown_at", "lapses"),
    [
        (AGAIN, ContactKind.SMS, SHOWN, SHOWN + 100 * DAY),
        (AGAIN, ContactKind.EMAIL, SHOWN, None),
        (AGAIN, ContactKind.SMS, None, None),
        (NEVER, ContactKind.SMS, SHOWN, None),
    ],
)
def test_a_number_lapses_and_an_address_does_not(plan, kind, shown_at, lapses):
    assert lapses_at(plan, kind, shown_at) == lapses
    if lapses:
        late = lapses + 10 * DAY
        assert is_overdue(plan, kind, shown_at, late)
        assert not is_overdue(plan, kind, shown_at, late - timedelta(seconds=1))
    else:
        assert not is_overdue(plan, kind, shown_at, SHOWN + 3650 * DAY)


@pytest.mark.parametrize(
    ("holds", "shown_at", "after", "held"),
    [
        (False, None, 0, False),
        (False, SHOWN, 365, False),
        (True, None, 0, True),
        (True, SHOWN, 99, False),
        (True, SHOWN, 109, False),
        (True, SHOWN, 110, True),
    ],
)
def test_only_a_protocol_that_holds_holds_and_only_after_the_time_there_is_to_confirm(
    holds, shown_at, after, held
):
    plan = replace(AGAIN, hold_unconfirmed=holds)
    assert is_held(plan, ContactKind.SMS, shown_at, SHOWN + after * DAY) is held
    assert is_held(plan, ContactKind.EMAIL, SHOWN, SHOWN + 3650 * DAY) is False
