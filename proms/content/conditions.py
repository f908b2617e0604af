"""Reads conditions: `{all: [...]}`, `{any: [...]}`, `{not: ...}`, and comparisons of one item or one fact."""

from proms.content.source import Node
from proms.domain.instrument import (
    All,
    AtLeast,
    Condition,
    FactIs,
    Instrument,
    Is,
    Item,
    ItemKind,
    Missing,
    Not,
    Some,
    TickedAny,
)


def read_condition(node: Node, items: dict[str, Item], facts: frozenset[str]) -> Condition:
    """The condition in a node; an unknown item, an option not offered or an unknown fact is a fault."""
    entries = node.mapping()
    if len(entries) == 1:
        ((word, part),) = entries.items()
        if word == "all":
            return All(tuple(read_condition(each, items, facts) for each in part))
        if word == "any":
            return Some(tuple(read_condition(each, items, facts) for each in part))
        if word == "not":
            return Not(read_condition(part, items, facts))
    if "fact" in entries:
        return _fact(node, facts)
    return _item(node, items)


def items_of(instrument: Instrument) -> dict[str, Item]:
    return {item.code: item for item in instrument.items}


def _fact(node: Node, facts: frozenset[str]) -> Condition:
    entries = node.mapping(needed=("fact", "is"), allowed=())
    fact = entries["fact"].text()
    if fact not in facts:
        entries["fact"].fail(f"{fact!r} is not a fact; known are: {', '.join(sorted(facts))}")
    return FactIs(fact, entries["is"].value)


def _item(node: Node, items: dict[str, Item]) -> Condition:
    entries = node.mapping(needed=("item",), allowed=("is", "at_least", "ticked", "missing"))
    code = entries["item"].text()
    if code not in items:
        entries["item"].fail(f"there is no item {code!r}")
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
        return TickedAny(code, tuple(str(_offered(item, each)) for each in wanted))
    values = wanted.items() if isinstance(wanted.value, list) else [wanted]
    return Is(code, tuple(_offered(item, each) for each in values))


def _offered(item: Item, node: Node) -> int | str:
    value = node.value
    if isinstance(value, bool) or value not in item.options:
        node.fail(f"{item.code} does not offer {value!r}; it offers {', '.join(map(str, item.options))}")
    return value  # type: ignore[no-any-return]
