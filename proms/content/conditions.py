"""Reads conditions: `{all: [...]}`, `{any: [...]}`, `{not: ...}`, and comparisons of one item or
one fact."""

from collections.abc import Mapping
from typing import NamedTuple

from proms.content.facts import Values
from proms.content.source import Node
from proms.domain.instrument import (
    All,
    AtLeast,
    Condition,
    Fact,
    FactIs,
    Is,
    Item,
    ItemKind,
    Missing,
    Not,
    Some,
    TickedAny,
)

COMPARISONS = ("is", "at_least", "ticked", "missing")


class MayAsk(NamedTuple):
    """What a condition may look at: these items, and these facts (None: any)."""

    items: Mapping[str, Item]
    facts: Values | None


def read_condition(node: Node, may: MayAsk) -> Condition:
    """The condition in a node; an unknown item or fact, and a value neither can have, is a
    fault."""
    entries = node.mapping()
    if len(entries) == 1:
        ((word, part),) = entries.items()
        match word:
            case "all":
                return All(_conditions(part, may))
            case "any":
                return Some(_conditions(part, may))
            case "not":
                return Not(read_condition(part, may))
    if "fact" in entries:
        return _fact(node, may.facts)
    return _comparison(node, may.items)


def _conditions(node: Node, may: MayAsk) -> tuple[Condition, ...]:
    return tuple(read_condition(part, may) for part in node.several())


def _fact(node: Node, facts: Values | None) -> Condition:
    entries = node.mapping(needed=("fact", "is"), allowed=())
    fact = entries["fact"].text()
    wanted = entries["is"]
    if facts is None:
        return FactIs(fact, wanted.value)
    if fact not in facts:
        entries["fact"].fail(f"{fact!r} is not a fact; known are: {', '.join(sorted(facts))}")
    if wanted.value not in facts[fact]:
        values = ", ".join(map(_in_yaml, facts[fact]))
        wanted.fail(f"{fact} is never {wanted.value!r}; it is one of {values}")
    return FactIs(fact, wanted.value)


def _comparison(node: Node, items: Mapping[str, Item]) -> Condition:
    """One item, and beside it one word of COMPARISONS with what it is compared with."""
    entries = node.mapping(needed=("item",), allowed=COMPARISONS)
    code = entries["item"].text()
    if code not in items:
        entries["item"].fail(f"there is no item {code!r} to look at here")
    words = [key for key in entries if key != "item"]
    if len(words) != 1:
        node.fail("a comparison has an item and one of: is, at_least, ticked, missing")
    item = items[code]
    wanted = entries[words[0]]
    match words[0]:
        case "missing":
            return Missing(code) if wanted.boolean() else Not(Missing(code))
        case "at_least":
            _offered(item, wanted)
            return AtLeast(code, wanted.integer())
        case "ticked":
            return _ticked(item, wanted)
        case _:
            return _is(item, wanted)


def _ticked(item: Item, wanted: Node) -> Condition:
    if item.kind is not ItemKind.MULTIPLE:
        wanted.fail(f"{item.code} is not a multiple-choice item; use is")
    options = tuple(str(_offered(item, option)) for option in wanted.several())
    return TickedAny(item.code, options)


def _is(item: Item, wanted: Node) -> Condition:
    """One answer, or a list of them of which any will do."""
    if item.kind is ItemKind.MULTIPLE:
        wanted.fail(f"{item.code} is a multiple-choice item; use ticked")
    answers = wanted.several() if isinstance(wanted.value, list) else [wanted]
    return Is(item.code, tuple(_offered(item, answer) for answer in answers))


def _offered(item: Item, node: Node) -> int | str:
    """The answer in a node; one that the item cannot be given is a fault."""
    if item.kind is ItemKind.NUMBER:
        number = node.integer()
        if not item.low <= number <= item.high:
            node.fail(f"{item.code} goes from {item.low} to {item.high}")
        return number
    answer: int | str = node.value
    # True equals 1: it would pass for the option 1.
    if isinstance(answer, bool) or answer not in item.options:
        options = ", ".join(map(str, item.options))
        node.fail(f"{item.code} does not offer {answer!r}; it offers {options}")
    return answer


def _in_yaml(value: Fact) -> str:
    """A value as it is written in a content file."""
    return str(value).lower() if isinstance(value, bool) else str(value)
