"""`proms site`: open a site, and record what it decides for itself and who is on duty there."""

import csv
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from proms import clock
from proms.actions.audit import OPERATOR
from proms.actions.people import NewSite, add_site
from proms.actions.rosters import set_roster, with_staff_ids
from proms.actions.senders import as_sent, change_sender, sender_of
from proms.actions.site_facts import SiteFactChange, record_site_fact, site_at, site_fact_versions
from proms.cli.edge import guarded
from proms.cli.opened import opened
from proms.content.roster_file import read_roster
from proms.content.source import read
from proms.domain.person import Language


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
    with opened() as here, here.database.writing() as session:
        site = add_site(session, new, by=OPERATOR, now=clock.now())
    click.echo(f"Opened site {site.code}.")


@command.command("fact")
@click.argument("code")
@click.argument("fact")
@click.argument("value", required=False)
@click.option(
    "--from",
    "since",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The site's date from which it holds, as 2026-03-09.",
)
@click.option("--take-back", is_flag=True, help="What was recorded of that day was wrong.")
@click.option("--reason", required=True, help="Who decided it, and why.")
@guarded
def fact(code: str, fact: str, value: str | None, since: datetime, **why: Any) -> None:
    """Record what holds at site CODE from a day on: FACT (such as fever_limit) and its VALUE.

    Answers that were judged before stay as they were.
    """
    if (value is None) != why["take_back"]:
        raise click.UsageError("Give a VALUE, or --take-back.")
    change = SiteFactChange(fact, since.date(), value, why["reason"])
    with opened() as here, here.database.writing() as session:
        protocol = here.library.protocol(here.settings.protocol)
        record_site_fact(session, protocol, change, site=code, by=OPERATOR, now=clock.now())
    if value is None:
        click.echo(f"{code}: what {fact} was from {since:%Y-%m-%d} on is taken back.")
    else:
        click.echo(f"{code}: {fact} is {value} from {since:%Y-%m-%d} on.")


@command.command("roster")
@click.argument("code")
@click.argument("file", metavar="FILE.yaml", type=click.Path(path_type=Path))
@click.option("--reason", default="", help="Who decided it, and why.")
@guarded
def roster(code: str, file: Path, reason: str) -> None:
    """Record who is on duty and on call at site CODE from now on; people by their log-in names."""
    with opened() as here, here.database.writing() as session:
        site = site_at(session, code)
        protocol = here.library.protocol(here.settings.protocol)
        written = read_roster(read(file), protocol.alerts)
        with_ids = with_staff_ids(session, here.keyring, written, site)
        row = set_roster(
            session,
            here.keyring,
            with_ids,
            site_id=site.id,
            reason=reason,
            by=OPERATOR,
            now=clock.now(),
        )
        version = row.version
    click.echo(f"{code}: the roster is recorded, version {version}.")


@command.command("facts")
@click.argument("code")
@guarded
def facts(code: str) -> None:
    """Everything that was recorded of what site CODE decides, as CSV; an empty value is taken
    back."""
    with opened() as here, here.database.reading() as session:
        table = csv.writer(sys.stdout, lineterminator="\n")
        table.writerow(("fact", "since", "value", "reason", "recorded_at"))
        for row in site_fact_versions(session, code):
            recorded = row.recorded_at.isoformat()
            table.writerow((row.fact, row.since, row.value or "", row.reason, recorded))


@command.command("sender")
@click.argument("code")
@click.argument("name", required=False)
@guarded
def sender(code: str, name: str | None) -> None:
    """Have the messages of site CODE begin with NAME, by which its patients know who writes.

    Prints each message in each language, as long as it can become, with its length; without a NAME
    that is all.
    """
    with opened() as here:
        address = here.settings.public_url
        revealing = here.library.revealing(here.settings.protocol)
        if name is not None:
            with here.database.writing() as session:
                change_sender(
                    session,
                    name,
                    site=site_at(session, code),
                    public_url=address,
                    revealing=revealing,
                    by=OPERATOR,
                    now=clock.now(),
                )
        with here.database.reading() as session:
            site = site_at(session, code)
            at_head = sender_of(site, address, revealing)
            for language in Language:
                for _, text, counted in as_sent(site, at_head, address, language):
                    click.echo(f"{language} {counted.units:3} {counted.parts} SMS  {text.body}")
