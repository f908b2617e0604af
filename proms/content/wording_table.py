"""The table a licensed wording is filled in on: one row a text, which is taken as it stands, to the
last blank."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
# Only such a cell is repeated in a fault: never a licensed text.
LOOKS_A_CODE = re.compile(r"[\w.-]{1,24}", re.ASCII)
# No page and no file of another kind can carry these.
UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


class ItemCount(NamedTuple):
    """How many items a row names, and how a fault says so."""

    least: int
    most: int
    named: str


NO_ITEM = ItemCount(0, 0, "no item")
ONE_ITEM = ItemCount(1, 1, "one item")
ANY_ITEMS = ItemCount(0, 999, "items")
OFFERING_ITEMS = ItemCount(1, 999, "the items that offer it")
ITEM_COUNTS = {
    WordingPart.TITLE: NO_ITEM,
    WordingPart.SHORT_TITLE: NO_ITEM,
    WordingPart.HEAD: NO_ITEM,
    WordingPart.RECALL: ANY_ITEMS,
    WordingPart.ITEM: ONE_ITEM,
    WordingPart.HINT: ONE_ITEM,
    WordingPart.OPTION: OFFERING_ITEMS,
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

    def fail(self, line: int, reason: str) -> NoReturn:
        raise UnsoundContent(self.named, line, reason)


def read_table(table: WordingTable) -> Mapping[TextPlace, str]:
    """Every text of the table in its place; raises UnsoundContent with line and reason."""
    texts: dict[TextPlace, str] = {}
    lines: dict[TextPlace, int] = {}
    for line, row in _rows(table):
        for place in _places(table, line, row):
            if place in texts:
                reason = f"{place} stands here twice; its first text is on line {lines[place]}"
                table.fail(line, reason)
            texts[place] = _checked(table, line, row["text"])
            lines[place] = line
    _refuse_missing(table, texts)
    labels = _labels(table.instrument, table.stand_in)
    if all(texts[place] == label for place, label in labels.items()):
        table.fail(1, "these are the neutral labels of the demo, not the licensed questions")
    return texts


def needed(instrument: Instrument) -> Iterator[TextPlace]:
    """Every place that a wording must fill, in the order of the questionnaire."""
    yield TextPlace(WordingPart.TITLE)
    yield TextPlace(WordingPart.SHORT_TITLE)
    for item in instrument.items:
        for variant in _variants(item):
            yield TextPlace(WordingPart.ITEM, item.code, variant)
        for option in item.options:
            yield TextPlace(WordingPart.OPTION, item.code, option=str(option))


def template(instrument: Instrument, stand_in: Wording, *, excel: bool) -> str:
    """The table to fill in, with our labels beside the empty texts; `excel` as Excel opens it in a
    Dutch Windows."""
    out = io.StringIO()
    if excel:
        out.write("\ufeff")
        table = csv.writer(out, delimiter=";", lineterminator="\r\n")
    else:
        table = csv.writer(out, delimiter=",", lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerow((WordingPart.TITLE, "", "", "", stand_in.title, ""))
    table.writerow((WordingPart.SHORT_TITLE, "", "", "", stand_in.short_title, ""))
    table.writerow((WordingPart.HEAD, "", "", "", "", ""))
    table.writerow((WordingPart.RECALL, " ".join(instrument.by_code), "", "", stand_in.recall, ""))
    for place, label in _labels(instrument, stand_in).items():
        table.writerow((WordingPart.ITEM, place.item, place.variant, "", label, ""))
    for options, items in _shared_options(instrument, stand_in):
        for option, label in options.items():
            table.writerow((WordingPart.OPTION, " ".join(items), "", option, label, ""))
    return out.getvalue()


def _refuse_missing(table: WordingTable, texts: Mapping[TextPlace, str]) -> None:
    missing = [place for place in needed(table.instrument) if place not in texts]
    if not missing:
        return
    reason = f"there is no text for {missing[0]}"
    if len(missing) > 1:
        reason += f", and {len(missing) - 1} more"
    table.fail(1, reason)


def _labels(instrument: Instrument, stand_in: Wording) -> dict[TextPlace, str]:
    """Our neutral labels of the items, in the places where the licensed texts belong."""
    labels = {}
    for item in instrument.items:
        if not item.variants:
            labels[TextPlace(WordingPart.ITEM, item.code)] = stand_in.items[item.code]
        for variant in item.variants:
            label = stand_in.variants[item.code][variant.code]
            labels[TextPlace(WordingPart.ITEM, item.code, variant.code)] = label
    return labels


def _shared_options(
    instrument: Instrument, stand_in: Wording
) -> Iterator[tuple[Mapping[str, str], list[str]]]:
    """The options with our labels, and all items that offer them in the same words."""
    items_by_name: dict[str, list[str]] = {}
    for item in instrument.items:
        if item.options:
            # Answers that an item does not share go under the code of that item.
            name = stand_in.sharing.get(item.code, item.code)
            items_by_name.setdefault(name, []).append(item.code)
    for items in items_by_name.values():
        yield stand_in.options[items[0]], items


def _variants(item: Item) -> list[str]:
    """The codes of an item's variants; one empty code for an item that has none."""
    if not item.variants:
        return [""]
    return [variant.code for variant in item.variants]


