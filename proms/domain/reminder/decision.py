"""Whether a message about an open pack is sent or held, and why: decided as a value, stored either
way."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from proms.domain.protocol import MessagePlan


class MessageKind(StrEnum):
    REMINDER = "reminder"
    LINK = "link"
    STAFF_NOTICE = "staff_notice"


class Verdict(StrEnum):
    SEND = "send"
    HOLD = "hold"


class HoldReason(StrEnum):
    """Why a message that was due did not go out."""

    PAUSED = "paused"
    NO_CONTACT = "no_contact"
    WINDOW_CLOSED = "window_closed"
    NOT_ACTIVE = "not_active"
    DAY_CAP = "day_cap"


class DeliveryState(StrEnum):
    """Where one message to one address stands (states of the outbox)."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    UNKNOWN = "unknown"
    DEAD = "dead"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OWED = frozenset({DeliveryState.DUE, DeliveryState.SENDING, DeliveryState.UNKNOWN})


@dataclass(frozen=True)
class MessageContext:
    """What a decision looks at: the patient and the pack as they are at the moment the message
    falls due."""

    active: bool
    paused_until: date | None
    reachable: bool
    closes_at: datetime
    sent_that_day: int


@dataclass(frozen=True)
class Decision:
    verdict: Verdict
    reason: HoldReason | None = None


def message_at(plan: MessagePlan, opens: date, step: int, zone: ZoneInfo) -> datetime | None:
    """The instant (UTC) of a pack's message number `step`, counted from 1; None after the last."""
    if not 1 <= step <= len(plan.days):
        return None
    day = opens + timedelta(days=plan.days[step - 1])
    return datetime.combine(day, plan.at, zone).astimezone(UTC)


def next_message(
    plan: MessagePlan, opens: date, done: Collection[int], now: datetime, zone: ZoneInfo
) -> tuple[int, datetime] | None:
    """The first step not yet decided, with its instant; of several overdue steps only the last is
    kept."""
    steps = [
        (step, at)
        for step in range(1, len(plan.days) + 1)
        if (at := message_at(plan, opens, step, zone))
    ]
    todo = [(step, at) for step, at in steps if step > max(done, default=0)]
    overdue = [each for each in todo if each[1] <= now]
    return overdue[-1] if overdue else next(iter(todo), None)


def decide(plan: MessagePlan, standing: MessageContext, now: datetime, zone: ZoneInfo) -> Decision:
    """Send, or hold with the first reason that applies."""
    local = now.astimezone(zone)
    paused = standing.paused_until is not None and local.date() <= standing.paused_until
    reasons = (
        (not standing.active, HoldReason.NOT_ACTIVE),
        (now >= standing.closes_at, HoldReason.WINDOW_CLOSED),
        (paused, HoldReason.PAUSED),
        (not standing.reachable, HoldReason.NO_CONTACT),
        (standing.sent_that_day >= plan.day_cap, HoldReason.DAY_CAP),
    )
    held = next((reason for applies, reason in reasons if applies), None)
    return Decision(Verdict.HOLD, held) if held else Decision(Verdict.SEND)


def within_hours(plan: MessagePlan, moment: datetime, zone: ZoneInfo) -> datetime:
    """The first instant (UTC), not before `moment`, at which a patient may be sent a message."""
    local = moment.astimezone(zone)
    if plan.earliest <= local.time() < plan.latest:
        return moment
    day = local.date() + timedelta(days=1 if local.time() >= plan.latest else 0)
    return datetime.combine(day, plan.earliest, zone).astimezone(UTC)


def may_leave(
    plan: MessagePlan, kind: MessageKind, asked_at: datetime, now: datetime, zone: ZoneInfo
) -> datetime:
    """The first instant (UTC), not before `now`, at which a message to a patient may leave: within
    the plan's hours.

    A link that a person asked for outside those hours may leave at once: she is on the telephone
    with the patient.
    """
    asked_at_night = kind is MessageKind.LINK and within_hours(plan, asked_at, zone) > asked_at
    return now if asked_at_night else within_hours(plan, now, zone)
