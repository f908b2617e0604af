"""`proms worker`: the pulse; several may run."""

from dataclasses import replace
from datetime import datetime

import click

from proms.actions.countries import follow_countries
from proms.actions.site_texts import follow_limit
from proms.cli.edge import guarded, say, say_not_asked
from proms.cli.fit_to_start import refuse_misfits
from proms.db.queries.unserved import count_unserved
from proms.domain.person import EVERY_KIND
from proms.factory import work
from proms.jobs.pulse import work_until_stopped
from proms.parts import Parts, parts


@click.command()
@guarded
def command() -> None:
    """Re-plan, remind, deliver and expire, until stopped. Several workers may run on one
    database."""
    installation = parts()
    refuse_misfits(installation)
    say_not_asked(installation.library)
    say_unserved(installation)
    tools = work(installation)
    follow_settings(installation, now=tools.now())
    if tools.demo:
        # In earnest nothing of the demo is loaded.
        from proms.demo.living import PEOPLE

        tools = replace(tools, people=PEOPLE)
    work_until_stopped(tools)


def follow_settings(installation: Parts, *, now: datetime) -> None:
    """Numbers of countries that are not on the list stand still, those that are on it again go on,
    and one line says how many; a day that was full by another number goes on."""
    countries = installation.settings.sms_countries
    with installation.database.writing() as session:
        follow_limit(session, installation.settings.outbox.texts_a_day, now=now)
        held, freed = follow_countries(
            session, installation.library, installation.keyring, countries, now=now
        )
    if held or freed:
        listed = ", ".join(sorted(countries))
        say(
            f"Text messages go to {listed} (PROMS_SMS_COUNTRIES): {held} more numbers are held, "
            f"{freed} are not any more. Their sites see which."
        )


def say_unserved(installation: Parts) -> None:
    """One line where nothing can be sent to some: the others go on being told, and their sites see
    who it is."""
    with installation.database.reading() as session:
        patients, nurses = count_unserved(session, installation.settings.served.kinds)
    if patients or nurses:
        kinds = ", ".join(sorted(EVERY_KIND - installation.settings.served.kinds))
        say(
            f"No way to send {kinds}: {patients} patients and {nurses} nurses can be sent nothing. "
            "Name a provider (PROMS_TWILIO_*, PROMS_SMTP_*), or give them another address."
        )
