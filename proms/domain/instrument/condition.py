"""Conditions as data: fixed thresholds on answers and facts, combined by all, any and not. Nothing
else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Value = int | str | tuple[str, ...]  # a tuple: the ticked options of a multiple-choice item
Answers = Mapping[str, Value]  # an item without an entry is missing
Fact = bool | int | str | None
Facts = Mapping[str, Fact]


@dataclass(frozen=True)
class ConditionContext:
    """What a condition is held against: the answers, the facts, and earlier answers."""

    answers: Answers = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    previous: Answers = field(default_factory=dict)
    baseline: Answers = field(default_factory=dict)


@dataclass(frozen=True)
class Is:
    """The item's answer is one of these values."""

    item: str
    values: tuple[int | str, ...]


@dataclass(frozen=True)
class AtLeast:
    """The item's answer is this value or higher."""

    item: str
    value: int


@dataclass(frozen=True)
class TickedAny:
    """At least one of these options of a multiple-choice item is ticked."""

    item: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Missing:
    """The item has no answer."""

    item: str


@dataclass(frozen=True)
class FactIs:
    """The fact has this value."""

    fact: str
    value: Fact


@dataclass(frozen=True)
class All:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Some:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Not:
    part: "Condition"


Condition = Is | AtLeast | TickedAny | Missing | FactIs | All | Some | Not


def holds(condition: Condition, context: ConditionContext) -> bool:
    """Whether the condition is met; a missing answer makes a comparison false, never true."""
    match condition:
        case All(parts):
            return all(holds(part, context) for part in parts)
        case Some(parts):
            return any(holds(part, context) for part in parts)
        case Not(part):
            return not holds(part, context)
        case FactIs(fact, value):
            return context.facts.get(fact) == value
        case _:
            return _holds_of_item(condition, context.answers)


def as_content(condition: Condition) -> dict[str, Any]:
    """The condition as its content file writes it, for a device that decides by itself what to
    ask."""
    match condition:
        case All(parts):
            return {"all": [as_content(part) for part in parts]}
        case Some(parts):
            return {"any": [as_content(part) for part in parts]}
        case Not(part):
            return {"not": as_content(part)}
        case FactIs(fact, value):
            return {"fact": fact, "is": value}
        case Is(item, (value,)):
            return {"item": item, "is": value}
        case Is(item, values):
            return {"item": item, "is": list(values)}
        case AtLeast(item, least):
            return {"item": item, "at_least": least}
        case TickedAny(item, options):
            return {"item": item, "ticked": list(options)}
        case Missing(item):
            return {"item": item, "missing": True}


def facts_in(condition: Condition) -> Iterator[str]:
    """Every fact a condition looks at."""
    match condition:
        case FactIs(fact):
            yield fact
        case All(parts) | Some(parts):
            for part in parts:
                yield from facts_in(part)
        case Not(part):
            yield from facts_in(part)
        case _:
            return


def items_in(condition: Condition) -> Iterator[str]:
    """Every item a condition looks at, in the order it names them."""
    match condition:
        case Is(item) | AtLeast(item) | TickedAny(item) | Missing(item):
            yield item
        case All(parts) | Some(parts):
            for part in parts:
                yield from items_in(part)
        case Not(part):
            yield from items_in(part)
        case FactIs():
            return


def _holds_of_item(condition: Is | AtLeast | TickedAny | Missing, answers: Answers) -> bool:
    match condition:
        case Is(item, values):
            return answers.get(item) in values
        case AtLeast(item, value):
            answer = answers.get(item)
            return isinstance(answer, int) and answer >= value
        case TickedAny(item, options):
            ticked = answers.get(item)
            return isinstance(ticked, tuple) and any(option in ticked for option in options)
        case Missing(item):
            return item not in answers
