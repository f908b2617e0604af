"""Reads `instruments/<code>/<version>/instrument.yaml`: items, options, conditions; its scales are
read beside it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from proms.content.conditions import MayAsk, read_condition
from proms.content.facts import Values
from proms.content.scales import read_scales
from proms.content.source import Node, digest
from proms.domain.instrument import (
    All,
    Condition,
    FactIs,
    Instrument,
    Item,
    ItemKind,
    Published,
    Variant,
)
from proms.domain.protocol import wanted

KEYS = (
    "scales",
    "summary",
    "minutes",
    "licensed_by",
    "exported_as",
    "category",
    "snomed",
    "cdisc",
    "scored_by",
    "thresholds_from",
)
ITEM_KEYS = (
    "kind",
    "options",
    "range",
    "asked_if",
    "optional",
    "variants",
    "safety",
    "none",
    "cdisc",
)


def read_instrument(root: Node, path: Path, facts: Values | None) -> Instrument:
    """The instrument in a file, whose conditions ask about these facts; raises UnsoundContent with
    line and reason."""
    root.mapping(needed=("code", "version", "items"), allowed=KEYS)
    for key, folder in (("code", path.parent.parent), ("version", path.parent)):
        if root[key].text() != folder.name:
            root[key].fail(f"the folder is named {folder.name}")
    code = root["code"].text()
    items = _items(code, root["items"], facts)
    scales, summary = root.get("scales"), root.get("summary")
    _refuse_twice([*root["items"], *(scales or ()), *([summary] if summary else ())])
    exported, minutes = root.get("exported_as"), root.get("minutes")
    licensor, category, snomed = (_text(root, key) for key in ("licensed_by", "category", "snomed"))
    held = read_scales(scales, summary, items)
    if (
        any(scale.threshold is not None for scale in held)
        and "thresholds_from" not in root.mapping()
    ):
        root.fail(
            "'thresholds_from' is missing: a threshold for clinical importance says where it is published"
        )
    return Instrument(
        code=code,
        version=root["version"].text(),
        items=tuple(items.values()),
        scales=held,
        minutes=_minutes(minutes) if minutes else 1,
        licensor=licensor,
        exported_as={key: node.text() for key, node in exported.mapping().items()}
        if exported
        else {},
        category=category,
        snomed=snomed,
        scored_by=_text(root, "scored_by"),
        thresholds_from=_text(root, "thresholds_from"),
        published=_published(root.get("cdisc")),
        digest=digest(root.plain()),
    )


def optional_items(root: Node) -> frozenset[str]:
    """The items that are asked only where a protocol says so."""
    items = (
        node for node in root["items"] if (optional := node.get("optional")) and optional.boolean()
    )
    return frozenset(node["code"].text() for node in items)


def _published(node: Node | None) -> Published | None:
    """Which of the codes CDISC has published."""
    if node is None:
        return None
    known = node.mapping(needed=("category",), allowed=("items",))
    return Published(
        known["category"].text(), items=known["items"].boolean() if "items" in known else False
    )


def _minutes(node: Node) -> int:
    return node.integer() if node.integer() > 0 else node.fail("at least one minute")


def _items(instrument: str, node: Node, facts: Values | None) -> dict[str, Item]:
    """The items in order; a condition may look at those that stand before it."""
    items: dict[str, Item] = {}
    for each in node.several():
        each.mapping(needed=("code",), allowed=ITEM_KEYS)
        code = each["code"].text()
        if code in items:
            each["code"].fail(f"item {code} stands here twice")
        items[code] = _item(instrument, code, each, MayAsk(items, facts))
    return items


def _item(instrument: str, code: str, node: Node, may: MayAsk) -> Item:
    kind_node, none, cdisc, safety = (node.get(key) for key in ("kind", "none", "cdisc", "safety"))
    kind = kind_node.one_of(ItemKind) if kind_node else ItemKind.SINGLE
    options = _option_codes(node, kind)
    low, high = _number_range(node, kind)
    optional = node.get("optional")
    if none and none.text() not in options:
        none.fail(f"{none.text()} is not an option of {code}")
    return Item(
        code=code,
        kind=kind,
        options=options,
        low=low,
        high=high,
        asked_if=_asked_if(instrument, code, node, may),
        optional=optional.boolean() if optional else False,
        variants=tuple(_variants(node, may)),
        safety=safety.boolean() if safety else False,
        none=none.text() if none else None,
        cdisc=cdisc.text() if cdisc else None,
    )


def _option_codes(node: Node, kind: ItemKind) -> tuple[int | str, ...]:
    options = node.get("options")
    if kind in (ItemKind.TEXT, ItemKind.NUMBER):
        return () if options is None else options.fail(f"a {kind} item has no options")
    if options is None:
        node.fail("'options' is missing")
    read_one = Node.integer if kind is ItemKind.SINGLE else Node.text
    codes: tuple[int | str, ...] = tuple(read_one(each) for each in options)
    if len(set(codes)) != len(codes) or not codes:
        options.fail("options are given once each, and at least one")
    numbers = [each for each in codes if isinstance(each, int)]
    if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        options.fail("options skip a value; number them without a gap")
    return codes


def _number_range(node: Node, kind: ItemKind) -> tuple[int, int]:
    span = node.get("range")
    if kind is not ItemKind.NUMBER:
        return span.fail("'range' goes with a number item") if span else (0, 0)
    if span is None:
        node.fail("'range' is missing")
    ends = [each.integer() for each in span]
    if len(ends) != 2 or ends[0] >= ends[1]:
        span.fail("the lowest and the highest number are expected")
    return ends[0], ends[1]


def _asked_if(instrument: str, code: str, node: Node, may: MayAsk) -> Condition | None:
    own, optional = node.get("asked_if"), node.get("optional")
    if not (optional and optional.boolean()):
        return read_condition(own, may) if own else None
    by_regimen = FactIs(wanted(instrument, code), True)
    return All((by_regimen, read_condition(own, may))) if own else by_regimen


def _variants(node: Node, may: MayAsk) -> Iterator[Variant]:
    """The ways to word an item; the last is for everybody whom no other is for."""
    listed = node.get("variants")
    if listed is None:
        return
    seen: set[str] = set()
    for place, each in enumerate(listed.several(), start=1):
        each.mapping(("code",), ("when", "cdisc"))
        code, when, cdisc = each["code"].text(), each.get("when"), each.get("cdisc")
        if code in seen:
            each["code"].fail(f"variant {code} stands here twice")
        seen.add(code)
        if (when is None) != (place == len(listed.items())):
            each.fail(
                "every variant but the last says when it is asked; the last is for everybody else"
            )
        yield Variant(
            code, read_condition(when, may) if when else None, cdisc.text() if cdisc else None
        )


def _text(root: Node, key: str) -> str | None:
    node = root.get(key)
    return node.text() if node else None


def _refuse_twice(named: Iterable[Node]) -> None:
    """Items, scales and the summary share the columns of a table, and the codes of an export."""
    seen: set[str] = set()
    for node in named:
        for key in ("code", "cdisc"):
            entry = node.get(key)
            if entry and entry.text() in seen:
                entry.fail(f"{entry.text()} stands here twice")
            seen |= {entry.text()} if entry else set()
