"""Takes the files out of a folder or a zip that somebody hands over: all in memory, and nothing
that could do harm."""

import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from proms.content.source import UnsoundContent

MOST_FILES = 20
MOST_BYTES = 4 * 1024 * 1024
DROPPINGS = re.compile(r"(.*/)?(__MACOSX(/.*)?|\.DS_Store|\._[^/]*)")  # what macOS adds by itself
LONGEST_SHOWN = 80
ENCRYPTED = 0x1
# The other methods cannot be unpacked piece by piece.
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
NO_PLAIN_FILE = "a link, or another thing that is no plain file, is refused"
TOO_MUCH = f"a pack unpacks to at most {MOST_BYTES // 1024 // 1024} MB"


def files_of(path: Path, named: Path | None = None) -> dict[str, bytes]:
    """Name -> content of a pack, in a folder or a zip; raises UnsoundContent with the name of what
    is refused."""
    shown = named or Path(path.name)
    read_files = _in_folder if path.is_dir() else _in_zip
    try:
        files = dict(read_files(path, shown))
    except FileNotFoundError:
        raise UnsoundContent(shown, 1, "there is no such pack") from None
    except OSError as error:
        raise UnsoundContent(shown, 1, f"this cannot be read: {error.strerror}") from None
    return _without_enclosing(files, shown)


def _in_folder(folder: Path, shown: Path) -> Iterator[tuple[str, bytes]]:
    left = MOST_BYTES
    count = 0
    for parent, folders, names in os.walk(folder, onerror=_raise):
        for name in sorted([*folders, *names]):
            path = Path(parent) / name
            inside = path.relative_to(folder)
            count = _counted(count, shown)
            # `lstat` looks at a link itself, which may lead out of the pack.
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode) or DROPPINGS.fullmatch(inside.as_posix()):
                continue
            if not stat.S_ISREG(mode):
                raise UnsoundContent(shown / inside, 1, NO_PLAIN_FILE)
            # One byte more than there is room for tells a file that is too large.
            with path.open("rb") as file:
                content = file.read(left + 1)
            left = _spent(left, content, shown / inside)
            yield inside.as_posix(), content


def _in_zip(path: Path, shown: Path) -> Iterator[tuple[str, bytes]]:
    if path.stat().st_size > MOST_BYTES:
        raise UnsoundContent(shown, 1, TOO_MUCH)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _refuse_harmful(entries, shown)
            left = MOST_BYTES
            for entry in entries:
                if entry.is_dir() or DROPPINGS.fullmatch(entry.filename):
                    continue
                # What the header says of the size may be a lie: no more is unpacked than there is
                # room for.
                with archive.open(entry) as file:
                    content = file.read(left + 1)
                left = _spent(left, content, shown / entry.filename)
                yield entry.filename, content
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        reason = f"this is neither a folder nor a sound zip: {error}"
        raise UnsoundContent(shown, 1, reason) from None


def _refuse_harmful(entries: list[zipfile.ZipInfo], shown: Path) -> None:
    seen: set[str] = set()
    count = 0
    for entry in entries:
        # `filename` is cleaned up, and cut at a zero byte: what is refused is seen here only.
        name = entry.orig_filename
        reason = _harm(entry, name)
        if reason is None and name.casefold() in seen:
            reason = "this stands in the zip twice"
        if reason:
            raise UnsoundContent(Path(f"{shown}/{ascii(name)[1:-1][:LONGEST_SHOWN]}"), 1, reason)
        seen.add(name.casefold())
        count = _counted(count, shown)


def _harm(entry: zipfile.ZipInfo, name: str) -> str | None:
    """Why an entry is refused, if it is."""
    if _leads_out(name):
        return "a name that leads out of the pack is refused"
    # The upper half holds the file's mode where the zip was made on Unix, else 0.
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return NO_PLAIN_FILE
    if entry.flag_bits & ENCRYPTED:
        return "an encrypted file cannot be read; make the zip without a password"
    if entry.compress_type not in METHODS:
        return "packed in a way that is not read here; make an ordinary zip"
    return None


def _leads_out(name: str) -> bool:
    """Whether a name could mean another place than one in the pack, on any system."""
    if name.startswith("/") or ".." in PurePosixPath(name).parts:
        return True
    return any(sign in name for sign in ("\\", ":", "\0"))


def _counted(count: int, shown: Path) -> int:
    if count >= MOST_FILES:
        raise UnsoundContent(shown, 1, f"a pack holds at most {MOST_FILES} files")
    return count + 1


def _spent(left: int, content: bytes, where: Path) -> int:
    if len(content) > left:
        raise UnsoundContent(where, 1, TOO_MUCH)
    return left - len(content)


def _without_enclosing(files: dict[str, bytes], shown: Path) -> dict[str, bytes]:
    """The files themselves; one folder around them all is what most programs make."""
    if all("/" in name for name in files):
        folders = {name.partition("/")[0] for name in files}
        if len(folders) == 1:
            files = {name.partition("/")[2]: content for name, content in files.items()}
    for name in sorted(files):
        if "/" in name:
            raise UnsoundContent(shown / name, 1, "a pack has no folders in it")
    return files


def _raise(error: OSError) -> None:
    raise error
