"""Whether a message about an open pack is sent or held, and why: decided as a value, stored either
way."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from proms.domain.protocol import MessagePlan


class MessageKind(StrEnum):
    REMINDER = "reminder"
    LINK = "link"
    CONFIRMATION = "confirmation"  # a test message with a code
    STAFF_NOTICE = "staff_notice"
    DIGEST = "digest"


class Verdict(StrEnum):
    SEND = "send"
    HOLD = "hold"


class HoldReason(StrEnum):
    """Why a message that was due did not go out."""

    NOT_ACTIVE = "not_active"
    WINDOW_CLOSED = "window_closed"
    PAUSED = "paused"
    NO_CONTACT = "no_contact"
    UNCONFIRMED = "unconfirmed"  # the protocol holds what nobody confirmed
    CHANNEL_PAUSED = "channel_paused"  # messages do not arrive there, or she wants none
    COUNTRY = "country"  # texts do not go to that of her number
    QUIET_HOURS = "quiet_hours"
    SITE_CAP = "site_cap"  # her site's patients are sent no more texts that day
    DAY_CAP = "day_cap"
    ANSWERED = "answered"  # nothing of the pack is left to answer
    SUPERSEDED = "superseded"  # a later message stands for it


# They follow from what was answered or sent, and say nothing about reaching her.
AUTOMATIC = frozenset({HoldReason.ANSWERED, HoldReason.SUPERSEDED})


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
    """What a decision looks at: the patient, and the packs it would be about, as they are at the
    moment it falls due.

    `unreachable` is why no message can reach her, if so. `reminded` says that a message about a
    pack leaves that day already, `sent_that_day` how many leave of all kinds; `site_full` that the
    patients of her site are sent no more texts that day.
    """

    active: bool
    paused: bool
    unreachable: HoldReason | None
    closes_at: datetime
    reminded: bool
    sent_that_day: int
    site_full: bool = False


@dataclass(frozen=True)
class Decision:
    verdict: Verdict
    reason: HoldReason | None = None


def decide(plan: MessagePlan, context: MessageContext, now: datetime, zone: ZoneInfo) -> Decision:
    """Send one message about all packs that are due, or hold it with the first reason that
    applies."""
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
    with the patient. So may a test message at any hour: the patient is beside her.
    """
    if kind is MessageKind.CONFIRMATION:
        return now
    if kind is MessageKind.LINK and within_hours(plan, asked_at, zone) > asked_at:
        return now
    return within_hours(plan, now, zone)


def _hold_reason(
    plan: MessagePlan, context: MessageContext, now: datetime, zone: ZoneInfo
) -> HoldReason | None:
    if not context.active:
        return HoldReason.NOT_ACTIVE
    if now >= context.closes_at:
        return HoldReason.WINDOW_CLOSED
    if context.paused:
        return HoldReason.PAUSED
    if context.unreachable:
        return context.unreachable
    if within_hours(plan, now, zone) > now:
        return HoldReason.QUIET_HOURS
    if context.site_full:
        return HoldReason.SITE_CAP
    if context.reminded or context.sent_that_day >= plan.day_cap:
        return HoldReason.DAY_CAP
    return None
