"""`proms content check`: is this content sound?"""

from pathlib import Path

import click

from proms.cli.edge import BAD_INPUT
from proms.content import check as faults_in
from proms.settings import HOME


@click.group()
def command() -> None:
    """Instruments, rules and protocols."""


@command.command("check")
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=HOME)
def check(path: Path) -> None:
    """Check PATH, a folder with instruments/ and protocols/ or a part of one; print file, line and reason of faults."""
    found = faults_in(path)
    for fault in found:
        click.echo(str(fault), err=True)
    if found:
        raise SystemExit(BAD_INPUT)
    click.echo("The content is sound.")
