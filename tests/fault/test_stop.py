"""Commands are started by their path and stopped at any moment: none needs a PATH, none leaves a
process behind."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from proms.content import Library
from proms.db.session import connect
from proms.db.tables import DemoClock
from proms.db.tables.worker import NOW
from tests.clinic import Clinic
from tests.ports import free_port
from tests.processes import Started, heed_ctrl_c
from tests.website import health

PROMS = Path(sys.executable).with_name("proms")
WITHOUT_PATH = {
    name: value
    for name, value in os.environ.items()
    if name not in ("PATH", "DATABASE_URL") and not name.startswith("PROMS_")
}
# Seconds after its children were first seen, and after the start of the command.
WITH_CHILDREN = (0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 1.6, 2, 2.5, 3)
FROM_THE_START = (0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75, 3)
PATIENCE = 60  # the machine may be busy


@pytest.fixture
def started() -> Iterator[Started]:
    started = Started()
    yield started
    started.kill()


@pytest.fixture
def folder(tmp_path: Path, sqlite_database_url: str, library: Library) -> Path:
    """A kept demo of one patient."""
    database = connect(sqlite_database_url)
    Clinic(database, library).enrols("Anna")
    with database.writing() as session:
        session.add(DemoClock(id=NOW, offset_seconds=0))
        session.commit()
    with database.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    database.engine.dispose()
    shutil.copyfile(sqlite_database_url.removeprefix("sqlite:///"), tmp_path / "demo.db")
    return tmp_path


def demo(folder: Path, started: Started, port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [PROMS, "demo", "--port", str(port), "--folder", folder],
        env={**WITHOUT_PATH, **started.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )


def wait_until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def stops(process: subprocess.Popen[bytes], number: signal.Signals, started: Started) -> None:
    process.send_signal(number)
    process.wait(PATIENCE)
    assert started.end_within(5), "a process was left behind"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("moment", [0, 0.3])
def test_a_demo_told_to_stop_as_its_children_begin_leaves_none_behind(
    folder: Path, started: Started, number: signal.Signals, moment: float
) -> None:
    process = demo(folder, started, free_port())
    wait_until(lambda: len(started.running()) > 1)
    time.sleep(moment)
    stops(process, number, started)


@pytest.mark.nightly
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_demo_told_to_stop_at_any_moment_leaves_nothing_running(
    folder: Path, started: Started, number: signal.Signals
) -> None:
    for moment in FROM_THE_START:
        process = demo(folder, started, free_port())
        time.sleep(moment)
        stops(process, number, started)
    for moment in WITH_CHILDREN:
        process = demo(folder, started, free_port())
        wait_until(lambda: len(started.running()) > 1)
        time.sleep(moment)
        stops(process, number, started)


def test_a_demo_runs_by_its_path_alone_and_ends_whole_with_its_web_server(
    folder: Path, started: Started
) -> None:
    port = free_port()
    process = demo(folder, started, port)
    wait_until(lambda: health(port) == 200 or process.poll() is not None)
    assert process.poll() is None
    stops(process, signal.SIGTERM, started)
    assert process.returncode == 0
    assert health(port) == 0


def beats(folder: Path) -> bool:
    """Whether a worker has been at work on the database."""
    with closing(sqlite3.connect(folder / "demo.db")) as connection:
        return bool(connection.execute("SELECT count(*) FROM heartbeat").fetchone()[0])


@pytest.mark.parametrize("words", [["serve", "--processes", "1"], ["worker"]])
def test_a_server_and_a_worker_run_by_their_path_alone_and_stop_when_told(
    folder: Path, started: Started, words: list[str]
) -> None:
    port = free_port()
    settings = {
        "DATABASE_URL": f"sqlite:///{folder / 'demo.db'}",
        "PROMS_DEMO": "1",
        "PROMS_SECRET": "0123456789abcdefghijklmnopqrstuvwxyz",
        "PROMS_IDENTITY_KEYS": "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "PROMS_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
    }
    process = subprocess.Popen(
        [PROMS, *words],
        env={**WITHOUT_PATH, **settings, **started.environment},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    up = (lambda: beats(folder)) if words == ["worker"] else (lambda: health(port) != 0)
    wait_until(lambda: up() or process.poll() is not None)
    assert process.poll() is None
    stops(process, signal.SIGTERM, started)
    assert process.returncode == 0
