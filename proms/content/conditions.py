"""Reads conditions: `{all: [...]}`, `{any: [...]}`, `{not: ...}`, comparisons of one item or one
fact, and in rules what an earlier report said and which rules fired."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from proms.content.facts import Values
from proms.content.source import Node
from proms.domain.instrument import (
    All,
    AtLeast,
    Condition,
    Earlier,
    Fact,
    FactAtLeast,
    FactAtMost,
    FactIs,
    Fired,
    Is,
    Item,
    ItemKind,
    Missing,
    Not,
    RisesBy,
    Some,
    TickedAny,
    Was,
)

COMPARISONS = ("is", "at_least", "ticked", "missing", "rises")
OF_FACTS = ("is", "at_least", "at_most")


class MayAsk(NamedTuple):
    """What a condition may look at: these items, and these facts (None: any); in a rule (not None)
    also earlier reports and these rules, which stand before it."""

    items: Mapping[str, Item]
    facts: Values | None
    rules: Collection[str] | None = None


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
            case "previous" | "baseline":
                _in_a_rule(node, may, f"what {word} says")
                # The report alone is asked about: neither facts nor rules of that day are kept.
                return Was(Earlier(word), read_condition(part, MayAsk(may.items, {})))
            case "fired":
                return _fired(node, part, may)
    if "fact" in entries:
        return _fact(node, may.facts)
    return _comparison(node, may)


def _conditions(node: Node, may: MayAsk) -> tuple[Condition, ...]:
    return tuple(read_condition(part, may) for part in node.several())


def _in_a_rule(node: Node, may: MayAsk, what: str) -> None:
    if may.rules is None:
        node.fail(f"only a rule may ask {what}")


def _fired(node: Node, rules: Node, may: MayAsk) -> Condition:
    _in_a_rule(node, may, "which rules fired")
    for rule in rules.several():
        if rule.text() not in (may.rules or ()):
            rule.fail(f"no rule {rule.text()!r} stands before this one")
    return Fired(rules.texts())


def _fact(node: Node, facts: Values | None) -> Condition:
    entries = node.mapping(needed=("fact",), allowed=OF_FACTS)
    fact = entries["fact"].text()
    words = [key for key in entries if key != "fact"]
    if len(words) != 1:
        node.fail("a comparison has a fact and one of: is, at_least, at_most")
    wanted = entries[words[0]]
    if facts is not None and fact not in facts:
        entries["fact"].fail(f"{fact!r} is not a fact; known are: {', '.join(sorted(facts))}")
    if words[0] != "is":
        return _of_number(fact, words[0], wanted, facts)
    if facts is not None and wanted.value not in facts[fact]:
        values = ", ".join(map(_in_yaml, facts[fact]))
        wanted.fail(f"{fact} is never {wanted.value!r}; it is one of {values}")
    return FactIs(fact, wanted.value)


def _of_number(fact: str, word: str, wanted: Node, facts: Values | None) -> Condition:
    if facts is not None and not isinstance(facts[fact], range):
        wanted.fail(f"{fact} is no number; use is")
    number = wanted.integer()
    return FactAtLeast(fact, number) if word == "at_least" else FactAtMost(fact, number)


def _comparison(node: Node, may: MayAsk) -> Condition:
    """One item, and beside it one word of COMPARISONS with what it is compared with."""
    entries = node.mapping(needed=("item",), allowed=(*COMPARISONS, "since"))
    code = entries["item"].text()
    if code not in may.items:
        entries["item"].fail(f"there is no item {code!r} to look at here")
    words = [key for key in entries if key not in ("item", "since")]
    if len(words) != 1:
        node.fail(f"a comparison has an item and one of: {', '.join(COMPARISONS)}")
    if ("since" in entries) != (words[0] == "rises"):
        node.fail("a rise is since the previous report or the baseline; nothing else is")
    item = may.items[code]
    wanted = entries[words[0]]
    match words[0]:
        case "rises":
            _in_a_rule(node, may, "what rises")
            return _rises(item, wanted, entries["since"])
        case "missing":
            return Missing(code) if wanted.boolean() else Not(Missing(code))
        case "at_least":
            _offered(item, wanted)
            return AtLeast(code, wanted.integer())
        case "ticked":
            return _ticked(item, wanted)
        case _:
            return _is(item, wanted)


def _rises(item: Item, wanted: Node, since: Node) -> Condition:
    if item.kind is ItemKind.MULTIPLE or len(item.options) < 2:
        wanted.fail(f"{item.code} has no levels to rise by")
    by = wanted.integer()
    if not 1 <= by <= int(item.options[-1]) - int(item.options[0]):
        wanted.fail(f"{item.code} cannot rise by {by}")
    return RisesBy(item.code, by, since.one_of(Earlier))


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
