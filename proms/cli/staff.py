"""`proms staff add`: the first administrator of a site, or anybody else; `proms staff
reset-password`: who forgot hers where no other administrator can give one."""

import sys
from typing import Any

import click

from proms import clock
from proms.actions.audit import OPERATOR
from proms.actions.people import NewStaff, add_staff, password_hash_of
from proms.actions.refusals import NotFound
from proms.actions.site_facts import site_at
from proms.actions.staff_changes import reset_password
from proms.cli.edge import guarded
from proms.cli.opened import opened
from proms.db.queries.people import staff_with_login
from proms.domain.person import Language, Role


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
    with opened() as made, made.database.writing() as session:
        site = site_at(session, site_code)
        staff = add_staff(
            session,
            made.keyring,
            new,
            site_id=site.id,
            by=OPERATOR,
            now=clock.now(),
            served=made.settings.served,
        )
    click.echo(f"{login.strip().lower()} may log in as {staff.role}.")


@command.command("reset-password")
@click.argument("login")
@guarded
def reset(login: str) -> None:
    """Give a person another password, and end her sessions.

    It is asked for, or is the first line of the standard input: an argument could be read by
    everybody on the machine.
    """
    login = login.strip().lower()
    with opened() as made:
        with made.database.reading() as session:
            known = staff_with_login(session, made.keyring, login)
        if known is None:
            raise NotFound(f"Nobody logs in as {login}.")
        password_hash = password_hash_of(_typed())
        with made.database.writing() as session:
            staff = reset_password(
                session,
                staff_id=known.id,
                site_id=known.site_id,
                password_hash=password_hash,
                by=OPERATOR,
                now=clock.now(),
            )
    if staff.active:
        click.echo(f"{login} may log in with the new password.")
    else:
        click.echo(f"{login} has a new password, but no access: an administrator gives that back.")


def _typed() -> str:
    """The new password, typed twice at a terminal, else the line that was sent."""
    if sys.stdin.isatty():
        typed: str = click.prompt("New password", hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")