def _rows(table: WordingTable) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with the line it begins on; rows that a spreadsheet left empty are no rows."""
    rows = _filled_rows(table)
    header = next(rows, None)
    if header is None:
        table.fail(1, "the table is empty; its first row names the columns")
    names = _column_names(table, *header)
    for line, cells in rows:
        if len(cells) != len(names):
            table.fail(
                line,
                f"this row has {len(cells)} cells, the first {len(names)}; is a text without its quotes?",
            )
        yield line, dict(zip(names, cells, strict=True))


def _filled_rows(table: WordingTable) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(table)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    # A cell may go over several lines, and `line_num` is the last line of a row. The next row, or a
    # fault in it, begins on the line after that.
    begins = 1
    try:
        for cells in rows:
            if any(cells):
                yield begins, cells
            begins = rows.line_num + 1
    except csv.Error as error:
        table.fail(begins, f"this is not a CSV table: {error}")


def _delimiter(text: str) -> str:
    """The semicolon of a Dutch Excel, if the first line has enough of them; else the comma."""
    first_line = re.split("[\r\n]", text, maxsplit=1)[0]
    return ";" if first_line.count(";") >= len(NEEDED) - 1 else ","


def _decoded(table: WordingTable) -> str:
    try:
        return table.written.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        table.fail(table.written.count(b"\n", 0, error.start) + 1, ADVICE)


def _column_names(table: WordingTable, line: int, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    columns = ", ".join(COLUMNS)
    for name in COLUMNS:
        if name in NEEDED and name not in names:
            table.fail(line, f"the column {name!r} is missing; the columns are: {columns}")
    for name in names:
        if name not in COLUMNS:
            table.fail(line, f"the column {_shown(name)} is not known; the columns are: {columns}")
    for name in names:
        if names.count(name) > 1:
            table.fail(line, f"the column {name!r} stands here twice")
    return names


def _places(table: WordingTable, line: int, row: dict[str, str]) -> list[TextPlace]:
    """Where the text of a row belongs: a period or an option may be worded for several items at
    once."""
    word = row["part"].strip()
    if word not in list(WordingPart):
        table.fail(line, f"{_shown(word)} is not a part; parts are: {', '.join(WordingPart)}")
    part = WordingPart(word)
    items = row["items"].split()
    variant = row["variant"].strip()
    option = row["option"].strip()
    count = ITEM_COUNTS[part]
    if not count.least <= len(items) <= count.most:
        table.fail(line, f"a row of the part {part} names {count.named}")
    if option and part is not WordingPart.OPTION:
        table.fail(line, f"a row of the part {part} has no option")
    if variant and part is not WordingPart.ITEM:
        table.fail(line, f"a row of the part {part} has no variant")
    places = [TextPlace(part, item, variant, option) for item in items]
    for place in places:
        _refuse_strange(table, line, place)
    return places or [TextPlace(part)]


def _refuse_strange(table: WordingTable, line: int, place: TextPlace) -> None:
    """Refuse an item, a variant or an option that the instrument does not have."""
    instrument = table.instrument
    item = instrument.by_code.get(place.item)
    if item is None:
        table.fail(line, f"{instrument.code} {instrument.version} has no item {_shown(place.item)}")
    options = [str(option) for option in item.options]
    if place.part is WordingPart.OPTION and place.option not in options:
        has = ", ".join(options) or "none: it is filled in"
        table.fail(line, f"{item.code} has no option {_shown(place.option)}; it has: {has}")
    variants = _variants(item)
    if place.part is WordingPart.ITEM and place.variant not in variants:
        has = ", ".join(variants) or "none: leave the cell empty"
        table.fail(line, f"{item.code} has no variant {_shown(place.variant)}; it has: {has}")


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
    """A cell as a fault may name it."""
    if not cell:
        return "without a name"
    if not LOOKS_A_CODE.fullmatch(cell):
        return "of that name"
    return repr(cell)
