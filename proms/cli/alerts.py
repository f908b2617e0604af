"""`proms alerts`: what raises an alert, and who is told of it."""

import click

from proms.cli import alert_table, roster


@click.group()
def command() -> None:
    """Alerts, worked out without a database."""


command.add_command(alert_table.evaluate)
command.add_command(roster.command)
