"""`proms demo`: an invented clinic, a web server and a worker, until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import sleep
from typing import NoReturn

import click

from proms.cli.edge import BAD_INPUT, guarded
from proms.demo.start import build, environment, greeting, ready_link
from proms.settings import HOME

FOLDER = HOME / "var"
PATIENCE_SECONDS = 10


@click.command()
@click.option(
    "--port",
    default=lambda: int(os.environ.get("PORT") or "8000"),
    type=int,
    help="Port [PORT, or 8000].",
)
@click.option("--fresh/--keep", default=False, help="Begin with a new invented clinic.")
@guarded
def command(port: int, fresh: bool) -> None:
    """Start the demo; a later start keeps what was done in it."""
    if _taken(port):
        click.echo(f"proms: port {port} is in use; choose another with PORT=...", err=True)
        raise SystemExit(BAD_INPUT)
    if fresh:
        for old in FOLDER.glob("demo.db*"):
            old.unlink()
    settings = environment(FOLDER, port)
    clinic = build(settings)
    link = ready_link(clinic)
    clinic.database.engine.dispose()
    children = [_start(settings, "serve", "--port", str(port)), _start(settings, "worker")]
    _await(port, children)
    click.echo(greeting(clinic, link))
    sys.stdout.flush()
    _wait(children)


def _await(port: int, children: list[subprocess.Popen[bytes]]) -> None:
    """Until the web server answers: a link printed too early would be a link refused."""
    for _ in range(300):
        if any(child.poll() is not None for child in children):
            return
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.1)


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        # A port lingers for a while after its server has ended: that is not taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _start(settings: dict[str, str], *words: str) -> subprocess.Popen[bytes]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    # In a group of its own: Ctrl-C reaches only this process, which then stops the children in
    # order.
    return subprocess.Popen(
        [sys.executable, "-m", "proms.cli", *words],
        env={**os.environ, **settings, "PATH": path},
        start_new_session=True,
    )


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _wait(children: list[subprocess.Popen[bytes]]) -> None:
    """Until Ctrl-C, SIGTERM, or the end of a child; then stop the others by their own process
    ids."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        while all(child.poll() is None for child in children):
            signal.sigtimedwait([], 0.5)
        click.echo(
            "proms: a part of the demo stopped by itself; the rest is stopped too.", err=True
        )
    except KeyboardInterrupt:
        pass
    # A second Ctrl-C, or a signal sent to the whole group, must not leave a child behind.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
