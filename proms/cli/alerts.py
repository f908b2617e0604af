"""`proms alerts`: what raises an alert, who is told of it, and how the rules did."""

import click

from proms.cli.lazy import Later, Lazy

LATER = {
    "evaluate": Later(
        "What the rules make of the reports in a file.", "proms.cli.alert_table", "evaluate"
    ),
    "steps": Later("Whom a red alert is told to while nobody takes it.", "proms.cli.roster"),
    "report": Later("How each rule did at a site in a month.", "proms.cli.alert_report", "report"),
    "log": Later(
        "Every report that met a rule, and what came of it.", "proms.cli.alert_report", "log"
    ),
}


@click.group(cls=Lazy, later=LATER)
def command() -> None:
    """Try rules and rosters before a patient does; look how the rules did."""
