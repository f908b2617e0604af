"""The table a licensed wording is filled in on: one row a text, which is taken as it stands, to the
last blank."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, NoReturn

from proms.content.source import UnsoundContent
from proms.domain.instrument import Instrument, Item, Wording


class WordingPart(StrEnum):
    """What the text of a row is."""

    TITLE = "title"
    SHORT_TITLE = "short_title"
    HEAD = "head"
    RECALL = "recall"
    ITEM = "item"
    HINT = "hint"
    OPTION = "option"


COLUMNS = ("part", "items", "variant", "option", "about", "text")
NEEDED = frozenset(COLUMNS) - {"about"}
ADVICE = "this is not UTF-8 text; in Excel, save it as 'CSV UTF-8'"
LOOKS_A_CODE = re.compile(
    r"[\w.-]{1,24}", re.ASCII
)  # only such a cell is repeated in a fault: never a licensed text
# No page and no file of another kind can carry these.
UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
NO_ITEM, ONE, SEVERAL, ANY = range(1), range(1, 2), range(1, 1000), range(1000)
SAID = {NO_ITEM: "no item", ONE: "one item", SEVERAL: "the items that offer it", ANY: "items"}
NAMES = {  # how many items a row of this part names
    WordingPart.TITLE: NO_ITEM,
    WordingPart.SHORT_TITLE: NO_ITEM,
    WordingPart.HEAD: NO_ITEM,
    WordingPart.RECALL: ANY,
    WordingPart.ITEM: ONE,
    WordingPart.HINT: ONE,
    WordingPart.OPTION: SEVERAL,
}


class TextPlace(NamedTuple):
    """Where a text belongs."""

    part: WordingPart
    item: str = ""
    variant: str = ""
    option: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, self))


@dataclass(frozen=True)
class WordingTable:
    """The file of one language, and what its rows must fit."""

    written: bytes
    named: Path
    instrument: Instrument
    stand_in: Wording
    found: dict[TextPlace, tuple[str, int]] = field(default_factory=dict)

    def fail(self, line: int, reason: str) -> NoReturn:
        raise UnsoundContent(self.named, line, reason)


def read_table(table: WordingTable) -> Mapping[TextPlace, str]:
    """Every text of the table in its place; raises UnsoundContent with line and reason."""
    for line, row in _rows(table):
        for place in _places(table, line, row):
            if place in table.found:
                table.fail(
                    line,
                    f"{place} stands here twice; its first text is on line {table.found[place][1]}",
                )
            table.found[place] = _checked(table, line, row["text"]), line
    missing = [place for place in needed(table.instrument) if place not in table.found]
    if missing:
        table.fail(
            1,
            f"there is no text for {missing[0]}"
            + (f", and {len(missing) - 1} more" if missing[1:] else ""),
        )
    texts = {place: text for place, (text, _line) in table.found.items()}
    if all(
        texts[place] == label for place, label in _labels(table.instrument, table.stand_in).items()
    ):
        table.fail(1, "these are the neutral labels of the demo, not the licensed questions")
    return texts


def needed(instrument: Instrument) -> Iterator[TextPlace]:
    """Every place that a wording must fill, in the order of the questionnaire."""
    yield from (TextPlace(WordingPart.TITLE), TextPlace(WordingPart.SHORT_TITLE))
    for item in instrument.items:
        yield from (TextPlace(WordingPart.ITEM, item.code, variant) for variant in _variants(item))
        yield from (
            TextPlace(WordingPart.OPTION, item.code, option=str(option)) for option in item.options
        )


def template(instrument: Instrument, stand_in: Wording, *, excel: bool) -> str:
    """The table to fill in, with our labels beside the empty texts; `excel` as Excel opens it in a
    Dutch Windows."""
    out = io.StringIO()
    table = csv.writer(
        out, delimiter=";" if excel else ",", lineterminator="\r\n" if excel else "\n"
    )
    table.writerow(COLUMNS)
    table.writerow((WordingPart.TITLE, "", "", "", stand_in.title, ""))
    table.writerow((WordingPart.SHORT_TITLE, "", "", "", stand_in.short_title, ""))
    table.writerow((WordingPart.HEAD, "", "", "", "", ""))
    table.writerow((WordingPart.RECALL, " ".join(instrument.by_code), "", "", stand_in.recall, ""))
    for place, label in _labels(instrument, stand_in).items():
        table.writerow((WordingPart.ITEM, place.item, place.variant, "", label, ""))
    for options, items in _sharing(instrument, stand_in):
        for option, label in options.items():
            table.writerow((WordingPart.OPTION, " ".join(items), "", option, label, ""))
    return ("\ufeff" if excel else "") + out.getvalue()


def _labels(instrument: Instrument, stand_in: Wording) -> dict[TextPlace, str]:
    return {
        TextPlace(WordingPart.ITEM, item.code, variant): stand_in.variants[item.code][variant]
        if variant
        else label
        for item in instrument.items
        for variant in _variants(item)
        for label in [stand_in.items[item.code]]
    }


def _sharing(
    instrument: Instrument, stand_in: Wording
) -> Iterator[tuple[Mapping[str, str], list[str]]]:
    """The answers, each with the items that offer them."""
    alike: dict[str, list[str]] = {}
    for item in instrument.items:
        if item.options:
            alike.setdefault(stand_in.sharing.get(item.code, item.code), []).append(item.code)
    for codes in alike.values():
        yield stand_in.options[codes[0]], codes


def _variants(item: Item) -> list[str]:
    return [variant.code for variant in item.variants] or [""]


def _rows(table: WordingTable) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with the line it begins on; rows that a spreadsheet left empty are no rows."""
    text = _text(table)
    lines = io.StringIO(text, newline="")
    semicolon = re.split("[\r\n]", text, maxsplit=1)[0].count(";") >= len(NEEDED) - 1
    rows = csv.reader(lines, delimiter=";" if semicolon else ",", strict=True)
    first, names = 1, None
    try:
        for cells in rows:
            line, first = first, rows.line_num + 1
            if not any(cells):
                continue
            if names is None:
                names = _header(table, line, cells)
            elif len(cells) != len(names):
                table.fail(
                    line,
                    f"this row has {len(cells)} cells, the first {len(names)}; is a text without its quotes?",
                )
            else:
                yield line, dict(zip(names, cells, strict=True))
    except csv.Error as error:
        table.fail(first, f"this is not a CSV table: {error}")
    if names is None:
        table.fail(1, "the table is empty; its first row names the columns")


