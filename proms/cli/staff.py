"""`proms staff add`: the first administrator of a site, or anybody else."""

from typing import Any

import click
from sqlmodel import select

from proms import clock
from proms.actions.audit import OPERATOR
from proms.actions.people import NewStaff, add_staff
from proms.actions.refusals import NotFound
from proms.cli.edge import guarded
from proms.db.tables import Site
from proms.domain.person import Language, Role
from proms.parts import parts


@click.group()
def command() -> None:
    """People working at a site."""


@command.command("add")
@click.argument("login")
@click.option("--site", "site_code", required=True, help="The code of an open site.")
@click.option("--name", required=True)
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.ADMINISTRATOR.value
)
@click.option(
    "--language",
    type=click.Choice([language.value for language in Language]),
    default=Language.NL.value,
)
@click.option("--phone", default=None, help="For urgent notices by SMS.")
@click.option(
    "--use-anyway", is_flag=True, help="Take a --phone that is no mobile number all the same."
)
@click.option("--email", default=None, help="For urgent notices by e-mail.")
@click.password_option(help="At least 12 characters; asked for when left out.")
@guarded
def add(login: str, site_code: str, role: str, language: str, **given: Any) -> None:
    """Give a person at a site an account with one role."""
    new = NewStaff(login=login, role=Role(role), language=Language(language), **given)
    made = parts()
    with made.database.writing() as session:
        site = session.exec(select(Site).where(Site.code == site_code)).first()
        if site is None:
            raise NotFound(f"There is no site with the code {site_code}.")
        staff = add_staff(session, made.keyring, new, site_id=site.id, by=OPERATOR, now=clock.now())
    click.echo(f"{login.strip().lower()} may log in as {staff.role}.")
