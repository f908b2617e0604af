"""The table of a licensed wording: read however a spreadsheet saved it, refused with file, line and
reason."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from proms.content import Shelf, UnsoundContent
from tests.wordings import OWN, Row, content, filled_in, install, make_pack, rows_of, write_table

SECRET = "Verzonnen zin die nergens in een regel hoort"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    return tmp_path / "packs"


def test_a_period_is_shown_with_the_items_that_ask_about_it_and_no_others(tmp_path, packs):
    rows = [
        row | {"text": f"verzonnen {number}"} for number, row in enumerate(rows_of("qlq-c30", "nl"))
    ]
    rows = [row | ({"items": "q6 q7"} if row["part"] == "recall" else {}) for row in rows]
    install(make_pack(tmp_path / "made", write_table(tmp_path / "qlq-c30.nl.csv", rows)), packs)
    instrument, wording = (
        OWN.instrument("qlq-c30"),
        Shelf(OWN, packs).library().wording("qlq-c30", "nl"),
    )
    shown = [item.code for item in instrument.items if wording.recall_of(item)]
    assert shown == ["q6", "q7"]


@pytest.mark.parametrize(
    "how", [{}, {"delimiter": ";"}, {"lineterminator": "\n"}, {"quoting": csv.QUOTE_ALL}]
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
def test_every_way_a_spreadsheet_saves_it_is_read_alike(tmp_path, packs, how, mark):
    table = filled_in(
        tmp_path, "qlq-c30", text=lambda row, _language: f'"Ja; nee,\nof"  {row["option"]} ', **how
    )
    table.write_bytes(mark + table.read_bytes())
    install(make_pack(tmp_path / "made", table), packs)
    wording = Shelf(OWN, packs).library().wording("qlq-c30", "nl")
    assert wording.items["q1"] == '"Ja; nee,\nof"   '
    assert wording.options["q1"]["2"] == '"Ja; nee,\nof"  2 '


def test_the_template_for_a_dutch_excel_is_read_back(tmp_path):
    table = content("template", "qlq-c30", "--language", "nl", "--excel").stdout_bytes
    assert table.startswith(b"\xef\xbb\xbfpart;items;")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows == rows_of("qlq-c30", "nl")


def test_empty_rows_are_no_rows(tmp_path):
    table = filled_in(tmp_path, "qlq-c30")
    table.write_bytes(table.read_bytes() + b",,,,,\r\n\r\n")
    make_pack(tmp_path / "made", table)


Change = Callable[[list[Row]], list[Row]]


def without(part: str, items: str = "") -> Change:
    return lambda rows: [row for row in rows if (row["part"], row["items"]) != (part, items)]


def changed(column: str, value: str, *, at: int = 5) -> Change:
    """The row on this line of the file (the first row is its header) with another cell."""
    return lambda rows: [
        row | ({column: value} if line == at else {}) for line, row in enumerate(rows, start=2)
    ]


def again(at: int) -> Change:
    return lambda rows: [*rows, rows[at - 2]]


# Of the QLQ-C30: line 2 the title, 5 the period, 6 to 35 the items, 36 to 39 the options of q1 to
# q28.
TABLE_FAULTS = [
    (without("title"), 1, "there is no text for title"),
    (without("short_title"), 1, "there is no text for short_title"),
    (without("item", "q7"), 1, "there is no text for item q7"),
    (without("option", "q29 q30"), 1, "there is no text for option q29 1, and 13 more"),
    (again(6), 43 + 4, "item q1 stands here twice; its first text is on line 6"),
    (changed("part", "title"), 5, "a row of the part title names no item"),
    (changed("part", "titel"), 5, "'titel' is not a part; parts are: title, short_title"),
    (changed("part", SECRET), 5, "of that name is not a part"),
    (changed("items", "q31", at=6), 6, "qlq-c30 3.0 has no item 'q31'"),
    (changed("items", "q1 q2", at=6), 6, "a row of the part item names one item"),
    (changed("items", "", at=6), 6, "a row of the part item names one item"),
    (changed("items", "q1 q1 q2", at=36), 36, "option q1 1 stands here twice"),
    (changed("items", "", at=36), 36, "a row of the part option names the items that offer it"),
    (changed("items", "q1 q29", at=36), 40, "option q29 1 stands here twice"),
    (changed("variant", "stoma", at=6), 6, "q1 has no variant 'stoma'; it has: none"),
    (changed("variant", "stoma", at=36), 36, "a row of the part option has no variant"),
    (changed("option", "5", at=36), 36, "q1 has no option '5'; it has: 1, 2, 3, 4"),
    (changed("option", "", at=36), 36, "q1 has no option without a name"),
    (changed("option", "1", at=6), 6, "a row of the part item has no option"),
    (changed("text", "", at=7), 7, "the text is empty"),
    (changed("text", " \u00a0\n", at=7), 7, "the text is empty"),
    (changed("text", "een\x00twee", at=7), 7, "a character that cannot be shown"),
    (
        changed("text", "Voorbeeldtekst, niet de officiële vraag", at=7),
        7,
        "is marked as a demo label",
    ),
]


@pytest.mark.parametrize(("change", "line", "reason"), TABLE_FAULTS)
def test_a_table_that_does_not_fit_is_refused_with_file_line_and_reason(
    tmp_path, change, line, reason
):
    rows = [
        row | {"text": f"verzonnen {number}"} for number, row in enumerate(rows_of("qlq-c30", "nl"))
    ]
    table = write_table(tmp_path / "qlq-c30.nl.csv", change(rows))
    with pytest.raises(UnsoundContent) as fault:
        make_pack(tmp_path / "out", table)
    assert str(fault.value).startswith(f"qlq-c30.nl.csv:{line}: ")
    assert reason in str(fault.value)
    assert SECRET not in str(fault.value)
    assert not (tmp_path / "out").exists()


def test_an_unknown_variant_is_refused_with_those_there_are(tmp_path):
    rows = [
        row | {"text": f"verzonnen {number}"}
        for number, row in enumerate(rows_of("qlq-cr29", "nl"))
    ]
    place = next(place for place, row in enumerate(rows) if row["variant"] == "stoma")
    rows[place]["variant"] = "bag"
    with pytest.raises(UnsoundContent, match="q49 has no variant 'bag'; it has: stoma, no_stoma"):
        make_pack(tmp_path / "made", write_table(tmp_path / "qlq-cr29.nl.csv", rows))


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (b"", "1: the table is empty"),
        (b"part,items,variant,option,about\r\n", "1: the column 'text' is missing"),
        (b"part,items,variant,option,about,text,note\r\n", "1: the column 'note' is not known"),
        (b"part,items,variant,option,text,text\r\n", "1: the column 'text' stands here twice"),
        (
            b"part,items,variant,option,about,text\r\ntitle,,,,,een, twee\r\n",
            "2: this row has 7 cells, the first 6",
        ),
        (
            b'part,items,variant,option,about,text\r\ntitle,,,,,"een\r\ntwee',
            "2: this is not a CSV table",
        ),
        (
            "part,items,variant,option,about,text\r\ntitle,,,,,één\r\n".encode("cp1252"),
            "2: this is not UTF-8 text; in Excel",
        ),
        (
            "part,items,variant,option,about,text\r\n".encode("utf-16"),
            "1: this is not UTF-8 text; in Excel",
        ),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, written, reason):
    table = tmp_path / "qlq-c30.nl.csv"
    table.write_bytes(written)
    with pytest.raises(UnsoundContent, match=f"qlq-c30.nl.csv:{reason}"):
        make_pack(tmp_path / "made", table)


def test_our_own_labels_are_not_taken_for_the_licensed_questions(tmp_path):
    table = filled_in(tmp_path, "qlq-c30", text=lambda row, _language: row["about"] or "verzonnen")
    with pytest.raises(UnsoundContent, match="neutral labels of the demo"):
        make_pack(tmp_path / "made", table)
