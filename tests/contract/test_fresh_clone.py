"""What a newcomer does first: clone, `make demo`, look, Ctrl-C."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proms.settings import HOME
from tests.ports import free_port
from tests.processes import Started, heed_ctrl_c
from tests.website import health

PATIENCE = 15 * 60
A_MOMENT = 30


def wait_for(what: str, holds: Callable[[], bool], seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up, what
        time.sleep(1)


def clone_into(folder: Path) -> Path:
    trusting = ["git", "-c", "safe.directory=*"]
    subprocess.run([*trusting, "clone", "-q", "--no-hardlinks", str(HOME), str(folder)], check=True)
    return folder


@pytest.fixture
def started() -> Iterator[Started]:
    """What this test starts, which ends with it whatever happens."""
    started = Started()
    yield started
    started.kill()


@pytest.mark.nightly
def test_a_newcomer_sees_a_healthy_clinic_after_one_command_and_stops_it_with_ctrl_c(
    tmp_path, started
):
    fresh, port, said = clone_into(tmp_path / "fresh"), free_port(), tmp_path / "said"
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PROMS_", "DATABASE_URL", "MAKE"))
    }
    with said.open("wb") as out:
        demo = subprocess.Popen(
            ["make", "demo", f"PORT={port}"],
            cwd=fresh,
            env={**clean, **started.environment},
            stdout=out,
            stderr=out,
            start_new_session=True,
            preexec_fn=heed_ctrl_c,
        )
    wait_for(
        "/health was never 200",
        lambda: health(port) == 200 or demo.poll() is not None,
        seconds=PATIENCE,
    )
    assert demo.poll() is None, said.read_text()
    os.killpg(demo.pid, signal.SIGINT)  # what a terminal does on Ctrl-C
    demo.wait(A_MOMENT)
    assert started.end_within(A_MOMENT), "a process was left behind"
    assert f"http://127.0.0.1:{port}" in said.read_text()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))  # nobody is left listening
