"""`proms worker`: the pulse; several may run."""

from dataclasses import replace

import click

from proms.cli.edge import guarded, say_not_asked
from proms.factory import work
from proms.jobs.pulse import work_until_stopped
from proms.parts import parts


@click.command()
@guarded
def command() -> None:
    """Re-plan, remind, deliver and expire, until stopped. Several workers may run on one
    database."""
    installation = parts()
    say_not_asked(installation.library)
    tools = work(installation)
    if tools.demo:
        # In earnest nothing of the demo is loaded.
        from proms.demo.living import PEOPLE

        tools = replace(tools, people=PEOPLE)
    work_until_stopped(tools)
