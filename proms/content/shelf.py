"""The wordings that are installed at this site: one folder a pack, put in place whole, never
changed after that."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import structlog

from proms.content.library import Library
from proms.content.pack_files import files_of
from proms.content.source import UnsoundContent
from proms.content.wording_pack import MANIFEST, Files, WordingPack, read_pack
from proms.domain.instrument import Wording

log = structlog.get_logger()
UNFINISHED = ".unfinished-"
GATE = ".lock"


class Shelf:
    """Our own library with what is installed beside it; what is installed later is seen at the next
    look."""

    def __init__(self, own: Library, folder: Path | None) -> None:
        """Raises UnsoundContent for a pack that cannot be used. No folder: nothing is ever
        installed, as in a demo."""
        self._own = own
        self._folder = folder
        self._renewing = Lock()
        names = _names(folder)
        self._library = self._read(names)
        # The names when the library was last read; None when the shelf was not there.
        self._seen: frozenset[str] | None = names

    def library(self) -> Library:
        """The library as it is now. A pack never changes under its name, so a list of names tells
        whether to read."""
        if self._look() != self._seen:
            with self._renewing:
                # Looked at again: another thread may have read it while this one waited.
                names = self._look()
                if names != self._seen:
                    self._renew(names)
        return self._library

    def _look(self) -> frozenset[str] | None:
        """What stands on the shelf; None when it is not there any more: a disk that is away took no
        licence back."""
        # A shelf that never held anything need not be there.
        had_packs = self._seen != frozenset()
        if had_packs and self._folder and not self._folder.is_dir():
            return None
        try:
            return _names(self._folder)
        except UnsoundContent:
            return None

    def _renew(self, names: frozenset[str] | None) -> None:
        try:
            if names is None:
                raise UnsoundContent(self._folder or "", 1, "this cannot be read")
            self._library = self._read(names)
            log.info("wordings_renewed", packs=sorted(names))
        except UnsoundContent as fault:
            # Patients go on in the words there were. The reason may repeat a cell: it is not for a
            # log.
            log.error("wordings_not_renewed", file=str(fault.path), line=fault.line)
        self._seen = names

    def _read(self, names: frozenset[str]) -> Library:
        wordings: list[Wording] = []
        if self._folder:
            for pack in _packs(self._folder, names, self._own):
                wordings.extend(pack.wordings)
        return self._own.with_wordings(wordings)


def installed(folder: Path, library: Library) -> list[WordingPack]:
    """Every pack on the shelf; raises UnsoundContent for the first that cannot be used."""
    return list(_packs(folder, _names(folder), library))


def install(pack: WordingPack, folder: Path, library: Library, named: Path) -> bool:
    """Put a pack on the shelf, whole or not at all; False if all of it was there before.

    Raises UnsoundContent where the same wording stands there in other words or under another
    licence.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        packs = installed(folder, library)
        _refuse_other(pack, packs, named)
        languages: set[str] = set()
        for same in _same_wording(pack, packs):
            languages.update(same.sums)
        if languages.issuperset(pack.sums):
            return False
        write_whole(pack.files, folder / pack.name)
    return True


def write_whole(files: Files, target: Path) -> None:
    """A folder with these files: on disk before it gets its name."""
    unfinished = target.parent / f"{UNFINISHED}{secrets.token_hex(8)}"
    unfinished.mkdir()
    try:
        for name, written in files.items():
            with (unfinished / name).open("xb") as file:
                file.write(written)
                file.flush()
                os.fsync(file.fileno())
        _sync(unfinished)
        unfinished.rename(target)
        _sync(target.parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _packs(folder: Path, names: frozenset[str], library: Library) -> Iterator[WordingPack]:
    packs: list[WordingPack] = []
    for name in sorted(names):
        shown = Path(folder.name) / name
        pack = read_pack(files_of(folder / name, shown), shown, library)
        _refuse_other(pack, packs, shown)
        packs.append(pack)
        yield pack


def _refuse_other(pack: WordingPack, packs: list[WordingPack], named: Path) -> None:
    """The same wording in other words would make two texts of one version: then nobody knows what
    was shown."""
    for same in _same_wording(pack, packs):
        for language in pack.sums.keys() & same.sums.keys():
            if pack.sums[language] != same.sums[language] or pack.licence != same.licence:
                instrument = f"{pack.instrument.code} {pack.instrument.version}"
                reason = (
                    f"wording {pack.wording} of {instrument} in {language} is "
                    "installed with another text or licence; give this one a new wording version"
                )
                raise UnsoundContent(named / MANIFEST, 1, reason)


def _same_wording(pack: WordingPack, packs: list[WordingPack]) -> list[WordingPack]:
    """The packs that word the same instrument under the same wording version, in any language."""
    return [other for other in packs if _wording_key(other) == _wording_key(pack)]


def _wording_key(pack: WordingPack) -> tuple[str, str, str]:
    return pack.instrument.code, pack.instrument.version, pack.wording


def _names(folder: Path | None) -> frozenset[str]:
    """The names of the packs on the shelf; what is unfinished does not count."""
    if folder is None:
        return frozenset()
    try:
        return frozenset(name for name in os.listdir(folder) if not name.startswith("."))
    except FileNotFoundError:
        return frozenset()  # nothing was ever installed
    except OSError as error:
        raise UnsoundContent(folder, 1, f"this cannot be read: {error.strerror}") from None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One install at a time; what one that was cut short left behind is swept away."""
    with (folder / GATE).open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        for name in os.listdir(folder):
            if name.startswith(UNFINISHED):
                shutil.rmtree(folder / name)
        yield


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
