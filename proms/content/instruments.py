"""Reads `instruments/<code>/<version>/`: the instrument, its wordings, its rule sets."""

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from proms.content.conditions import read_condition
from proms.content.facts import Values
from proms.content.source import Node, read
from proms.domain.instrument import Condition, Formula, Instrument, Item, ItemKind, Polarity, Scale, Summary, Wording

SLOTS = ("{phone}", "{date}")
ITEM_KEYS = ("kind", "options", "asked_if", "safety", "none", "cdisc")
WORDING_KEYS = ("head", "recall", "safety_line", "banner", "answers", "hints", "labels")


def read_instrument(path: Path, shown: Path, facts: Values | None) -> Instrument:
    """The instrument in a file, whose conditions ask about these facts; raises UnsoundContent with line and reason."""
    root = read(path, shown)
    allowed = ("scales", "summary", "minutes", "exported_as", "category")
    root.mapping(needed=("code", "version", "items"), allowed=allowed)
    for key, folder in (("code", path.parent.parent), ("version", path.parent)):
        if root[key].text() != folder.name:
            root[key].fail(f"the folder is named {folder.name}")
    items = _items(root["items"], facts)
    scales = tuple(_scale(node, items) for node in (root.get("scales") or Node([], shown, 1)))
    summary = root.get("summary")
    _refuse_twice([*root["items"], *(root.get("scales") or ()), *([summary] if summary else ())])
    minutes, exported, category = root.get("minutes"), root.get("exported_as"), root.get("category")
    return Instrument(
        code=root["code"].text(),
        version=root["version"].text(),
        items=tuple(items.values()),
        scales=scales,
        summary=_summary(summary, {scale.code for scale in scales}) if summary else None,
        minutes=_minutes(minutes) if minutes else 1,
        exported_as={key: node.text() for key, node in exported.mapping().items()} if exported else {},
        category=category.text() if category else None,
        digest=digest(root.plain()),
    )


def read_wording(path: Path, shown: Path, instrument: Instrument) -> Wording:
    """The words of an instrument in one language: every item and every option, none that it does not have."""
    root = read(path, shown)
    root.mapping(needed=("version", "language", "title", "short_title", "items"), allowed=WORDING_KEYS)
    if root["language"].text() != path.stem:
        root["language"].fail(f"the file is named {path.name}")
    words = root["items"].mapping(needed=[item.code for item in instrument.items], allowed=())
    answers = root.get("answers")
    shared = {key: _options(node) for key, node in answers.mapping().items()} if answers else {}
    hints, banner = root.get("hints"), root.get("banner")
    return Wording(
        instrument=instrument.code,
        version=root["version"].text(),
        language=path.stem,
        title=root["title"].text(),
        short_title=root["short_title"].text(),
        items={code: node["text"].text() for code, node in words.items()},
        options={item.code: _worded(item, words[item.code], shared) for item in instrument.items if item.options},
        head=_optional(root, "head"),
        recall=_optional(root, "recall"),
        safety_line=with_slots(root["safety_line"]) if "safety_line" in root.mapping() else "",
        banner=banner.text() if banner else None,
        hints={code: node.text() for code, node in hints.mapping((), words).items()} if hints else {},
        labels=_labels(root.get("labels"), instrument),
        digest=digest(root.plain()),
    )


