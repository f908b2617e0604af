"""When an item is asked, as FHIR's enableWhen can say it: a flat list of tests, of which all or any
must hold."""

from collections.abc import Mapping
from typing import NamedTuple

from proms.domain.instrument import (
    All,
    Answers,
    AtLeast,
    Condition,
    ConditionContext,
    FactIs,
    Is,
    Item,
    ItemKind,
    Missing,
    Not,
    Some,
    TickedAny,
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
    comparisons: tuple[Test, ...]


def enable_when(condition: Condition, items: Mapping[str, Item]) -> Tests | bool | None:
    """The condition as flat tests; True or False where the answers decide nothing; None where it
    cannot be said so."""
    looked_at = set(items_in(condition))
    if len(looked_at) == 1:
        item = items[looked_at.pop()]
        if item.kind is ItemKind.SINGLE:
            return _tests_of_choice(condition, item)
        return _tests_of_comparison(condition)
    match condition:
        case Some(parts):
            return _joined("any", [enable_when(part, items) for part in parts])
        case All(parts):
            return _joined("all", [enable_when(part, items) for part in parts])
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
        case FactIs(fact, bool() as value):
            return f"{fact} is {str(value).lower()}"
        case FactIs(fact, value):
            return f"{fact} is {value}"
        case _:
            raise TypeError(f"not a comparison: {condition!r}")


def _tests_of_choice(condition: Condition, item: Item) -> Tests | bool:
    """Every way to answer one item is tried: its options, and leaving it open."""
    met = [value for value in item.options if _holds(condition, {item.code: value})]
    met_when_open = _holds(condition, {})
    if len(met) == len(item.options):
        if met_when_open:
            return True
        return Tests("all", (Test(item.code, "exists", True),))
    tests = [Test(item.code, "=", value) for value in met]
    if met_when_open:
        tests.append(Test(item.code, "exists", False))
    if not tests:
        return False
    return Tests("any", tuple(tests))


def _holds(condition: Condition, answers: Answers) -> bool:
    return holds(condition, ConditionContext(answers=answers))


def _tests_of_comparison(condition: Condition) -> Tests | None:
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


def _joined(behaviour: str, parts: list[Tests | bool | None]) -> Tests | bool | None:
    """The tests of all parts in one list; None where a part cannot stand in it."""
    tests: list[Test] = []
    # Of `any` a part that is true decides, of `all` one that is false; the opposite adds nothing.
    decisive = behaviour == "any"
    for part in parts:
        if part is decisive:
            return decisive
        if part is None:
            return None
        if isinstance(part, Tests):
            # One test alone means the same under either behaviour.
            if part.behaviour != behaviour and len(part.comparisons) > 1:
                return None
            tests += part.comparisons
    if not tests:
        return not decisive
    return Tests(behaviour, tuple(tests))


def _bracketed(part: Condition) -> str:
    if isinstance(part, All | Some):
        return f"({in_words(part)})"
    return in_words(part)
