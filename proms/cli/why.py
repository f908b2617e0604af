"""`proms why CODE`: why did she get no message? Every decision, its reason, and how it ended."""

import csv
import sys
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import click

from proms import clock
from proms.actions.audit import OPERATOR
from proms.actions.page_views import note_reading
from proms.actions.refusals import NotFound
from proms.cli.edge import guarded
from proms.cli.messages import SEPARATOR, named
from proms.cli.opened import opened
from proms.db.queries.contact_log import Passage, passages
from proms.db.queries.patients import patient_coded
from proms.db.tables import Site
from proms.domain.reminder.course import Pack

COLUMNS = ("at", "what", "packs", "verdict", "reason", "channel", "ended", "error", "ended_at")
ALL = 100_000


@click.command()
@click.argument("code", metavar="CODE")
@guarded
def command(code: str) -> None:
    """Print every message to a patient by her study code, and what people did about them, as CSV in
    order of time; nobody's name or number is in it."""
    with opened() as installation, installation.database.writing() as session:
        patient = patient_coded(session, code)
        if patient is None:
            raise NotFound(f"there is no patient {code}")
        note_reading(session, patient=patient, page="why", by=OPERATOR, now=clock.now())
        zone = ZoneInfo(session.get_one(Site, patient.site_id).timezone)
        lines = passages(session, patient, ALL)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    for line in reversed(lines):
        out.writerows(_rows(line, zone))


def _rows(line: Passage, zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    """A row a delivery; one without, for what was held and for what people did."""
    at = line.at.astimezone(zone).isoformat()
    if line.deed:
        yield at, line.deed.verb, *[""] * (len(COLUMNS) - 2)
        return
    if line.decision is None:
        return
    names = [named(Pack(each.event or "", each.number or 1)) for each in line.packs]
    packs = SEPARATOR.join(dict.fromkeys(names))  # one pack may have several messages held
    decision = line.decision
    said = (at, decision.kind, packs, decision.verdict, decision.reason or "")
    if not line.deliveries:
        yield *said, *[""] * (len(COLUMNS) - len(said))
    for sent in line.deliveries:
        ended = sent.settled_at.astimezone(zone).isoformat() if sent.settled_at else ""
        yield *said, sent.channel, sent.state, sent.error or "", ended
