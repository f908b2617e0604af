"""Reads `instruments/<code>/<version>/instrument.yaml`: items, options, conditions; its scales are
read beside it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from proms.content.conditions import MayAsk, read_condition
from proms.content.facts import Values
from proms.content.scales import read_scales
from proms.content.source import Node, digest
from proms.domain.instrument import (
    LEVEL,
    All,
    Condition,
    FactIs,
    Instrument,
    Item,
    ItemKind,
    Place,
    Published,
    Section,
    Variant,
    facts_in,
)
from proms.domain.protocol import wanted

KEYS = (
    "scales",
    "sections",
    "summary",
    "minutes",
    "recall_days",
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
    "place",
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
    _refuse_other_name(root["code"], path.parent.parent.name)
    _refuse_other_name(root["version"], path.parent.name)
    code = root["code"].text()
    items = _items(code, root["items"], facts)
    _refuse_twice(_coded(root))
    licensor = root.optional_text("licensed_by")
    category = root.optional_text("category")
    snomed = root.optional_text("snomed")
    scales = read_scales(root.get("scales"), root.get("summary"), items)
    has_threshold = any(scale.threshold is not None for scale in scales)
    if has_threshold and root.get("thresholds_from") is None:
        root.fail(
            "'thresholds_from' is missing: a threshold for clinical importance says where it is published"
        )
    return Instrument(
        code=code,
        version=root["version"].text(),
        items=tuple(items.values()),
        scales=scales,
        sections=_sections(root, items),
        minutes=_count("minutes", root, least=1) or 1,
        recall_days=_count("recall_days", root, least=2),
        licensor=licensor,
        exported_as={
            key: node.text() for key, node in root.optional_mapping("exported_as").items()
        },
        category=category,
        snomed=snomed,
        scored_by=root.optional_text("scored_by"),
        thresholds_from=root.optional_text("thresholds_from"),
        published=_published(root.get("cdisc")),
        digest=digest(root.plain()),
    )


def optional_items(root: Node) -> frozenset[str]:
    """The items that are asked only where a protocol says so."""
    return frozenset(node["code"].text() for node in root["items"] if node.flag("optional"))


def codes_by_instrument(trees: Mapping[Path, Node]) -> dict[str, set[str]]:
    """The items and scales of each instrument, whatever its version."""
    codes: dict[str, set[str]] = {}
    for folder, tree in trees.items():
        codes_here = codes.setdefault(folder.parent.name, set())
        for part in ("items", "scales"):
            members = tree.value.get(part) if isinstance(tree.value, dict) else None
            for node in members.value if members and isinstance(members.value, list) else ():
                code = node.value.get("code") if isinstance(node.value, dict) else None
                if code:
                    codes_here.add(str(code.value))
    return codes


def licensed_instruments(trees: Mapping[Path, Node]) -> frozenset[str]:
    """The instruments of which some version has a licensed wording."""
    return frozenset(
        folder.parent.name
        for folder, tree in trees.items()
        if isinstance(tree.value, dict) and "licensed_by" in tree.value
    )


def _refuse_other_name(node: Node, folder: str) -> None:
    if node.text() != folder:
        node.fail(f"the folder is named {folder}")


def _published(node: Node | None) -> Published | None:
    """Which of the codes CDISC has published."""
    if node is None:
        return None
    node.mapping(needed=("category",), allowed=("items",))
    return Published(node["category"].text(), items=node.flag("items"))


def _sections(root: Node, items: Collection[str]) -> tuple[Section, ...]:
    """The sections in order; each item stands in one of them, where there are any."""
    sections: dict[str, Section] = {}
    left = set(items)
    for entry in root.optional_list("sections"):
        entry.mapping(needed=("code", "items"), allowed=())
        code = entry["code"].text()
        if code in sections:
            entry["code"].fail(f"section {code} stands here twice")
        for item in entry["items"].several():
            if item.text() not in left:
                item.fail(f"{item.text()} is no item, or stands in a section already")
            left.remove(item.text())
        sections[code] = Section(code, entry["items"].texts())
    if sections and left:
        root["sections"].fail(f"in no section: {', '.join(sorted(left))}")
    return tuple(sections.values())


def _count(name: str, root: Node, *, least: int) -> int | None:
    """A number of minutes or days, where it is said."""
    number = root.get(name)
    if number is None:
        return None
    if number.integer() < least:
        number.fail(f"at least {least}")
    return number.integer()


def _items(instrument: str, node: Node, facts: Values | None) -> dict[str, Item]:
    """The items in order; a condition may look at those that stand before it."""
    items: dict[str, Item] = {}
    for entry in node.several():
        entry.mapping(needed=("code",), allowed=ITEM_KEYS)
        code = entry["code"].text()
        if code in items:
            entry["code"].fail(f"item {code} stands here twice")
        # `items` holds those before this one, and grows only once it is read.
        items[code] = _item(instrument, code, entry, MayAsk(items, facts))
    return items


def _item(instrument: str, code: str, node: Node, may: MayAsk) -> Item:
    kind = node["kind"].one_of(ItemKind) if node.get("kind") else ItemKind.SINGLE
    options = _option_codes(node, kind)
    low, high = _number_range(node, kind)
    none = node.get("none")
    asked_if = _asked_if(instrument, code, node, may)
    if none and none.text() not in options:
        none.fail(f"{none.text()} is not an option of {code}")
    return Item(
        code=code,
        kind=kind,
        options=options,
        low=low,
        high=high,
        asked_if=asked_if,
        place=_place(node, asked_if),
        optional=node.flag("optional"),
        variants=tuple(_variants(node, may)),
        safety=node.flag("safety"),
        none=node.optional_text("none"),
        cdisc=node.optional_text("cdisc"),
    )


def _option_codes(node: Node, kind: ItemKind) -> tuple[int | str, ...]:
    """Numbers without a gap where one option is chosen, texts where several are, else none."""
    options = node.get("options")
    if kind in (ItemKind.TEXT, ItemKind.NUMBER):
        if options:
            options.fail(f"a {kind} item has no options")
        return ()
    if options is None:
        node.fail("'options' is missing")
    if kind is ItemKind.MULTIPLE:
        texts = options.texts()
        _refuse_repeated(texts, options)
        return texts
    numbers = [option.integer() for option in options]
    _refuse_repeated(numbers, options)
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        options.fail("options skip a value; number them without a gap")
    return tuple(numbers)


def _refuse_repeated(codes: Collection[int | str], options: Node) -> None:
    if len(set(codes)) != len(codes) or not codes:
        options.fail("options are given once each, and at least one")


def _number_range(node: Node, kind: ItemKind) -> tuple[int, int]:
    span = node.get("range")
    if kind is not ItemKind.NUMBER:
        if span:
            span.fail("'range' goes with a number item")
        return 0, 0
    if span is None:
        node.fail("'range' is missing")
    ends = [end.integer() for end in span]
    if len(ends) != 2 or ends[0] >= ends[1]:
        span.fail("the lowest and the highest number are expected")
    return ends[0], ends[1]


def _asked_if(instrument: str, code: str, node: Node, may: MayAsk) -> Condition | None:
    """An optional item is asked where the patient's regimen wants it, and then if its own condition
    holds."""
    conditions: list[Condition] = []
    if node.flag("optional"):
        conditions.append(FactIs(wanted(instrument, code), True))
    asked_if = node.get("asked_if")
    if asked_if:
        conditions.append(read_condition(asked_if, may))
    if len(conditions) > 1:
        return All(tuple(conditions))
    return conditions[0] if conditions else None


def _place(node: Node, asked_if: Condition | None) -> Place:
    """Where it is asked; without a word on it, what depends on how urgent the answers are stands
    beside the number to call."""
    place = node.get("place")
    of_level = asked_if is not None and LEVEL in facts_in(asked_if)
    if place is None:
        return Place.CALL if of_level else Place.FORM
    if place.one_of(Place) is Place.CALL and not of_level:
        place.fail("beside the number to call stands only what is asked of urgent answers")
    return place.one_of(Place)


def _variants(node: Node, may: MayAsk) -> Iterator[Variant]:
    """The ways to word an item; the last is for everybody whom no other is for."""
    listed = node.get("variants")
    if listed is None:
        return
    seen: set[str] = set()
    last = listed.several()[-1]
    for entry in listed:
        entry.mapping(("code",), ("when", "cdisc"))
        code = entry["code"].text()
        when = entry.get("when")
        if code in seen:
            entry["code"].fail(f"variant {code} stands here twice")
        seen.add(code)
        if (when is None) != (entry is last):
            entry.fail(
                "every variant but the last says when it is asked; the last is for everybody else"
            )
        condition = read_condition(when, may) if when else None
        yield Variant(code, condition, entry.optional_text("cdisc"))


def _coded(root: Node) -> list[Node]:
    """Everything in an instrument that has a code."""
    coded = [*root["items"], *root.optional_list("scales")]
    summary = root.get("summary")
    if summary:
        coded.append(summary)
    return coded


def _refuse_twice(coded: Iterable[Node]) -> None:
    """Items, scales and the summary share the columns of a table, and the codes of an export."""
    seen: set[str] = set()
    for node in coded:
        for key in ("code", "cdisc"):
            entry = node.get(key)
            if entry is None:
                continue
            if entry.text() in seen:
                entry.fail(f"{entry.text()} stands here twice")
            seen.add(entry.text())
