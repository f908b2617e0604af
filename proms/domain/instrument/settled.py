"""What is left of a condition once it is known who is asked: the part that her answers decide."""

from collections.abc import Callable

from proms.domain.instrument.condition import (
    All,
    Condition,
    ConditionContext,
    FactAtLeast,
    FactAtMost,
    FactIs,
    Facts,
    Not,
    Some,
    holds,
)

Settled = bool | Condition


def settled(condition: Condition, facts: Facts | None, *, possible: bool = True) -> Settled:
    """What is left of a condition once the facts are filled in; of unknown ones (None) each is as
    it needs to be."""
    match condition:
        case FactIs() | FactAtLeast() | FactAtMost():
            if facts is None:
                return possible
            return holds(condition, ConditionContext(facts=facts))
        case Not(part):
            # What makes the whole possible makes its opposite impossible.
            left = settled(part, facts, possible=not possible)
            if isinstance(left, bool):
                return not left
            return Not(left)
        case All(parts):
            left_of_parts = [settled(part, facts, possible=possible) for part in parts]
            return _combined(All, left_of_parts, idle=True)
        case Some(parts):
            left_of_parts = [settled(part, facts, possible=possible) for part in parts]
            return _combined(Some, left_of_parts, idle=False)
        case _:
            return condition


def _combined(
    join: Callable[[tuple[Condition, ...]], Condition], parts: list[Settled], *, idle: bool
) -> Settled:
    """All or some of the parts; one that is `idle` changes nothing, its opposite decides."""
    if (not idle) in parts:
        return not idle
    left = tuple(part for part in parts if not isinstance(part, bool))
    if not left:
        return idle
    if len(left) == 1:
        return left[0]
    return join(left)
