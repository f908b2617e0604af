"""Reads an instrument's words in one language: every item, variant and option, none that it does
not have."""

import re
from collections.abc import Iterable
from pathlib import Path

from proms.content.source import Node, digest, read
from proms.domain.instrument import REPORTED, SEVERAL, STAND_IN, Instrument, Item, ItemKind, Wording

SLOTS = ("{phone}", "{date}")
SLOT = re.compile(r"\{[^}]*\}?|\}")  # also one that is not closed, or not opened
KEYS = ("head", "recall", "safety_line", "banner", "answers", "hints", "labels", "sections")


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
    shared = {
        name: _texts(answers.mapping())
        for name, answers in root.optional_mapping("answers").items()
    }
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
        items={
            item.code: _item_text(item, words[item.code], variants) for item in instrument.items
        },
        options={
            item.code: _option_texts(item, words[item.code], shared)
            for item in instrument.items
            if item.options
        },
        variants=variants,
        sharing=_sharing(words),
        about={
            item.code: _about(instrument, words[item.code])
            for item in instrument.items
            if words[item.code].get("about")
        },
        head=root.optional_text("head") or "",
        recall=root.optional_text("recall") or "",
        safety_line=_safety_line(root),
        banner=root.optional_text("banner"),
        hints=_texts(root.optional_mapping("hints", allowed=words)),
        labels=_texts(root.optional_mapping("labels", allowed=_labelled(instrument))),
        sections=_sections(root, instrument),
        digest=digest(root.plain()),
    )


def _sections(root: Node, instrument: Instrument) -> dict[str, str]:
    """The heading of each section, of every one that the instrument has."""
    codes = [section.code for section in instrument.sections]
    headings = root.optional_mapping("sections", allowed=codes)
    if len(headings) < len(codes):
        (root.get("sections") or root).fail(
            f"'sections' needs words for exactly: {', '.join(codes)}"
        )
    return _texts(headings)


def with_slots(node: Node, more: Iterable[str] | None = ()) -> str:
    """A text of ours in which {phone} and {date} are filled in, and these facts of the site (None:
    nobody knows which there are); any other slot would reach the patient as it stands."""
    text = node.text()
    if more is None:
        return text
    known = (*SLOTS, *(f"{{{fact}}}" for fact in more))
    for slot in SLOT.findall(text):
        if slot not in known:
            node.fail(f"{slot} is not filled in; known are: {', '.join(known)}")
    return text


def _safety_line(root: Node) -> str:
    line = root.get("safety_line")
    return with_slots(line) if line else ""


def _variants(item: Item, node: Node) -> dict[str, str]:
    """The words of each variant of an item."""
    codes = [variant.code for variant in item.variants]
    return _texts(node["text"].mapping(codes, ()))


def _item_text(item: Item, node: Node, variants: dict[str, dict[str, str]]) -> str:
    """The words of an item; where it has variants, those of the last, which is for everybody
    else."""
    if item.variants:
        return variants[item.code][item.variants[-1].code]
    return node["text"].text()


def _option_texts(item: Item, node: Node, shared: dict[str, dict[str, str]]) -> dict[str, str]:
    """The words of each option, in the order of the options: written out, or named where several
    items share them."""
    node.mapping(needed=("text", "answers"), allowed=("about",))
    answers = node["answers"]
    if isinstance(answers.value, str):
        if answers.value not in shared:
            answers.fail(f"there are no answers named {answers.value!r}")
        texts = shared[answers.value]
    else:
        texts = _texts(answers.mapping())
    options = [str(option) for option in item.options]
    if sorted(texts) != sorted(options):
        answers.fail(f"{item.code} needs words for exactly: {', '.join(options)}")
    return {option: texts[option] for option in options}


def _about(instrument: Instrument, node: Node) -> dict[str, str]:
    """The words for each thing that an item may ask about: an item, or an option of one in which
    several may be ticked, written with a point between them; and those for several at once."""
    texts: dict[str, str] = {}
    for code, words in node["about"].mapping().items():
        if code == SEVERAL:
            texts[code] = _with_names(words)
            continue
        if code not in instrument.by_code:
            words.fail(f"there is no item {code}")
        item = instrument.by_code[code]
        if item.kind is not ItemKind.MULTIPLE:
            texts[code] = words.text()
            continue
        options = [str(option) for option in item.options if option != item.none]
        for option, text in words.mapping(options, ()).items():
            texts[f"{code}.{option}"] = text.text()
    if SEVERAL not in texts:
        node["about"].fail(f"'{SEVERAL}' is missing: the words to ask about several things at once")
    return texts


def _with_names(node: Node) -> str:
    """A text in which the names of what was answered are filled in."""
    if SLOT.findall(node.text()) != [REPORTED]:
        node.fail(f"{REPORTED} stands in it once, and nothing else in braces")
    return node.text()


def _sharing(words: dict[str, Node]) -> dict[str, str]:
    """Item -> the name of its answers, for those that name them."""
    names = {}
    for code, node in words.items():
        answers = node.get("answers")
        if answers and isinstance(answers.value, str):
            names[code] = answers.value
    return names


def _labelled(instrument: Instrument) -> list[str]:
    """What may have a label for tables and charts: the items and the scales."""
    items = [item.code for item in instrument.items]
    scales = [scale.code for scale in instrument.scales]
    return items + scales


def _texts(entries: dict[str, Node]) -> dict[str, str]:
    return {key: node.text() for key, node in entries.items()}
