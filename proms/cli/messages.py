"""`proms messages HISTORY.yaml`: the messages a protocol implies for one patient."""

import csv
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from proms.cli.edge import guarded
from proms.cli.plan import BadRequest, history_of_file, protocol_named, read_date
from proms.content.history_file import HistoryFile
from proms.domain.protocol import Protocol
from proms.domain.reminder.course import DecidedMessage, Life, Pack, messages_of

COLUMNS = ("at", "verdict", "reason", "packs")
SEPARATOR = ";"


@click.command()
@click.argument("file", metavar="HISTORY.yaml", type=click.Path(path_type=Path))
@click.option("--from", "first", required=True, metavar="DATE", help="The first day shown.")
@click.option("--to", "last", required=True, metavar="DATE", help="The last day shown.")
@click.option(
    "--protocol", "code", default="pump-it", show_default=True, help="The protocol to plan by."
)
@click.option(
    "--version", default=None, type=int, help="Which version of it. [default: the newest there is]"
)
@guarded
def command(file: Path, first: str, last: str, code: str, version: int | None) -> None:
    """Print the messages sent and held in the course of a history, as CSV in order, for a worker
    that is always up and a channel that always works."""
    protocol = protocol_named(code, version)
    begins, ends = read_date("--from", first), read_date("--to", last)
    if ends < begins:
        raise BadRequest(f"--to {last} is before --from {first}")
    written = history_of_file(file, protocol, ends)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    out.writerows(_rows(messages_of(_life(protocol, written), ends), begins, written.zone))


def _life(protocol: Protocol, written: HistoryFile) -> Life:
    return Life(protocol, written.history, written.zone, written.sent_on, written.pauses)


def _rows(
    messages: Iterable[DecidedMessage], begins: date, zone: ZoneInfo
) -> Iterator[tuple[object, ...]]:
    for message in messages:
        at = message.at.astimezone(zone)
        if at.date() >= begins:
            decision = message.decision
            packs = SEPARATOR.join(named(pack) for pack in message.packs)
            yield at.isoformat(), decision.verdict.value, decision.reason or "", packs


def named(pack: Pack) -> str:
    """A pack in one word: its event, and its number where that is not 1."""
    return pack.event if pack.number == 1 else f"{pack.event} {pack.number}"
