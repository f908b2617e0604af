"""`proms demo`: an invented clinic, a web server and a worker, until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import sleep
from types import FrameType

import click

from proms.cli.edge import BAD_INPUT, guarded
from proms.demo.start import build, environment, greeting, ready_link
from proms.settings import HOME

FOLDER = HOME / "var"
PATIENCE_SECONDS = 10
LOOK_SECONDS = 0.1
STOPPING = (signal.SIGINT, signal.SIGTERM)


@click.command()
@click.option(
    "--port",
    default=lambda: int(os.environ.get("PORT") or "8000"),
    type=int,
    help="Port [PORT, or 8000].",
)
@click.option("--fresh/--keep", default=False, help="Begin with a new invented clinic.")
@click.option(
    "--folder",
    default=FOLDER,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the demo's database is kept [default: var].",
)
@guarded
def command(port: int, fresh: bool, folder: Path) -> None:
    """Start the demo; a later start keeps what was done in it."""
    if _taken(port):
        click.echo(f"proms: port {port} is in use; choose another with PORT=...", err=True)
        raise SystemExit(BAD_INPUT)
    if fresh:
        for old in folder.glob("demo.db*"):
            old.unlink()
    settings = environment(folder, port)
    clinic = build(settings)
    link = ready_link(clinic)
    clinic.database.engine.dispose()
    # Before there is a child: a signal that ended this process would leave its children running.
    stop = StopAsked()
    children: list[subprocess.Popen[bytes]] = []
    try:
        for words in (["serve", "--port", str(port)], ["worker"]):
            if not stop.asked:
                children.append(_start(settings, *words))
        if _answers(port, children, stop):
            click.echo(greeting(clinic, link))
            sys.stdout.flush()
        _wait(children, stop)
    finally:
        _end(children)


class StopAsked:
    """Whether somebody asked to stop: Ctrl-C or SIGTERM.

    The handler only takes note: an exception could be raised between a child's start and the line
    that remembers it. A signal that is ignored, as Ctrl-C is for what a script runs in the
    background, stays so.
    """

    def __init__(self) -> None:
        self.asked = False
        for number in STOPPING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


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
    # In a group of its own: Ctrl-C reaches only this process, which then stops the children in
    # order.
    return subprocess.Popen(
        [sys.executable, "-m", "proms.cli", *words],
        env={**os.environ, **settings},
        start_new_session=True,
    )


def _answers(port: int, children: list[subprocess.Popen[bytes]], stop: StopAsked) -> bool:
    """Whether the web server answers, after waiting for it: a link printed too early would be a
    link refused."""
    for _ in range(300):
        if stop.asked or _ended(children):
            return False
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        sleep(LOOK_SECONDS)
    return True


def _ended(children: list[subprocess.Popen[bytes]]) -> bool:
    return any(child.poll() is not None for child in children)


def _wait(children: list[subprocess.Popen[bytes]], stop: StopAsked) -> None:
    """Until somebody asks to stop, or a child has ended."""
    while not stop.asked and not _ended(children):
        sleep(LOOK_SECONDS)
    if not stop.asked:
        click.echo(
            "proms: a part of the demo stopped by itself; the rest is stopped too.", err=True
        )


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """Stop the children by their own process ids."""
    # A second Ctrl-C, or a signal sent to the whole group, must not leave a child behind.
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
