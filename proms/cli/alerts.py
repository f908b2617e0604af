"""`proms alerts`: what raises an alert, and who is told of it."""

import click

from proms.cli import roster


@click.group()
def command() -> None:
    """Alerts, worked out without a database."""


command.add_command(roster.command)
