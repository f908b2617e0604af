"""When a pack's next message is decided, and what it would say: from what was decided of the pack
so far."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from proms.domain.protocol import MessagePlan
from proms.domain.reminder.decision import HoldReason


class Fate(StrEnum):
    """What became of a message that was decided."""

    LEFT = "left"  # or is about to
    HELD = "held"
    LOST = "lost"  # it was to leave and reached nobody
    TAKEN_BACK = "taken_back"  # by the computer, which makes up for it
    WITHHELD = "withheld"  # by a person, who meant it


class Purpose(StrEnum):
    """What a message has to say of one pack."""

    ANNOUNCE = "announce"
    MOVED = "moved"  # it was announced for other days
    REMIND = "remind"


class Turn(NamedTuple):
    """One decision about a pack: the step of the plan, the day the pack opened on by then, what
    became of it, and whether the patient's address was put right since."""

    step: int
    opens: date
    decided_at: datetime
    fate: Fate
    reason: HoldReason | None = None
    mended: bool = False


class Pause(NamedTuple):
    """The days, first and last, for which a patient asked to be left alone."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether nothing is sent to her on this day."""
        return self.first <= day <= self.last


class NextTurn(NamedTuple):
    """The step that is decided next, and when (UTC)."""

    step: int
    at: datetime


@dataclass(frozen=True)
class Standing:
    """What a next turn depends on beside the pack: the plan and the patient's pause."""

    plan: MessagePlan
    zone: ZoneInfo
    now: datetime
    pause: Pause | None = None

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def paused(self) -> bool:
        return self.pause is not None and self.pause.holds(self.today)

    def morning_of(self, day: date) -> datetime:
        """The hour of messages (UTC) on a day at the site."""
        return datetime.combine(day, self.plan.at, self.zone).astimezone(UTC)

    def morning_from(self, moment: datetime) -> datetime:
        """The moment itself by day; before the hour of messages that hour, so that all of a morning
        is one message, and at night the next morning's."""
        local = moment.astimezone(self.zone)
        if self.plan.at <= local.time() < self.plan.latest:
            return moment
        later = local.time() >= self.plan.latest
        return self.morning_of(local.date() + timedelta(days=later))


def next_turn(
    opens: date, closes: date, turns: Sequence[Turn], standing: Standing
) -> NextTurn | None:
    """The next decision about a pack with this window, if one is to come.

    A step is done when its message left. Of several steps whose day has gone by only the last is
    made up for: at once, or when what held it ends. Nothing is decided after the window.
    """
    steps = _steps_to_come(opens, turns, standing)
    overdue = _last_due(steps, standing)
    coming = next((turn for turn in steps if turn.at > standing.now), None)
    if overdue:
        resumes = _resumes_at(turns, standing)
        made_up = NextTurn(overdue.step, max(overdue.at, resumes)) if resumes else None
        coming = min(filter(None, (coming, made_up)), key=_earliest, default=None)
    return coming if coming and _day(coming, standing) <= closes else None


def step_due(opens: date, turns: Sequence[Turn], standing: Standing) -> int | None:
    """The last step not done whose day and hour have come: after a time without a worker a later
    one than the next."""
    due = _last_due(_steps_to_come(opens, turns, standing), standing)
    return due.step if due else None


def steps_to_come(
    opens: date, closes: date, turns: Sequence[Turn], standing: Standing
) -> list[int]:
    """The steps of a pack's plan that are not done, as far as its window reaches."""
    steps = _steps_to_come(opens, turns, standing)
    return [turn.step for turn in steps if _day(turn, standing) <= closes]


def steps_passed_over(
    opens: date, step: int, turns: Sequence[Turn], standing: Standing
) -> list[int]:
    """The steps whose day went by without a decision of their own, when a later one is decided."""
    decided = {turn.step for turn in turns if turn.opens == opens}
    return [
        turn.step
        for turn in _steps_to_come(opens, turns, standing)
        if turn.step < step and turn.at <= standing.now and turn.step not in decided
    ]


def purpose_of(opens: date, turns: Sequence[Turn], again_after: int) -> Purpose:
    """What a message about a pack that opens on this day has to say; it is announced again where it
    opens more than `again_after` days from where it was."""
    if not _left(turns):
        return Purpose.ANNOUNCE
    if not _left(_since_announced(opens, turns, again_after)):
        return Purpose.MOVED
    return Purpose.REMIND


def _steps_to_come(opens: date, turns: Sequence[Turn], standing: Standing) -> list[NextTurn]:
    """The steps not yet done of the plan for this window, each with its hour."""
    plan = standing.plan
    since = _since_announced(opens, turns, plan.announce_again)
    done = max((turn.step for turn in since if _done(turn)), default=0)
    return [
        NextTurn(step, standing.morning_of(opens + timedelta(days=days)))
        for step, days in enumerate(plan.days, start=1)
        if step > done
    ]


def _last_due(steps: Sequence[NextTurn], standing: Standing) -> NextTurn | None:
    return next((turn for turn in reversed(steps) if turn.at <= standing.now), None)


def _done(turn: Turn) -> bool:
    """What reached nobody was tried all the same: only another address makes another try
    worthwhile."""
    if turn.fate is Fate.LOST:
        return not turn.mended
    return turn.fate in (Fate.LEFT, Fate.WITHHELD)


def _resumes_at(turns: Sequence[Turn], standing: Standing) -> datetime | None:
    """When what held the last message ends; None where nobody knows."""
    at_once = standing.morning_from(standing.now)
    if standing.pause and standing.paused:
        at_once = standing.morning_of(standing.pause.last + timedelta(days=1))
    last = turns[-1] if turns else None
    if last is None or last.fate is not Fate.HELD:
        return at_once
    match last.reason:
        case HoldReason.NOT_ACTIVE:
            return None
        case HoldReason.DAY_CAP | HoldReason.SITE_CAP:
            day_after = last.decided_at.astimezone(standing.zone).date() + timedelta(days=1)
            return max(at_once, standing.morning_of(day_after))
        case HoldReason.PAUSED | HoldReason.QUIET_HOURS | HoldReason.WINDOW_CLOSED:
            return at_once
        case HoldReason.ANSWERED | HoldReason.SUPERSEDED:
            return at_once
        case _:  # for want of an address that is known, works and is confirmed
            return at_once if last.mended else None


def _since_announced(opens: date, turns: Sequence[Turn], again_after: int) -> list[Turn]:
    """The turns since the pack was announced for about the day it opens on now; none where that was
    another."""
    since: list[Turn] = []
    announced: date | None = None
    for turn in turns:
        if announced is None or _days_between(turn.opens, announced) > again_after:
            since, announced = [], turn.opens
        if turn.fate is Fate.LEFT and not _left(since):
            announced = turn.opens
        since.append(turn)
    if announced is None or _days_between(opens, announced) > again_after:
        return []
    return since


def _left(turns: Iterable[Turn]) -> bool:
    return any(turn.fate is Fate.LEFT for turn in turns)


def _days_between(one: date, other: date) -> int:
    return abs((one - other).days)


def _day(turn: NextTurn, standing: Standing) -> date:
    return turn.at.astimezone(standing.zone).date()


def _earliest(turn: NextTurn) -> tuple[datetime, int]:
    """Of two at one moment the later step, which says all that the earlier one would."""
    return turn.at, -turn.step
