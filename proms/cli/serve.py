"""`proms serve`: the production web server."""

import os
import sys

import click

from proms.cli.edge import guarded, say_not_asked
from proms.cli.fit_to_start import refuse_misfits
from proms.factory import create_app
from proms.settings import HOME

# Threads answer while one of them waits for the disk; more processes than this only compete for the
# same cores.
THREADS = 8


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=lambda: int(os.environ.get("PORT", "8000")),
    type=int,
    help="Port [PORT, or 8000].",
)
@click.option("--processes", default=2, show_default=True, help="How many web processes.")
@guarded
def command(host: str, port: int, processes: int) -> None:
    """Serve pages and API with gunicorn, after the settings and the content have proved sound."""
    installation = create_app().extensions["parts"]
    refuse_misfits(installation)
    say_not_asked(installation.library)
    options = ["--bind", f"{host}:{port}", "--workers", str(processes), "--threads", str(THREADS)]
    options += ["--worker-class", "gthread", "--graceful-timeout", "30", "--log-level", "warning"]
    options += ["--no-control-socket", "--chdir", str(HOME)]
    options += ["--logger-class", "proms.cli.server_log.ServerLog"]
    # This environment's own, wherever PATH leads; -P: not a module of the folder one happens to be
    # in.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "gunicorn", *options, "app:app"])
