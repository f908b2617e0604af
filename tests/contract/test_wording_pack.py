"""A pack that does not fit is refused with file, line and reason, and leaves what is installed as
it was."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from proms.content import Shelf, UnsoundContent
from proms.content.wording_pack import KEYS
from proms.content.wording_table import COLUMNS, WordingPart
from proms.settings import HOME
from tests.wordings import LICENSED, OWN, content, filled_in, install, make_pack, rows_of

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
def test_a_template_that_is_filled_in_becomes_a_wording_that_may_be_asked(
    tmp_path, packs, instrument, language
):
    install(make_pack(tmp_path / "made", filled_in(tmp_path, instrument, language)), packs)
    wording = Shelf(OWN, packs).library().wording_to_ask(instrument, language)
    assert (wording.version, wording.licence.reference, wording.banner) == (
        "1",
        "REF-2026-0042",
        None,
    )
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


def rewrite(pack: Path, change: Callable[[dict], object]) -> None:
    path = pack / "manifest.yaml"
    manifest = yaml.safe_load(path.read_text())
    change(manifest)
    path.write_text(yaml.safe_dump(manifest, sort_keys=False))


MANIFEST_FAULTS: list[tuple[Callable[[dict], object], str]] = [
    (lambda all: all.pop("pack"), "manifest.yaml:1: 'pack' is missing"),
    (lambda all: all.update(pack=2), "manifest.yaml:1: this program reads packs of the form 1"),
    (lambda all: all.update(note="x"), "'note' is not known here"),
    (
        lambda all: all.update(instrument="qlq-c31"),
        "manifest.yaml:2: there is no instrument 'qlq-c31' here",
    ),
    (lambda all: all.update(instrument="hsc", version="0.1"), "hsc needs no licensed wording"),
    (
        lambda all: all.update(version="4.0"),
        "manifest.yaml:3: there is no version '4.0' of qlq-c30 here; known are: 3.0",
    ),
    (
        lambda all: all.update(version=3.0),
        "manifest.yaml:3: here a text is expected; put it in quotes",
    ),
    (
        lambda all: all.update(wording="DEMO"),
        "manifest.yaml:4: a version of digits and dots is expected",
    ),
    (lambda all: all.update(wording="1a"), "a version of digits and dots"),
    (lambda all: all.update(wording="1." * 8 + "1"), "at most 16 characters"),
    (
        lambda all: all["licence"].update(licensor="Somebody"),
        "licensed by EORTC Quality of Life Group",
    ),
    (lambda all: all["licence"].pop("reference"), "'reference' is missing"),
    (lambda all: all["licence"].update(reference=" "), "here a text is expected"),
    (
        lambda all: all["licence"].update(granted="vorig jaar"),
        "a date is expected, such as 2026-01-31",
    ),
    (lambda all: all.update(languages={}), "a pack has at least one language"),
    (lambda all: all["languages"].update(de={}), "there is no language 'de' here"),
    (
        lambda all: all["languages"]["nl"].update(file="../nl.csv"),
        "a file name is expected, such as nl.csv",
    ),
    (lambda all: all["languages"]["nl"].update(file="manifest.yaml"), "a file name is expected"),
    (
        lambda all: all["languages"]["nl"].update(file="qlq-c30.en.csv"),
        "each language has a table of its own",
    ),
    (
        lambda all: all["languages"]["nl"].update(file="weg.csv"),
        "qlq-c30.nl.csv:1: manifest.yaml does not name this file",
    ),
    (
        lambda all: all["languages"]["nl"].update(sha256="0" * 64),
        "qlq-c30.nl.csv:1: its checksum is not the one",
    ),
    (lambda all: all["languages"]["nl"].update(sha256="abc"), "64 digits"),
    (
        lambda all: all["languages"].pop("nl"),
        "qlq-c30.nl.csv:1: manifest.yaml does not name this file",
    ),
]


@pytest.mark.parametrize(("change", "reason"), MANIFEST_FAULTS)
def test_a_manifest_that_does_not_fit_is_refused_and_nothing_is_installed(
    pack, packs, change, reason
):
    rewrite(pack, change)
    assert reason in (said := refused(pack, packs))
    assert said.startswith("c30/")


def test_a_missing_table_is_refused(pack, packs):
    (pack / "qlq-c30.nl.csv").unlink()
    assert (
        refused(pack, packs) == "c30/manifest.yaml:14: the file qlq-c30.nl.csv is not in the pack"
    )


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
    table = filled_in(
        tmp_path,
        "qlq-c30",
        text=lambda row, _language: f"anders {row['items'][:3]} {row['option']}",
    )
    assert "is installed with another text or licence" in refused(
        make_pack(tmp_path / "other", table), packs
    )
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
        assert made.stdout == f"Made {tmp_path / out}: qlq-c30 3.0, wording 1 (en, nl).\n", (
            made.stderr
        )
        checked = content("check", str(tmp_path / out))
        assert checked.stdout == "The pack is sound: qlq-c30 3.0, wording 1 (en, nl).\n", (
            checked.stderr
        )
    done = content("install", str(tmp_path / "c30.zip"), packs=packs)
    assert done.stdout.startswith("Installed qlq-c30 3.0, wording 1 (en, nl).")
    once_more = content("install", str(tmp_path / "c30"), packs=packs)
    assert (
        once_more.stdout
        == "qlq-c30 3.0, wording 1 (en, nl) was installed before; nothing changed.\n"
    )
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
        (
            ("--instrument", "hsc"),
            "there is no licensed instrument 'hsc'; there are: eq-5d-5l, qlq-c30",
        ),
        (("-o", "nowhere/at/all.zip"), "there is no folder nowhere/at"),
    ],
)
def test_a_pack_is_not_made_of_what_cannot_be_right(tmp_path, words, reason):
    table = filled_in(tmp_path, "qlq-c30")
    done = content("pack", str(table), *USUAL, "-o", str(tmp_path / "out"), *words)
    assert (done.exit_code, reason in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "out").exists()


def test_the_data_manager_s_page_names_every_part_column_and_key_of_the_format():
    page = (HOME / "docs" / "wording.md").read_text()
    assert [
        word
        for word in (*WordingPart, *COLUMNS)
        if f"`{word}`" not in page and f"| {word} " not in page
    ] == []
    example = yaml.safe_load(page.split("```yaml")[1].split("```")[0].replace("...}", '""}'))
    assert tuple(example) == KEYS
