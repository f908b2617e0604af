"""The arms are pooled before the data lock: an event that only some arms are ever asked tells the
arm, and its rows are held back."""

from proms.domain.protocol import Anchor, AnchorKind, Event, Protocol

# Both arms are checked weekly while they are treated: these rows are pooled by study week, whatever
# drug they follow.
TREATMENT_CLOCK = frozenset({AnchorKind.CYCLE, AnchorKind.DELAY, AnchorKind.GAP})


def tells_arm(protocol: Protocol, event: Event) -> bool:
    """Whether a response to this event shows the arm, because only some arms are ever asked it."""
    if all(anchor.kind in TREATMENT_CLOCK for anchor in event.anchors):
        return False
    every = frozenset(protocol.arms)
    with_anchor = frozenset[str]().union(
        *(_arms_with(protocol, anchor, every) for anchor in event.anchors)
    )
    asked = with_anchor if event.arms is None else with_anchor & event.arms
    return not every <= asked


def _arms_with(protocol: Protocol, anchor: Anchor, every: frozenset[str]) -> frozenset[str]:
    """The arms in which this kind of day can come."""
    if anchor.kind is AnchorKind.MILESTONE:
        arms = protocol.milestones[anchor.name].arms
        return every if arms is None else arms
    if anchor.kind is AnchorKind.LAST_DOSE:
        arms_of_regimens = [
            regimen.arms
            for regimen in protocol.regimens.values()
            if regimen.component == anchor.name
        ]
        return frozenset[str]().union(*arms_of_regimens)
    return every
