"""What a provider reports of a message that it took: only ever forward, in whatever order it
comes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from proms.domain.reminder.decision import DeliveryState


class Said(StrEnum):
    """A provider's words, the later one outweighing the earlier; that it arrived is outweighed by
    that it did not, so that nothing hides a failure."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"

    @property
    def rank(self) -> int:
        return list(type(self)).index(self)

    @property
    def state(self) -> DeliveryState:
        return _STATES.get(self, DeliveryState.SENT)


_STATES = {
    Said.DELIVERED: DeliveryState.DELIVERED,
    Said.UNDELIVERED: DeliveryState.UNDELIVERED,
    Said.FAILED: DeliveryState.UNDELIVERED,
}
# Of a message that was sent twice: one that arrived is enough, and one under way may arrive.
_BEST_FIRST = (DeliveryState.DELIVERED, DeliveryState.SENT, DeliveryState.UNDELIVERED)


@dataclass(frozen=True)
class Report:
    """One report: the provider's name for the message, what it says of it, and its error code."""

    sid: str
    said: Said
    error: str | None = None


@dataclass(frozen=True)
class Fate:
    """Where a message stands by all that was reported of it."""

    state: DeliveryState
    sid: str
    error: str | None


def fate(reports: Iterable[Report]) -> Fate | None:
    """What the reports come to, whatever their order and number; None where there are none."""
    by_sid: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        by_sid[report.sid].append(report)
    last = [max(own, key=lambda report: report.said.rank) for own in by_sid.values()]
    best = min(
        last, key=lambda report: (_BEST_FIRST.index(report.said.state), report.sid), default=None
    )
    if best is None:
        return None
    failed = best.said.state is DeliveryState.UNDELIVERED
    return Fate(best.said.state, best.sid, (best.error or best.said.value) if failed else None)
