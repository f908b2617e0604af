"""`proms plan HISTORY.yaml`: the calendar a protocol implies for one patient."""

import csv
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import click

from proms import clock
from proms.cli.edge import guarded
from proms.content import load
from proms.content.history_file import HistoryFile, read_history
from proms.domain.protocol import Protocol
from proms.domain.schedule import (
    UNKNOWN_DAY,
    History,
    Key,
    PlannedAssignment,
    Window,
    WindowState,
    objections,
    plan,
)
from proms.domain.schedule.history import EARLIEST
from proms.domain.schedule.history_errors import NotYetHappened
from proms.refusal import Refusal
from proms.settings import HOME

COLUMNS = ("event", "number", "instrument", "opens", "due", "closes", "state")
# A delay is caught up with every week: a calendar of millennia would never end.
TOO_LATE = date(2100, 1, 1)
WORDS = {WindowState.UPCOMING: "upcoming", WindowState.OPEN: "open", WindowState.CLOSED: "missed"}


class BadRequest(Refusal):
    """The plan cannot be made; the text says why."""

    code = "bad_request"


@click.command()
@click.argument("file", metavar="HISTORY.yaml", type=click.Path(path_type=Path))
@click.option(
    "--protocol", "code", default="pump-it", show_default=True, help="The protocol to plan by."
)
@click.option(
    "--version", default=None, type=int, help="Which version of it. [default: the newest there is]"
)
@click.option(
    "--today",
    "day",
    default=None,
    metavar="DATE",
    help="The site's date, as 2026-03-09. [default: today]",
)
@guarded
def command(file: Path, code: str, version: int | None, day: str | None) -> None:
    """Print the assignments a history implies, as CSV in order of opening."""
    protocol = protocol_named(code, version)
    site_day = None if day is None else read_date("--today", day)
    written = history_of_file(file, protocol, site_day)
    today = site_day or clock.now().astimezone(written.zone).date()
    planned = plan(protocol, written.history, today)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    out.writerows(_rows(protocol, written.history, planned, today))
    for key in _answered_unasked(protocol, written.history, planned):
        click.echo(
            f"proms: {file}: answered {key.event} {key.number} {key.instrument} "
            "is nothing this history plans",
            err=True,
        )


def protocol_named(code: str, version: int | None) -> Protocol:
    """A version of a protocol, the newest by default; raises BadRequest where there is none."""
    library = load(HOME)
    if code not in library.protocols:
        raise BadRequest(
            f"there is no protocol {code}; there are: {', '.join(sorted(library.protocols))}"
        )
    versions = library.protocols[code]
    if version is not None and version not in versions:
        raise BadRequest(
            f"there is no version {version} of {code}; "
            f"there are: {', '.join(map(str, sorted(versions)))}"
        )
    return library.protocol(code, version)


def read_date(option: str, text: str) -> date:
    """The date an option gives; raises BadRequest where it is none of this century."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if day.isoformat() != text or not EARLIEST <= day < TOO_LATE:
        raise BadRequest(f"{option} {text} is not a date of this century such as 2026-03-09")
    return day


def history_of_file(file: Path, protocol: Protocol, until: date | None) -> HistoryFile:
    """A history that is sound on the site's day, or on a later one; raises Refusal where it is
    not."""
    written = read_history(file, protocol)
    site_day = clock.now().astimezone(written.zone).date()
    _refuse_unsound(protocol, written, max(until or site_day, site_day), file)
    return written


def _refuse_unsound(protocol: Protocol, written: HistoryFile, today: date, file: Path) -> None:
    """Stop at what cannot be; what may be so somebody has to confirm. Dates after --today are no
    fault here."""
    for objection in objections(protocol, written.history, today):
        if objection.may_confirm and not written.confirmed:
            raise BadRequest(f"{file}: {objection}; if it is so, add a line `confirmed: <reason>`")
        if not objection.may_confirm and not isinstance(objection, NotYetHappened):
            raise BadRequest(f"{file}: {objection}")


def _answered_unasked(
    protocol: Protocol, history: History, planned: Iterable[PlannedAssignment]
) -> list[Key]:
    """What was answered, says the file, though nothing asks it: a number or a code that is off."""
    asked = {assignment.key for assignment in planned}
    unasked = [key for key in history.checked if key not in asked]
    return sorted(key for key in unasked if key.event not in protocol.unscheduled)


def _rows(
    protocol: Protocol, history: History, planned: Iterable[PlannedAssignment], today: date
) -> Iterator[tuple[object, ...]]:
    assignments = [*planned, *_unscheduled(protocol, history)]
    for assignment in sorted(assignments, key=_order):
        yield (*assignment.key, *assignment.window, _state(assignment, history, today))


def _unscheduled(protocol: Protocol, history: History) -> Iterator[PlannedAssignment]:
    """What the patient opened herself, on the day she did; without a day it has no place in a
    calendar."""
    for key, day in history.checked.items():
        if key.event in protocol.unscheduled and day != UNKNOWN_DAY:
            yield PlannedAssignment(key, Window(day, day, day))


def _order(assignment: PlannedAssignment) -> tuple[date, date, Key]:
    return assignment.window.opens, assignment.window.due, assignment.key


def _state(assignment: PlannedAssignment, history: History, today: date) -> str:
    if assignment.key in history.checked:
        return "answered"
    if assignment.waiting:
        return "waiting"
    return WORDS[assignment.window.state(today)]