def _text(table: WordingTable) -> str:
    try:
        return table.written.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        table.fail(table.written.count(b"\n", 0, error.start) + 1, ADVICE)


def _header(table: WordingTable, line: int, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    strange = next((name for name in names if name not in COLUMNS), None)
    missing = [name for name in COLUMNS if name in NEEDED and name not in names]
    if missing:
        table.fail(
            line, f"the column {missing[0]!r} is missing; the columns are: {', '.join(COLUMNS)}"
        )
    if strange is not None:
        table.fail(
            line,
            f"the column {_shown(strange)} is not known; the columns are: {', '.join(COLUMNS)}",
        )
    twice = next((name for name in names if names.count(name) > 1), None)
    return names if twice is None else table.fail(line, f"the column {twice!r} stands here twice")


def _places(table: WordingTable, line: int, row: dict[str, str]) -> Iterator[TextPlace]:
    """Where the text of a row belongs: a period or an option may be worded for several items at
    once."""
    word = row["part"].strip()
    if word not in list(WordingPart):
        table.fail(line, f"{_shown(word)} is not a part; parts are: {', '.join(WordingPart)}")
    part, items = WordingPart(word), row["items"].split()
    variant, option = row["variant"].strip(), row["option"].strip()
    if len(items) not in NAMES[part]:
        table.fail(line, f"a row of the part {part} names {SAID[NAMES[part]]}")
    for name, cell, only in (
        ("option", option, WordingPart.OPTION),
        ("variant", variant, WordingPart.ITEM),
    ):
        if cell and part is not only:
            table.fail(line, f"a row of the part {part} has no {name}")
    for code in items:
        _refuse_strange(table, line, TextPlace(part, code, variant, option))
    yield from (TextPlace(part, code, variant, option) for code in items or [""])


def _refuse_strange(table: WordingTable, line: int, place: TextPlace) -> None:
    """Refuse an item, a variant or an option that the instrument does not have."""
    instrument = table.instrument
    item = instrument.by_code.get(place.item)
    if item is None:
        table.fail(line, f"{instrument.code} {instrument.version} has no item {_shown(place.item)}")
    offered = [str(option) for option in item.options]
    if place.part is WordingPart.OPTION and place.option not in offered:
        said = f"{', '.join(offered)}" if offered else "none: it is filled in"
        table.fail(line, f"{item.code} has no option {_shown(place.option)}; it has: {said}")
    if place.part is WordingPart.ITEM and place.variant not in _variants(item):
        known = ", ".join(_variants(item)) or "none: leave the cell empty"
        table.fail(line, f"{item.code} has no variant {_shown(place.variant)}; it has: {known}")


def _checked(table: WordingTable, line: int, text: str) -> str:
    if not text.strip():
        table.fail(
            line, "the text is empty; fill it in, or take the row out if the licensed form has none"
        )
    if UNSHOWABLE.search(text):
        table.fail(line, "the text holds a character that cannot be shown; copy it once more")
    if table.stand_in.banner and table.stand_in.banner in text:
        table.fail(line, "the text is marked as a demo label; here the licensed text is expected")
    return text


def _shown(cell: str) -> str:
    return (
        repr(cell) if LOOKS_A_CODE.fullmatch(cell) else "of that name" if cell else "without a name"
    )
