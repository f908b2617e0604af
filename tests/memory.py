"""A folder that is gone after the run, in memory where the machine has plenty: a disk shared with
others is slow."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3


@contextmanager
def folder(prefix: str) -> Iterator[Path]:
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    with tempfile.TemporaryDirectory(prefix=prefix, dir=MEMORY if roomy else None) as name:
        yield Path(name)
