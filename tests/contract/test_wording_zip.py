"""A zip is a stranger's: what climbs out, links or unpacks without end is refused by name; nothing
is written."""

import shutil
import stat
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proms.content import UnsoundContent
from proms.content.pack_files import MOST_FILES, files_of
from tests.wordings import filled_in, install, make_pack

ENCRYPTED, LZMA = 0x1, 14
LINK, DEVICE = (stat.S_IFLNK | 0o777) << 16, (stat.S_IFCHR | 0o666) << 16


class Entry(NamedTuple):
    """A file of a zip, with what its header claims."""

    name: str
    content: bytes = b"x"
    mode: int = 0
    flags: int = 0
    method: int = zipfile.ZIP_STORED
    packed: bytes | None = None
    size: int | None = None


def zip_of(path: Path, entries: Sequence[Entry]) -> Path:
    """A zip written byte by byte, so that it may lie."""
    body, directory = b"", b""
    for entry in entries:
        name, packed = entry.name.encode(), entry.content if entry.packed is None else entry.packed
        size = len(entry.content) if entry.size is None else entry.size
        sums = (zlib.crc32(entry.content), len(packed), size, len(name))
        fixed = (20, entry.flags, entry.method, 0, 33, *sums, 0)
        directory += (
            struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *fixed, 0, 0, 0, entry.mode, len(body)) + name
        )
        body += struct.pack("<4s5H3L2H", b"PK\3\4", *fixed) + name + packed
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, len(entries), len(entries), len(directory), len(body), 0
    )
    path.write_bytes(body + directory + end)
    return path


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a sound pack."""
    folder = tmp_path_factory.mktemp("sound")
    return files_of(make_pack(folder / "c30", filled_in(folder, "qlq-c30")))


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A shelf with something on it."""
    install(make_pack(tmp_path / "lmc", filled_in(tmp_path, "qlq-lmc21")), tmp_path / "packs")
    return tmp_path / "packs"


def everything(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def refused(archive: Path, packs: Path) -> str:
    before = everything(packs.parent)
    with pytest.raises(UnsoundContent) as fault:
        install(archive, packs)
    assert everything(packs.parent) == before
    assert "\n" not in str(fault.value)
    return str(fault.value)


def plain(sound: dict[str, bytes], prefix: str = "") -> list[Entry]:
    return [Entry(prefix + name, content) for name, content in sound.items()]


OUT = "a name that leads out of the pack is refused"
ATTACKS = [
    (Entry("../../evil.csv"), "evil.zip/../../evil.csv:1: ", OUT),
    (Entry("c30/../../evil.csv"), "evil.zip/c30/../../evil.csv:1: ", OUT),
    (Entry("/etc/cron.d/evil"), "evil.zip/etc/cron.d/evil:1: ", OUT),
    (Entry("..\\evil.csv"), "evil.zip/", OUT),
    (Entry("C:evil.csv"), "evil.zip/C:evil.csv:1: ", OUT),
    (Entry("nl.csv\0.png"), "evil.zip/nl.csv\\x00.png:1: ", OUT),
    (Entry("link.csv", b"/etc/passwd", LINK), "evil.zip/link.csv:1: ", "a link, or another thing"),
    (Entry("null.csv", b"", DEVICE), "evil.zip/null.csv:1: ", "a link, or another thing"),
    (Entry("secret.csv", flags=ENCRYPTED), "evil.zip/secret.csv:1: ", "without a password"),
    (Entry("odd.csv", method=LZMA), "evil.zip/odd.csv:1: ", "make an ordinary zip"),
    (Entry("MANIFEST.yaml"), "evil.zip/MANIFEST.yaml:1: ", "this stands in the zip twice"),
    (Entry("notes/read.me"), "evil.zip/notes/read.me:1: ", "a pack has no folders in it"),
    (Entry("extra.csv"), "evil.zip/extra.csv:1: ", "manifest.yaml does not name this file"),
    (Entry("__MACOSX/../../evil"), "evil.zip/__MACOSX/../../evil:1: ", OUT),
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_zip_with_something_wrong_in_it_is_refused_by_name(tmp_path, packs, sound, attack):
    attack, named, reason = attack
    said = refused(zip_of(tmp_path / "evil.zip", [*plain(sound), attack]), packs)
    assert said.startswith(named)
    assert reason in said


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        (200 * 2**24, "bomb.zip/nl.csv:1: a pack unpacks to at most 4 MB"),
        (100, "bomb.zip:1: this is neither"),
    ],
    ids=["honest", "lying"],
)
def test_a_zip_that_unpacks_to_gigabytes_is_refused_without_unpacking_it(
    tmp_path, packs, size, reason
):
    deflate = zlib.compressobj(9, wbits=-15)
    block = deflate.compress(bytes(16 * 1024 * 1024)) + deflate.flush(zlib.Z_FULL_FLUSH)
    packed = block * 200 + deflate.flush()  # more than three gigabytes of nothing
    bomb = Entry("nl.csv", b"", method=zipfile.ZIP_DEFLATED, packed=packed, size=size)
    archive = zip_of(tmp_path / "bomb.zip", [bomb])
    tracemalloc.start()
    said = refused(archive, packs)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert said.startswith(reason)
    assert most < 64 * 1024 * 1024


