"""When an item is asked, as FHIR's enableWhen can say it: a flat list of tests, of which all or any
must hold."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from proms.domain.instrument import (
    All,
    Answers,
    AtLeast,
    Condition,
    FactIs,
    Facts,
    Is,
    Item,
    ItemKind,
    Known,
    Missing,
    Not,
    Some,
    TickedAny,
    Value,
    holds,
    items_in,
)


class Test(NamedTuple):
    """A comparison with the answer to an earlier item; `exists` with true or false."""

    item: str
    operator: str
    value: int | str | bool


class Tests(NamedTuple):
    """Tests of which `all` or `any` must hold."""

    behaviour: str
    each: tuple[Test, ...]


Settled = bool | Condition


def settled(condition: Condition, facts: Facts | None, *, possible: bool = True) -> Settled:
    """What is left of a condition once the facts are filled in; of unknown ones (None) each is as
    it needs to be."""
    match condition:
        case FactIs(fact, value):
            return possible if facts is None else facts.get(fact) == value
        case Not(part):
            left = settled(part, facts, possible=not possible)
            return not left if isinstance(left, bool) else Not(left)
        case All(parts):
            return _joined(
                All, [settled(part, facts, possible=possible) for part in parts], idle=True
            )
        case Some(parts):
            return _joined(
                Some, [settled(part, facts, possible=possible) for part in parts], idle=False
            )
        case _:
            return condition


def enable_when(condition: Condition, items: Mapping[str, Item]) -> Tests | bool | None:
    """The condition as flat tests; True or False where the answers decide nothing; None where it
    cannot be said so."""
    looked_at = set(items_in(condition))
    if len(looked_at) == 1:
        item = items[looked_at.pop()]
        return _of_choice(condition, item) if item.kind is ItemKind.SINGLE else _of_other(condition)
    match condition:
        case Some(parts):
            return _flat("any", [enable_when(part, items) for part in parts])
        case All(parts):
            return _flat("all", [enable_when(part, items) for part in parts])
        case _:
            return None


def in_words(condition: Condition) -> str:
    """The condition for a reader."""
    match condition:
        case All(parts):
            return " and ".join(_bracketed(part) for part in parts)
        case Some(parts):
            return " or ".join(_bracketed(part) for part in parts)
        case Not(part):
            return f"not ({in_words(part)})"
        case _:
            return _comparison(condition)


def _comparison(condition: Condition) -> str:
    match condition:
        case Is(item, values):
            return f"{item} is {' or '.join(map(str, values))}"
        case AtLeast(item, value):
            return f"{item} is {value} or more"
        case TickedAny(item, options):
            return f"{item} has {' or '.join(options)} ticked"
        case Missing(item):
            return f"{item} has no answer"
        case FactIs(fact, value):
            return f"{fact} is {str(value).lower() if isinstance(value, bool) else value}"
        case _:
            raise TypeError(f"not a comparison: {condition!r}")


def _joined(
    join: Callable[[tuple[Condition, ...]], Condition], parts: list[Settled], *, idle: bool
) -> Settled:
    """All or some of the parts; one that is `idle` changes nothing, its opposite decides."""
    if any(part is (not idle) for part in parts):
        return not idle
    left = tuple(part for part in parts if not isinstance(part, bool))
    if not left:
        return idle
    return left[0] if len(left) == 1 else join(left)


def _of_choice(condition: Condition, item: Item) -> Tests | bool:
    """Every way to answer one item is tried: its options, and leaving it open."""
    met = [value for value in item.options if _holds(condition, {item.code: value})]
    open_too = _holds(condition, {})
    if len(met) == len(item.options):
        return True if open_too else Tests("all", (Test(item.code, "exists", True),))
    tests = [Test(item.code, "=", value) for value in met]
    tests += [Test(item.code, "exists", False)] if open_too else []
    return Tests("any", tuple(tests)) if tests else False


def _holds(condition: Condition, answers: dict[str, Value]) -> bool:
    given: Answers = answers
    return holds(condition, Known(answers=given))


def _of_other(condition: Condition) -> Tests | None:
    """One comparison with a number or a multiple choice."""
    match condition:
        case Is(item, values):
            return Tests("any", tuple(Test(item, "=", value) for value in values))
        case AtLeast(item, value):
            return Tests("all", (Test(item, ">=", value),))
        case TickedAny(item, options):
            return Tests("any", tuple(Test(item, "=", option) for option in options))
        case Missing(item):
            return Tests("all", (Test(item, "exists", False),))
        case Not(Missing(item)):
            return Tests("all", (Test(item, "exists", True),))
        case _:
            return None


def _flat(behaviour: str, parts: list[Tests | bool | None]) -> Tests | bool | None:
    tests: list[Test] = []
    decided = behaviour == "any"
    for part in parts:
        if part is decided:
            return decided
        if part is None:
            return None
        if isinstance(part, Tests):
            if part.behaviour != behaviour and len(part.each) > 1:
                return None
            tests += part.each
    return Tests(behaviour, tuple(tests)) if tests else not decided


def _bracketed(part: Condition) -> str:
    return f"({in_words(part)})" if isinstance(part, All | Some) else in_words(part)