def digest(plain: Any) -> str:
    """The hash that proves a content file unchanged, whatever its layout and comments."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()


def with_slots(node: Node) -> str:
    """A text of ours in which {phone} and {date} are filled in; any other slot would reach the patient as it stands."""
    strange = [slot for slot in re.findall(r"\{[^}]*\}?|\}", node.text()) if slot not in SLOTS]
    return node.text() if not strange else node.fail(f"{strange[0]} is not filled in; known are: {', '.join(SLOTS)}")


def _minutes(node: Node) -> int:
    return node.integer() if node.integer() > 0 else node.fail("at least one minute")


def _items(node: Node, facts: Values | None) -> dict[str, Item]:
    items: dict[str, Item] = {}
    for each in node.several():
        each.mapping(needed=("code",), allowed=ITEM_KEYS)
        code = each["code"].text()
        if code in items:
            each["code"].fail(f"item {code} stands here twice")
        items[code] = _item(code, each, facts)
    return items


def _item(code: str, node: Node, facts: Values | None) -> Item:
    kind_node, none, cdisc, safety = (node.get(key) for key in ("kind", "none", "cdisc", "safety"))
    kind = kind_node.one_of(ItemKind) if kind_node else ItemKind.SINGLE
    options = _option_codes(node, kind)
    if none and none.text() not in options:
        none.fail(f"{none.text()} is not an option of {code}")
    return Item(
        code=code,
        kind=kind,
        options=options,
        asked_if=_asked_if(node, facts),
        safety=safety.boolean() if safety else False,
        none=none.text() if none else None,
        cdisc=cdisc.text() if cdisc else None,
    )


def _option_codes(node: Node, kind: ItemKind) -> tuple[int | str, ...]:
    options = node.get("options")
    if kind is ItemKind.TEXT:
        return () if options is None else options.fail("a text item has no options")
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


def _asked_if(node: Node, facts: Values | None) -> Condition | None:
    """Which items are asked is known before the first answer: only facts decide."""
    condition = node.get("asked_if")
    return read_condition(condition, {}, facts) if condition else None


def _scale(node: Node, items: dict[str, Item]) -> Scale:
    node.mapping(
        needed=("code", "items", "formula", "polarity"), allowed=("important_below", "important_above", "cdisc")
    )
    codes = node["items"].texts()
    for place, each in enumerate(node["items"].several()):
        if each.text() not in items:
            each.fail(f"scale {node['code'].text()} names an absent item {each.text()}")
        if each.text() in codes[:place]:
            each.fail(f"scale {node['code'].text()} names {each.text()} twice")
    low, high = _range([items[code] for code in codes], node["items"])
    below, above, cdisc = (node.get(key) for key in ("important_below", "important_above", "cdisc"))
    return Scale(
        code=node["code"].text(),
        items=codes,
        low=low,
        high=high,
        formula=node["formula"].one_of(Formula),
        polarity=node["polarity"].one_of(Polarity),
        important_below=below.number() if below else None,
        important_above=above.number() if above else None,
        cdisc=cdisc.text() if cdisc else None,
    )


def _range(items: list[Item], node: Node) -> tuple[int, int]:
    options = items[0].options
    if any(item.options != options for item in items):
        node.fail("the items of a scale have the same options")
    numbers = [each for each in options if isinstance(each, int)]
    if len(numbers) < 2:
        node.fail("the items of a scale have numbers to choose from, two at least")
    return min(numbers), max(numbers)


def _summary(node: Node, scales: set[str]) -> Summary:
    node.mapping(needed=("code", "scales", "turned", "polarity", "source"), allowed=())
    for key, known in (("scales", scales), ("turned", set(node["scales"].texts()))):
        names = node[key].texts()
        for place, each in enumerate(node[key]):
            if names[place] not in known:
                each.fail(f"there is no scale {names[place]}" + (" in the summary" if key == "turned" else ""))
            if names[place] in names[:place]:
                each.fail(f"{names[place]} stands here twice")
    return Summary(
        code=node["code"].text(),
        scales=node["scales"].texts(),
        turned=frozenset(node["turned"].texts()),
        polarity=node["polarity"].one_of(Polarity),
        source=node["source"].text(),
    )


def _worded(item: Item, node: Node, shared: dict[str, dict[str, str]]) -> dict[str, str]:
    node.mapping(needed=("text", "answers"), allowed=())
    answers = node["answers"]
    if isinstance(answers.value, str):
        if answers.value not in shared:
            answers.fail(f"there are no answers named {answers.value!r}")
        words = shared[answers.value]
    else:
        words = _options(answers)
    wanted = [str(option) for option in item.options]
    if sorted(words) != sorted(wanted):
        answers.fail(f"{item.code} needs words for exactly: {', '.join(wanted)}")
    return {option: words[option] for option in wanted}


def _labels(node: Node | None, instrument: Instrument) -> dict[str, str]:
    summary = [instrument.summary.code] if instrument.summary else []
    known = [*(item.code for item in instrument.items), *(scale.code for scale in instrument.scales), *summary]
    return {code: each.text() for code, each in node.mapping((), known).items()} if node else {}


def _options(node: Node) -> dict[str, str]:
    return {key: each.text() for key, each in node.mapping().items()}


def _optional(root: Node, key: str) -> str:
    node = root.get(key)
    return node.text() if node else ""


def _refuse_twice(named: Iterable[Node]) -> None:
    """Items, scales and the summary share the columns of a table, and the codes of an export."""
    seen: set[str] = set()
    for node in named:
        for key in ("code", "cdisc"):
            entry = node.get(key)
            if entry and entry.text() in seen:
                entry.fail(f"{entry.text()} stands here twice")
            seen |= {entry.text()} if entry else set()