def test_a_zip_of_many_files_or_that_is_itself_large_is_refused(tmp_path, packs):
    many = [Entry(f"{number}.csv") for number in range(MOST_FILES + 1)]
    assert "a pack holds at most 20 files" in refused(zip_of(tmp_path / "many.zip", many), packs)
    large = tmp_path / "large.zip"
    large.write_bytes(bytes(5 * 1024 * 1024))
    assert "at most 4 MB" in refused(large, packs)


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all", b"PK\5\6" + bytes(18)])
def test_what_is_no_zip_is_refused(tmp_path, packs, content):
    archive = tmp_path / "odd.zip"
    archive.write_bytes(content)
    assert refused(archive, packs).startswith("odd.zip:1: ")


def test_a_pack_that_is_not_there_is_refused(tmp_path, packs):
    assert refused(tmp_path / "gone.zip", packs) == "gone.zip:1: there is no such pack"


def test_what_macos_adds_and_one_folder_around_it_all_are_no_hindrance(tmp_path, packs, sound):
    droppings = [
        Entry("c30/", b""),
        Entry("c30/.DS_Store"),
        Entry("__MACOSX/", b""),
        Entry("__MACOSX/c30/._nl.csv"),
    ]
    assert install(zip_of(tmp_path / "mac.zip", [*droppings, *plain(sound, "c30/")]), packs)
    folder = tmp_path / "folder" / "c30"
    folder.mkdir(parents=True)
    (folder / ".DS_Store").write_bytes(b"x")
    for name, content in sound.items():
        (folder / name).write_bytes(content)
    assert not install(tmp_path / "folder", packs)


def test_a_folder_with_a_link_or_a_large_file_in_it_is_refused(tmp_path, packs, sound):
    folder = tmp_path / "c30"
    folder.mkdir()
    for name, content in sound.items():
        (folder / name).write_bytes(content)
    (folder / "link.csv").symlink_to("/etc/passwd")
    assert refused(folder, packs).startswith("c30/link.csv:1: a link")
    (folder / "link.csv").unlink()
    (folder / "deep").symlink_to("/etc")
    assert refused(folder, packs).startswith("c30/deep:1: a link")
    (folder / "deep").unlink()
    (folder / "large.csv").write_bytes(bytes(5 * 1024 * 1024))
    assert refused(folder, packs) == "c30/large.csv:1: a pack unpacks to at most 4 MB"


@settings(max_examples=300, deadline=None)
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=4
    )
)
def test_a_damaged_zip_is_refused_or_read_and_never_ends_in_a_crash(tmp_path_factory, sound, cuts):
    folder = tmp_path_factory.mktemp("damaged")
    archive = zip_of(
        folder / "c30.zip",
        [Entry("manifest.yaml", sound["manifest.yaml"]), Entry("nl.csv", b"x" * 900)],
    )
    content = bytearray(archive.read_bytes())
    for place, bytes_ in cuts:
        content[place : place + len(bytes_)] = bytes_
    archive.write_bytes(content)
    try:
        files_of(archive)
    except UnsoundContent:
        pass
    finally:
        shutil.rmtree(folder)
