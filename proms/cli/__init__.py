"""The `proms` command. Each part is loaded when it is called, so that scoring a file does not start
the web."""

import click

from proms import logs
from proms.cli.lazy import Later, Lazy

COMMANDS = {
    "score": "Score a CSV of answers.",
    "messages": "Print the messages a protocol implies for a history.",
    "plan": "Print the calendar a protocol implies for a history.",
    "why": "Print every message to a patient, sent or held, with the reason.",
    "alerts": "What raises an alert, and whom a red one is told to.",
    "content": "Check instruments, rules and protocols; install licensed wordings.",
    "import": "Cycles and milestones from a hospital's own system.",
    "import labs": "Laboratory values from a hospital's own system.",
    "protocol": "Look at a new version of the protocol, or put it into effect.",
    "export": "Data sets for analysts.",
    "rescore": "Score what is stored again, under the current scoring version.",
    "warnings": "What the computer found wrong; close it.",
    "site": "Open a site.",
    "staff": "Give people at a site an account, or another password.",
    "migrate": "Bring the database to this version's schema.",
    "serve": "Run the production web server.",
    "worker": "Run the pulse: re-plan, remind, deliver, expire, check.",
    "demo": "Run an invented clinic.",
    "simulate": "Run a whole trial with invented histories.",
}
# A word of Python's own names no module, and two words none either.
MODULES = {"import": "history_import", "import labs": "lab_import"}
LATER = {
    name: Later(line, f"proms.cli.{MODULES.get(name, name)}") for name, line in COMMANDS.items()
}


@click.group(cls=Lazy, later=LATER)
def main() -> None:
    """Patient-reported outcomes for a cancer trial."""
    logs.watch_process()
