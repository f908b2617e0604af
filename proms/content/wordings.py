"""Reads an instrument's words in one language: every item, variant and option, none that it does
not have."""

import re
from pathlib import Path

from proms.content.source import Node, digest, read
from proms.domain.instrument import STAND_IN, Instrument, Item, Wording

SLOTS = ("{phone}", "{date}")
KEYS = ("head", "recall", "safety_line", "banner", "answers", "hints", "labels")


def read_wording(path: Path, shown: Path, instrument: Instrument) -> Wording:
    """The words in a content file; raises UnsoundContent. Of a licensed instrument these can only
    be stand-ins."""
    root = read(path, shown)
    root.mapping(needed=("version", "language", "title", "short_title", "items"), allowed=KEYS)
    if root["language"].text() != path.stem:
        root["language"].fail(f"the file is named {path.name}")
    if instrument.licensor and root["version"].text() != STAND_IN:
        root["version"].fail(
            f"the wording of {instrument.code} is licensed: here stand labels of version {STAND_IN}"
        )
    words = root["items"].mapping(needed=[item.code for item in instrument.items], allowed=())
    answers = root.get("answers")
    shared = {key: _options(node) for key, node in answers.mapping().items()} if answers else {}
    hints, banner = root.get("hints"), root.get("banner")
    variants = {
        item.code: _variants(item, words[item.code]) for item in instrument.items if item.variants
    }
    return Wording(
        instrument=instrument.code,
        instrument_version=instrument.version,
        version=root["version"].text(),
        language=path.stem,
        title=root["title"].text(),
        short_title=root["short_title"].text(),
        items={item.code: _text(item, words[item.code], variants) for item in instrument.items},
        options={
            item.code: _worded(item, words[item.code], shared)
            for item in instrument.items
            if item.options
        },
        variants=variants,
        sharing=_sharing(words),
        head=_optional(root, "head"),
        recall=_optional(root, "recall"),
        safety_line=with_slots(root["safety_line"]) if "safety_line" in root.mapping() else "",
        banner=banner.text() if banner else None,
        hints={code: node.text() for code, node in hints.mapping((), words).items()}
        if hints
        else {},
        labels=_labels(root.get("labels"), instrument),
        digest=digest(root.plain()),
    )


def with_slots(node: Node) -> str:
    """A text of ours in which {phone} and {date} are filled in; any other slot would reach the
    patient as it stands."""
    strange = [slot for slot in re.findall(r"\{[^}]*\}?|\}", node.text()) if slot not in SLOTS]
    return (
        node.text()
        if not strange
        else node.fail(f"{strange[0]} is not filled in; known are: {', '.join(SLOTS)}")
    )


def _variants(item: Item, node: Node) -> dict[str, str]:
    """The words of each variant of an item."""
    codes = [variant.code for variant in item.variants]
    return {code: each.text() for code, each in node["text"].mapping(codes, ()).items()}


def _text(item: Item, node: Node, variants: dict[str, dict[str, str]]) -> str:
    return variants[item.code][item.variants[-1].code] if item.variants else node["text"].text()


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


def _sharing(words: dict[str, Node]) -> dict[str, str]:
    """Item -> the name of its answers, for those that name them."""
    named = {code: node.get("answers") for code, node in words.items()}
    return {
        code: node.value for code, node in named.items() if node and isinstance(node.value, str)
    }


def _labels(node: Node | None, instrument: Instrument) -> dict[str, str]:
    known = [
        *(item.code for item in instrument.items),
        *(scale.code for scale in instrument.scales),
    ]
    return {code: each.text() for code, each in node.mapping((), known).items()} if node else {}


def _options(node: Node) -> dict[str, str]:
    return {key: each.text() for key, each in node.mapping().items()}


def _optional(root: Node, key: str) -> str:
    node = root.get(key)
    return node.text() if node else ""
