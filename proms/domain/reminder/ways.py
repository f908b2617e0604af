"""By which of her two ways a message goes to a patient, and when it goes by the other: never by
both."""

from dataclasses import dataclass
from enum import StrEnum

from proms.domain.reminder.decision import DeliveryState, MessageKind
from proms.domain.reminder.limits import PauseReason

CHANNEL_PAUSED = "channel_paused"  # noted of a message that was owed when its way was paused
FALLS_BACK = frozenset({MessageKind.REMINDER, MessageKind.LINK})


class Way(StrEnum):
    FIRST = "first"
    SECOND = "second"


def way_now(
    first: PauseReason | None, second: PauseReason | None, *, has_second: bool
) -> Way | None:
    """The way a message goes now, by what pauses each: the second only where messages do not arrive
    by the first. Where she wrote that she wants none, nothing goes by any way."""
    if PauseReason.STOPPED in (first, second):
        return None
    if first is None:
        return Way.FIRST
    return Way.SECOND if has_second and second is None else None


@dataclass(frozen=True)
class Ending:
    """How a message ended: its state and what is noted of it; whether it was sent again on a guess,
    and whether its provider said at any time that it arrived."""

    kind: str
    state: str
    error: str | None
    resent: bool
    said_delivered: bool


def goes_by_other_way(ended: Ending) -> bool:
    """Whether what it says still has to reach her: only what surely did not arrive is sent by her
    other way, since she gets nothing twice."""
    if ended.kind not in FALLS_BACK or ended.resent or ended.said_delivered:
        return False
    if ended.state == DeliveryState.CANCELLED:
        return ended.error == CHANNEL_PAUSED
    return ended.state in (DeliveryState.DEAD, DeliveryState.UNDELIVERED)
