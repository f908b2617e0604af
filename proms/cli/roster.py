"""`proms alerts steps ROSTER.yaml`: whom a red alert is told to while nobody takes it."""

import csv
import re
import sys
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from proms.cli.edge import guarded
from proms.content import load
from proms.content.roster_file import FIRST_DAY, LAST_DAY, SEPARATOR, read_roster
from proms.content.source import Node, parse, read
from proms.domain.roster import NobodyOnDuty, notice_steps
from proms.refusal import Refusal
from proms.settings import HOME

COLUMNS = ("step", "at", "who")
SHOWN = 6
STANDARD_INPUT = Path("-")
PROTOCOL = "pump-it"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


class BadRequest(Refusal):
    """The steps cannot be worked out; the text says why."""

    code = "bad_request"


@click.command("steps")
@click.argument("file", metavar="ROSTER.yaml", type=click.Path(allow_dash=True, path_type=Path))
@click.option(
    "--raised",
    required=True,
    metavar="TIME",
    help="When the alert was raised: the site's time, as 2027-03-25T18:10, or with an offset.",
)
@guarded
def command(file: Path, raised: str) -> None:
    """Print the first six notices of a red alert that nobody takes, as CSV; - reads the roster from
    standard input."""
    limits = load(HOME).protocol(PROTOCOL).alerts
    roster = read_roster(_tree(file), limits)
    raised_at = _moment(raised, roster.zone)
    try:
        steps = list(islice(notice_steps(roster, raised_at), SHOWN))
    except NobodyOnDuty as gap:
        raise BadRequest(f"{_named(file)}: {gap}") from None
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(COLUMNS)
    for step in steps:
        table.writerow((step.number, step.at.isoformat(), SEPARATOR.join(step.who)))


def _tree(file: Path) -> Node:
    if file == STANDARD_INPUT:
        with click.open_file(str(file), "rb") as source:
            return parse(source.read(), _named(file))
    return read(file)


def _named(file: Path) -> Path:
    return Path("standard input") if file == STANDARD_INPUT else file


def _moment(written: str, zone: ZoneInfo) -> datetime:
    """An instant, written in the site's time or with an offset."""
    try:
        at = datetime.fromisoformat(written) if MOMENT.fullmatch(written) else None
    except ValueError:
        at = None
    if at is None or not FIRST_DAY <= at.date() <= LAST_DAY:
        raise BadRequest(f"--raised {written} is not a time of this century as 2027-03-25T18:10")
    if at.tzinfo:
        return at
    # On the wall an hour comes twice when the clock is turned back, and one is left out when it is
    # turned forward. Where that is so the two readings of a time differ.
    first, second = (at.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != at:
        raise BadRequest(
            f"--raised {written} does not exist in {zone}: the clock is turned forward"
        )
    either = " or ".join(moment.isoformat() for moment in (first, second))
    raise BadRequest(f"--raised {written} comes twice in {zone}: write {either}")
