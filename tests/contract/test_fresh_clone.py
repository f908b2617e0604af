"""What a newcomer does first: clone, `make demo`, look, Ctrl-C."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from proms.settings import HOME
from tests.ports import free_port

PATIENCE = 15 * 60
A_MOMENT = 30


def health(port: int) -> int:
    """The status of /health; 0 while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            json.load(answer)
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code
    except OSError:
        return 0


def wait_for(what: str, holds: Callable[[], bool], seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up, what
        time.sleep(1)


def clone_into(folder: Path) -> Path:
    trusting = ["git", "-c", "safe.directory=*"]
    subprocess.run([*trusting, "clone", "-q", "--no-hardlinks", str(HOME), str(folder)], check=True)
    return folder


@pytest.mark.nightly
def test_a_newcomer_sees_a_healthy_clinic_after_one_command_and_stops_it_with_ctrl_c(tmp_path):
    fresh, port, said = clone_into(tmp_path / "fresh"), free_port(), tmp_path / "said"
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PROMS_", "DATABASE_URL", "MAKE"))
    }
    with (
        said.open("wb") as out,
        subprocess.Popen(
            ["make", "demo", f"PORT={port}"],
            cwd=fresh,
            env=clean,
            stdout=out,
            stderr=out,
            start_new_session=True,
        ) as demo,
    ):
        try:
            wait_for(
                "/health was never 200",
                lambda: health(port) == 200 or demo.poll() is not None,
                seconds=PATIENCE,
            )
            assert demo.poll() is None, said.read_text()
        finally:
            os.killpg(demo.pid, signal.SIGINT)  # what a terminal does on Ctrl-C
            demo.wait(A_MOMENT)
    assert f"http://127.0.0.1:{port}" in said.read_text()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))  # nobody is left listening
