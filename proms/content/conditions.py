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
        if word in ("all", "any"):
            parts = tuple(read_condition(each, may) for each in part.several())
            return All(parts) if word == "all" else Some(parts)
        if word == "not":
            return Not(read_condition(part, may))
    if "fact" in entries:
        return _fact(node, may.facts)
    return _item(node, may.items)


def _fact(node: Node, facts: Values | None) -> Condition:
    entries = node.mapping(needed=("fact", "is"), allowed=())
    fact, wanted = entries["fact"].text(), entries["is"]
    if facts is not None and fact not in facts:
        entries["fact"].fail(f"{fact!r} is not a fact; known are: {', '.join(sorted(facts))}")
    if facts is not None and wanted.value not in facts[fact]:
        wanted.fail(
            f"{fact} is never {wanted.value!r}; it is one of {', '.join(map(_shown, facts[fact]))}"
        )
    return FactIs(fact, wanted.value)


def _item(node: Node, items: Mapping[str, Item]) -> Condition:
    entries = node.mapping(needed=("item",), allowed=("is", "at_least", "ticked", "missing"))
    code = entries["item"].text()
    if code not in items:
        entries["item"].fail(f"there is no item {code!r} to look at here")
    if len(entries) != 2:
        node.fail("a comparison has an item and one of: is, at_least, ticked, missing")
    item = items[code]
    ((word, wanted),) = ((key, value) for key, value in entries.items() if key != "item")
    if word == "missing":
        return Missing(code) if wanted.boolean() else Not(Missing(code))
    if word == "at_least":
        _offered(item, wanted)
        return AtLeast(code, wanted.integer())
    if word == "ticked":
        if item.kind is not ItemKind.MULTIPLE:
            wanted.fail(f"{code} is not a multiple-choice item; use is")
        return TickedAny(code, tuple(str(_offered(item, each)) for each in wanted.several()))
    if item.kind is ItemKind.MULTIPLE:
        wanted.fail(f"{code} is a multiple-choice item; use ticked")
    values = wanted.several() if isinstance(wanted.value, list) else [wanted]
    return Is(code, tuple(_offered(item, each) for each in values))


def _offered(item: Item, node: Node) -> int | str:
    value = node.value
    if item.kind is ItemKind.NUMBER:
        in_range = item.low <= node.integer() <= item.high
        return (
            node.integer()
            if in_range
            else node.fail(f"{item.code} goes from {item.low} to {item.high}")
        )
    if isinstance(value, bool) or value not in item.options:
        node.fail(
            f"{item.code} does not offer {value!r}; it offers {', '.join(map(str, item.options))}"
        )
    return value


def _shown(value: Fact) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
