"""Whether a message about an open pack is sent or held, and why: decided as a value, stored either
way."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from proms.domain.protocol import MessagePlan


class MessageKind(StrEnum):
    REMINDER = "reminder"
    LINK = "link"
    STAFF_NOTICE = "staff_notice"
    DIGEST = "digest"


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


def next_message(
    plan: MessagePlan, opens: date, done: Collection[int], now: datetime, zone: ZoneInfo
) -> tuple[int, datetime] | None:
    """The first step not yet decided, with its instant; of several overdue steps only the last is
    kept."""
    overdue: tuple[int, datetime] | None = None
    for step in range(max(done, default=0) + 1, len(plan.days) + 1):
        at = _instant(plan, opens, step, zone)
        if at > now:
            return overdue or (step, at)
        overdue = (step, at)
    return overdue


def message_after(
    plan: MessagePlan,
    opens: date,
    now: datetime,
    zone: ZoneInfo,
    *,
    done: Mapping[int, bool],
    paused_until: date | None,
) -> tuple[int, datetime] | None:
    """The next step with its instant; `done` says of each step decided whether it did not go out
    though it should.

    What a pause held, its end gives back: where the last step did not go out, one more is due when
    messages may leave again, which is the next one brought forward, or one beyond the plan.
    """
    upcoming = next_message(plan, opens, done, now, zone)
    if not done or not done[max(done)]:
        return upcoming
    resumes = within_hours(plan, now, zone)
    if paused_until is not None and paused_until >= now.astimezone(zone).date():
        day_after = paused_until + timedelta(days=1)
        resumes = datetime.combine(day_after, plan.at, zone).astimezone(UTC)
    if upcoming and upcoming[1] <= resumes:
        return upcoming
    return max(done) + 1, resumes


def decide(plan: MessagePlan, context: MessageContext, now: datetime, zone: ZoneInfo) -> Decision:
    """Send, or hold with the first reason that applies."""
    reason = _hold_reason(plan, context, now, zone)
    if reason:
        return Decision(Verdict.HOLD, reason)
    return Decision(Verdict.SEND)


def within_hours(plan: MessagePlan, moment: datetime, zone: ZoneInfo) -> datetime:
    """The first instant (UTC), not before `moment`, at which a patient may be sent a message."""
    local = moment.astimezone(zone)
    if plan.earliest <= local.time() < plan.latest:
        return moment
    day = local.date()
    if local.time() >= plan.latest:
        day += timedelta(days=1)
    return datetime.combine(day, plan.earliest, zone).astimezone(UTC)


def may_leave(
    plan: MessagePlan, kind: MessageKind, asked_at: datetime, now: datetime, zone: ZoneInfo
) -> datetime:
    """The first instant (UTC), not before `now`, at which a message to a patient may leave: within
    the plan's hours.

    A link that a person asked for outside those hours may leave at once: she is on the telephone
    with the patient.
    """
    if kind is MessageKind.LINK and within_hours(plan, asked_at, zone) > asked_at:
        return now
    return within_hours(plan, now, zone)


def _instant(plan: MessagePlan, opens: date, step: int, zone: ZoneInfo) -> datetime:
    """When (UTC) message number `step` of a pack, counted from 1, is due."""
    day = opens + timedelta(days=plan.days[step - 1])
    return datetime.combine(day, plan.at, zone).astimezone(UTC)


def _hold_reason(
    plan: MessagePlan, context: MessageContext, now: datetime, zone: ZoneInfo
) -> HoldReason | None:
    today = now.astimezone(zone).date()
    if not context.active:
        return HoldReason.NOT_ACTIVE
    if now >= context.closes_at:
        return HoldReason.WINDOW_CLOSED
    if context.paused_until is not None and today <= context.paused_until:
        return HoldReason.PAUSED
    if not context.reachable:
        return HoldReason.NO_CONTACT
    if context.sent_that_day >= plan.day_cap:
        return HoldReason.DAY_CAP
    return None
