"""A pack that does not fit is refused with file, line and reason, and leaves what is installed as it was."""

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
import yaml

from proms.content import Shelf, UnsoundContent
from tests.wordings import LICENSED, OWN, Row, content, filled_in, install, make_pack, rows_of, write_table

SECRET = "Verzonnen zin die nergens in een log hoort"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    return tmp_path / "packs"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A sound pack of the QLQ-C30 in two languages, as a folder."""
    tables = [filled_in(tmp_path, "qlq-c30", language) for language in ("nl", "en")]
    return make_pack(tmp_path / "c30", *tables)


def lines(packs: Path) -> list[str]:
    return sorted(str(path.relative_to(packs)) for path in packs.rglob("*") if path.name != ".lock")


def refused(pack: Path, packs: Path) -> str:
    """The line that an install is refused with; nothing is written."""
    before = lines(packs)
    with pytest.raises(UnsoundContent) as fault:
        install(pack, packs)
    assert lines(packs) == before
    assert "\n" not in str(fault.value)
    return str(fault.value)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("instrument", LICENSED)
def test_a_template_that_is_filled_in_becomes_a_wording_that_may_be_asked(tmp_path, packs, instrument, language):
    install(make_pack(tmp_path / "made", filled_in(tmp_path, instrument, language)), packs)
    wording = Shelf(OWN, packs).library().wording_to_ask(instrument, language)
    assert (wording.version, wording.licence.reference, wording.banner) == ("1", "REF-2026-0042", None)
    known = OWN.instrument(instrument)
    assert list(wording.items) == list(known.by_code)
    assert {code: len(words) for code, words in wording.options.items()} == {
        item.code: len(item.options) for item in known.items if item.options
    }


def test_what_is_installed_is_asked_in_that_language_only(tmp_path, packs):
    install(make_pack(tmp_path / "made", filled_in(tmp_path, "qlq-c30")), packs)
    library = Shelf(OWN, packs).library()
    assert library.offers("qlq-c30", "nl")
    assert not library.offers("qlq-c30", "en")
    assert library.unlicensed["qlq-c30"] == ["en"]


def test_the_stoma_words_and_the_others_each_reach_their_variant(tmp_path, packs):
    install(make_pack(tmp_path / "made", filled_in(tmp_path, "qlq-cr29")), packs)
    wording = Shelf(OWN, packs).library().wording("qlq-cr29", "nl")
    assert wording.variants["q49"] == {
        "stoma": "[nl] verzonnen item q49 stoma",
        "no_stoma": "[nl] verzonnen item q49 no_stoma",
    }
    assert wording.items["q49"] == "[nl] verzonnen item q49 no_stoma"


def test_a_period_is_shown_with_the_items_that_ask_about_it_and_no_others(tmp_path, packs):
    rows = [row | {"text": f"verzonnen {number}"} for number, row in enumerate(rows_of("qlq-c30", "nl"))]
    rows = [row | ({"items": "q6 q7"} if row["part"] == "recall" else {}) for row in rows]
    install(make_pack(tmp_path / "made", write_table(tmp_path / "qlq-c30.nl.csv", rows)), packs)
    instrument, wording = OWN.instrument("qlq-c30"), Shelf(OWN, packs).library().wording("qlq-c30", "nl")
    shown = [item.code for item in instrument.items if wording.recall_of(item)]
    assert shown == ["q6", "q7"]


@pytest.mark.parametrize("how", [{}, {"delimiter": ";"}, {"lineterminator": "\n"}, {"quoting": csv.QUOTE_ALL}])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
def test_every_way_a_spreadsheet_saves_it_is_read_alike(tmp_path, packs, how, mark):
    table = filled_in(tmp_path, "qlq-c30", text=lambda row, _language: f'"Ja; nee,\nof"  {row["option"]} ', **how)
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
    return lambda rows: [row | ({column: value} if line == at else {}) for line, row in enumerate(rows, start=2)]


def again(at: int) -> Change:
    return lambda rows: [*rows, rows[at - 2]]


# Of the QLQ-C30: line 2 the title, 5 the period, 6 to 35 the items, 36 to 39 the options of q1 to q28.
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
    (changed("text", "Demolabel, niet de gelicenseerde vraag", at=7), 7, "is marked as a demo label"),
]


@pytest.mark.parametrize(("change", "line", "reason"), TABLE_FAULTS)
def test_a_table_that_does_not_fit_is_refused_with_file_line_and_reason(tmp_path, change, line, reason):
    rows = [row | {"text": f"verzonnen {number}"} for number, row in enumerate(rows_of("qlq-c30", "nl"))]
    table = write_table(tmp_path / "qlq-c30.nl.csv", change(rows))
    with pytest.raises(UnsoundContent) as fault:
        make_pack(tmp_path / "out", table)
    assert str(fault.value).startswith(f"qlq-c30.nl.csv:{line}: ")
    assert reason in str(fault.value)
    assert SECRET not in str(fault.value)
    assert not (tmp_path / "out").exists()


def test_an_unknown_variant_is_refused_with_those_there_are(tmp_path):
    rows = [row | {"text": f"verzonnen {number}"} for number, row in enumerate(rows_of("qlq-cr29", "nl"))]
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
        (b"part,items,variant,option,about,text\r\ntitle,,,,,een, twee\r\n", "2: this row has 7 cells, the first 6"),
        (b'part,items,variant,option,about,text\r\ntitle,,,,,"een\r\ntwee', "2: this is not a CSV table"),
        (
            "part,items,variant,option,about,text\r\ntitle,,,,,één\r\n".encode("cp1252"),
            "2: this is not UTF-8 text; in Excel",
        ),
        ("part,items,variant,option,about,text\r\n".encode("utf-16"), "1: this is not UTF-8 text; in Excel"),
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


def rewrite(pack: Path, change: Callable[[dict], object]) -> None:
    path = pack / "manifest.yaml"
    manifest = yaml.safe_load(path.read_text())
    change(manifest)
    path.write_text(yaml.safe_dump(manifest, sort_keys=False))


MANIFEST_FAULTS: list[tuple[Callable[[dict], object], str]] = [
    (lambda all: all.pop("pack"), "manifest.yaml:1: 'pack' is missing"),
    (lambda all: all.update(pack=2), "manifest.yaml:1: this program reads packs of the form 1"),
    (lambda all: all.update(note="x"), "'note' is not known here"),
    (lambda all: all.update(instrument="qlq-c31"), "manifest.yaml:2: there is no instrument 'qlq-c31' here"),
    (lambda all: all.update(instrument="hsc", version="0.1"), "hsc needs no licensed wording"),
    (
        lambda all: all.update(version="4.0"),
        "manifest.yaml:3: there is no version '4.0' of qlq-c30 here; known are: 3.0",
    ),
    (lambda all: all.update(version=3.0), "manifest.yaml:3: here a text is expected; put it in quotes"),
    (lambda all: all.update(wording="DEMO"), "manifest.yaml:4: a version of digits and dots is expected"),
    (lambda all: all.update(wording="1a"), "a version of digits and dots"),
    (lambda all: all.update(wording="1." * 8 + "1"), "at most 16 characters"),
    (lambda all: all["licence"].update(licensor="Somebody"), "licensed by EORTC Quality of Life Group"),
    (lambda all: all["licence"].pop("reference"), "'reference' is missing"),
    (lambda all: all["licence"].update(reference=" "), "here a text is expected"),
    (lambda all: all["licence"].update(granted="vorig jaar"), "a date is expected, such as 2026-01-31"),
    (lambda all: all.update(languages={}), "a pack has at least one language"),
    (lambda all: all["languages"].update(de={}), "there is no language 'de' here"),
    (lambda all: all["languages"]["nl"].update(file="../nl.csv"), "a file name is expected, such as nl.csv"),
    (lambda all: all["languages"]["nl"].update(file="manifest.yaml"), "a file name is expected"),
    (lambda all: all["languages"]["nl"].update(file="qlq-c30.en.csv"), "each language has a table of its own"),
    (
        lambda all: all["languages"]["nl"].update(file="weg.csv"),
        "qlq-c30.nl.csv:1: manifest.yaml does not name this file",
    ),
    (lambda all: all["languages"]["nl"].update(sha256="0" * 64), "qlq-c30.nl.csv:1: its checksum is not the one"),
    (lambda all: all["languages"]["nl"].update(sha256="abc"), "64 digits"),
    (lambda all: all["languages"].pop("nl"), "qlq-c30.nl.csv:1: manifest.yaml does not name this file"),
]


@pytest.mark.parametrize(("change", "reason"), MANIFEST_FAULTS)
def test_a_manifest_that_does_not_fit_is_refused_and_nothing_is_installed(pack, packs, change, reason):
    rewrite(pack, change)
    assert reason in (said := refused(pack, packs))
    assert said.startswith("c30/")


def test_a_missing_table_is_refused(pack, packs):
    (pack / "qlq-c30.nl.csv").unlink()
    assert refused(pack, packs) == "c30/manifest.yaml:14: the file qlq-c30.nl.csv is not in the pack"


def test_a_table_that_was_changed_after_the_pack_was_made_is_refused(pack, packs):
    (pack / "qlq-c30.en.csv").write_bytes((pack / "qlq-c30.en.csv").read_bytes() + b"\r\n")
    assert "its checksum is not the one in manifest.yaml" in refused(pack, packs)


def test_installing_the_same_once_more_changes_nothing(pack, packs, tmp_path):
    install(pack, packs)
    before = lines(packs)
    assert not install(pack, packs)
    assert not install(make_pack(tmp_path / "alone", filled_in(tmp_path, "qlq-c30", "en")), packs)
    assert lines(packs) == before


def test_other_words_need_another_wording_version(pack, packs, tmp_path):
    install(pack, packs)
    table = filled_in(tmp_path, "qlq-c30", text=lambda row, _language: f"anders {row['items'][:3]} {row['option']}")
    assert "is installed with another text or licence" in refused(make_pack(tmp_path / "other", table), packs)
    install(make_pack(tmp_path / "newer", table, wording="1.1"), packs)
    library = Shelf(OWN, packs).library()
    assert library.wording("qlq-c30", "nl").version == "1.1"
    assert library.wording("qlq-c30", "nl", wording="1").items["q1"] == "[nl] verzonnen item q1"
    assert library.wording("qlq-c30", "en").version == "1"


def test_another_language_of_the_same_wording_comes_beside_it(packs, tmp_path):
    for language in ("nl", "en"):
        install(make_pack(tmp_path / language, filled_in(tmp_path, "qlq-c30", language)), packs)
    assert "qlq-c30" not in Shelf(OWN, packs).library().unlicensed


USUAL = ("--licence", "X", "--granted", "2026-01-01", "--wording", "1")


def test_the_commands_take_a_table_from_the_template_to_the_shelf(tmp_path, packs):
    empty = content("template", "qlq-c30", "--language", "nl").stdout
    assert list(csv.DictReader(io.StringIO(empty, newline=""))) == rows_of("qlq-c30", "nl")
    tables = [str(filled_in(tmp_path, "qlq-c30", language)) for language in ("nl", "en")]
    for out in ("c30.zip", "c30"):
        made = content("pack", *tables, *USUAL, "-o", str(tmp_path / out))
        assert made.stdout == f"Made {tmp_path / out}: qlq-c30 3.0, wording 1 (en, nl).\n", made.stderr
        checked = content("check", str(tmp_path / out))
        assert checked.stdout == "The pack is sound: qlq-c30 3.0, wording 1 (en, nl).\n", checked.stderr
    done = content("install", str(tmp_path / "c30.zip"), packs=packs)
    assert done.stdout.startswith("Installed qlq-c30 3.0, wording 1 (en, nl).")
    once_more = content("install", str(tmp_path / "c30"), packs=packs)
    assert once_more.stdout == "qlq-c30 3.0, wording 1 (en, nl) was installed before; nothing changed.\n"
    over = content("pack", *tables, *USUAL, "-o", str(tmp_path / "c30"))
    assert (over.exit_code, "is there already; nothing is written over" in over.stderr) == (2, True)
    here = content("check", packs=packs)
    assert (here.exit_code, here.stdout) == (0, "The content is sound.\n")
    assert here.stderr.startswith(
        "proms: Not asked outside the demo, for want of a licensed wording: eq-5d-5l (nl, en)"
    )
    assert "qlq-c30" not in here.stderr


def test_a_refused_pack_is_one_line_and_exit_code_2(pack, packs):
    (pack / "qlq-c30.en.csv").write_bytes(b"")
    for words in (("check", str(pack)), ("install", str(pack))):
        done = content(*words, packs=packs)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert done.stderr.startswith("proms: c30/qlq-c30.en.csv:1: its checksum")
    assert lines(packs) == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--wording", "DEMO"), "a version of digits and dots is expected"),
        (("--granted", "2999-01-01"), "a licence granted on 2999-01-01 is not in force yet"),
        (("--licence", " "), "here a text is expected"),
        (("--instrument", "hsc"), "there is no licensed instrument 'hsc'; there are: eq-5d-5l, qlq-c30"),
        (("-o", "nowhere/at/all.zip"), "there is no folder nowhere/at"),
    ],
)
def test_a_pack_is_not_made_of_what_cannot_be_right(tmp_path, words, reason):
    table = filled_in(tmp_path, "qlq-c30")
    done = content("pack", str(table), *USUAL, "-o", str(tmp_path / "out"), *words)
    assert (done.exit_code, reason in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "out").exists()


def test_an_unsound_pack_on_the_shelf_stops_the_start_with_its_line(pack, packs):
    install(pack, packs)
    table = next(packs.glob("*/qlq-c30.nl.csv"))
    table.write_bytes(table.read_bytes() + b"x")
    with pytest.raises(UnsoundContent, match=r"packs/qlq-c30-3.0-1-\w+/qlq-c30.nl.csv:1: its checksum"):
        Shelf(OWN, packs)
    assert content("check", packs=packs).exit_code == 2


def test_a_shelf_sees_what_is_installed_while_it_stands(pack, packs):
    shelf = Shelf(OWN, packs)
    before = shelf.library()
    assert not before.offers("qlq-c30", "nl")
    assert shelf.library() is before
    install(pack, packs)
    assert shelf.library().offers("qlq-c30", "nl")
    assert shelf.library() is shelf.library()


def test_an_unsound_pack_that_comes_later_leaves_the_words_there_were_and_no_text_in_the_log(pack, packs, tmp_path):
    install(pack, packs)
    shelf = Shelf(OWN, packs)
    held = shelf.library()
    bad = packs / "qlq-c30-3.0-2-bad"
    shutil.copytree(pack, bad)
    (bad / "manifest.yaml").write_text(f"pack: 1\n{SECRET}: 1\n")
    with structlog.testing.capture_logs() as logged:
        assert shelf.library() is held
        assert shelf.library() is held
    assert [(each["event"], each["line"]) for each in logged] == [("wordings_not_renewed", 1)]
    assert SECRET not in str(logged)


def test_a_shelf_that_is_away_for_a_while_takes_no_licence_back(pack, packs):
    install(pack, packs)
    shelf = Shelf(OWN, packs)
    packs.rename(packs.with_name("away"))
    with structlog.testing.capture_logs():
        assert shelf.library().offers("qlq-c30", "nl")
        assert shelf.library().offers("qlq-c30", "nl")
    packs.with_name("away").rename(packs)
    assert shelf.library().offers("qlq-c30", "nl")
    for each in packs.glob("qlq-*"):
        shutil.rmtree(each)
    assert not shelf.library().offers("qlq-c30", "nl")
