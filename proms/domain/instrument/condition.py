"""Conditions as data: fixed thresholds on answers and facts, now and in an earlier report, combined
by all, any and not. Nothing else."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeGuard

Value = int | str | tuple[str, ...]  # a tuple: the ticked options of a multiple-choice item
Answers = Mapping[str, Value]  # an item without an entry is missing
Fact = bool | int | str | None
Facts = Mapping[str, Fact]


class Earlier(StrEnum):
    """The reports that a report is compared with."""

    PREVIOUS = "previous"  # the one before it, where that is recent enough
    BASELINE = "baseline"  # the last one before treatment began


@dataclass(frozen=True)
class ConditionContext:
    """What a condition is held against: the answers, the facts, earlier answers, and the rules that
    fired so far."""

    answers: Answers = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    previous: Answers = field(default_factory=dict)
    baseline: Answers = field(default_factory=dict)
    fired: Set[str] = frozenset()

    def earlier(self, report: Earlier) -> Answers:
        """The answers of an earlier report; none where there is no such report."""
        return self.previous if report is Earlier.PREVIOUS else self.baseline


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
class RisesBy:
    """The item's answer is so much higher than in an earlier report."""

    item: str
    by: int
    since: Earlier


@dataclass(frozen=True)
class FactIs:
    """The fact has this value."""

    fact: str
    value: Fact


@dataclass(frozen=True)
class FactAtLeast:
    """The fact, a number, is this or higher."""

    fact: str
    value: int


@dataclass(frozen=True)
class FactAtMost:
    """The fact, a number, is this or lower."""

    fact: str
    value: int


@dataclass(frozen=True)
class Fired:
    """At least one of these rules fired; they stand before the rule that asks."""

    rules: tuple[str, ...]


@dataclass(frozen=True)
class Was:
    """The part held of the answers of an earlier report."""

    report: Earlier
    part: "Condition"


@dataclass(frozen=True)
class All:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Some:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Not:
    part: "Condition"


OfItem = Is | AtLeast | TickedAny | Missing
OfFact = FactIs | FactAtLeast | FactAtMost
Condition = OfItem | OfFact | RisesBy | Fired | Was | All | Some | Not


def holds(condition: Condition, context: ConditionContext) -> bool:
    """Whether the condition is met; a missing answer makes a comparison false, never true, and so
    does an unknown fact or a report that is not there."""
    match condition:
        case All(parts):
            return all(holds(part, context) for part in parts)
        case Some(parts):
            return any(holds(part, context) for part in parts)
        case Not(part):
            return not holds(part, context)
        case FactIs() | FactAtLeast() | FactAtMost():
            return _holds_of_fact(condition, context.facts)
        case RisesBy(item, by, since):
            return _rises(context.answers.get(item), context.earlier(since).get(item), by)
        case Was(report, part):
            return holds(part, replace(context, answers=context.earlier(report)))
        case Fired(rules):
            return not context.fired.isdisjoint(rules)
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
        case Was(report, part):
            return {report.value: as_content(part)}
        case Fired(rules):
            return {"fired": list(rules)}
        case FactIs() | FactAtLeast() | FactAtMost():
            return _fact_as_content(condition)
        case _:
            return _item_as_content(condition)


def facts_in(condition: Condition) -> Iterator[str]:
    """Every fact a condition looks at."""
    match condition:
        case FactIs(fact) | FactAtLeast(fact) | FactAtMost(fact):
            yield fact
        case All(parts) | Some(parts):
            for part in parts:
                yield from facts_in(part)
        case Not(part) | Was(_, part):
            yield from facts_in(part)
        case _:
            return


def items_in(condition: Condition) -> Iterator[str]:
    """Every item a condition looks at, in the order it names them."""
    match condition:
        case Is(item) | AtLeast(item) | TickedAny(item) | Missing(item) | RisesBy(item):
            yield item
        case All(parts) | Some(parts):
            for part in parts:
                yield from items_in(part)
        case Not(part) | Was(_, part):
            yield from items_in(part)
        case _:
            return


def reports_in(condition: Condition) -> Iterator[Earlier]:
    """Every earlier report a condition looks at."""
    match condition:
        case RisesBy(_, _, since):
            yield since
        case Was(report, _):
            yield report
        case All(parts) | Some(parts):
            for part in parts:
                yield from reports_in(part)
        case Not(part):
            yield from reports_in(part)
        case _:
            return


def _rises(now: Value | None, before: Value | None, by: int) -> bool:
    return isinstance(now, int) and isinstance(before, int) and now - before >= by


def _holds_of_fact(condition: OfFact, facts: Facts) -> bool:
    known = facts.get(condition.fact)
    match condition:
        case FactIs(_, value):
            return known == value
        case FactAtLeast(_, value):
            return _number(known) and known >= value
        case FactAtMost(_, value):
            return _number(known) and known <= value


def _number(known: Fact) -> TypeGuard[int]:
    """Whether the fact is a number; yes and no are none, though Python counts them as 1 and 0."""
    return isinstance(known, int) and not isinstance(known, bool)


def _fact_as_content(condition: OfFact) -> dict[str, Any]:
    match condition:
        case FactIs(fact, value):
            return {"fact": fact, "is": value}
        case FactAtLeast(fact, least):
            return {"fact": fact, "at_least": least}
        case FactAtMost(fact, most):
            return {"fact": fact, "at_most": most}


def _item_as_content(condition: OfItem | RisesBy) -> dict[str, Any]:
    match condition:
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
        case RisesBy(item, by, since):
            return {"item": item, "rises": by, "since": since.value}


def _holds_of_item(condition: OfItem, answers: Answers) -> bool:
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
