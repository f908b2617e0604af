"""The shelf: what is installed while processes run is seen, and what is unsound or away leaves
patients their words."""

import shutil
from pathlib import Path

import pytest
import structlog

from proms.content import Shelf, UnsoundContent
from tests.wordings import OWN, content, filled_in, install, make_pack

SECRET = "Verzonnen zin die nergens in een log hoort"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    return tmp_path / "packs"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A sound pack of the QLQ-C30."""
    return make_pack(tmp_path / "c30", filled_in(tmp_path, "qlq-c30"))


def test_an_unsound_pack_on_the_shelf_stops_the_start_with_its_line(pack, packs):
    install(pack, packs)
    table = next(packs.glob("*/qlq-c30.nl.csv"))
    table.write_bytes(table.read_bytes() + b"x")
    with pytest.raises(
        UnsoundContent, match=r"packs/qlq-c30-3.0-1-\w+/qlq-c30.nl.csv:1: its checksum"
    ):
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


def test_an_unsound_pack_that_comes_later_leaves_the_words_there_were_and_no_text_in_the_log(
    pack, packs, tmp_path
):
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
