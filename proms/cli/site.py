"""`proms site add`: open a site."""

import click

from proms import clock
from proms.actions.audit import OPERATOR
from proms.actions.people import NewSite, add_site
from proms.cli.edge import guarded
from proms.parts import parts


@click.group()
def command() -> None:
    """Sites taking part."""


@command.command("add")
@click.argument("code")
@click.option("--name", required=True, help="The hospital's name.")
@click.option("--phone", required=True, help="Answered day and night.")
@click.option(
    "--study-phone", default="", help="For help with filling in; the same number if left out."
)
@click.option("--timezone", default="Europe/Amsterdam", show_default=True)
@guarded
def add(code: str, name: str, phone: str, study_phone: str, timezone: str) -> None:
    """Open a site; it needs a telephone number that is answered day and night."""
    new = NewSite(code=code, name=name, phone=phone, study_phone=study_phone, timezone=timezone)
    with parts().database.writing() as session:
        site = add_site(session, new, by=OPERATOR, now=clock.now())
    click.echo(f"Opened site {site.code}.")
