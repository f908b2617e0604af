"""Builders for rosters: `roster("on_call: [dee]", hours="08:00-17:00")`, and steps as short
lines."""

from datetime import datetime
from itertools import islice
from pathlib import Path

from proms.content.roster_file import read_roster
from proms.content.source import parse
from proms.domain.roster import notice_steps
from tests.domain.calendars import TRIAL

WEEK = """\
timezone: Europe/Amsterdam
staffed: {mon: "08:00-17:00", tue: "08:00-17:00", wed: "08:00-17:00", thu: "08:00-17:00", fri: "08:00-16:00"}
holidays: [2027-03-29, 2027-04-27]
on_duty:
  - {from: 2027-01-01, who: [els, mo]}
  - {from: 2027-04-05, until: 2027-04-09, who: [kim]}
"""
ON_CALL = WEEK + "on_call: [dee, dan]\n"


def roster(written=ON_CALL, **instead):
    """The roster in this text, some of its lines written differently."""
    for key, line in instead.items():
        begin = written.index(f"{key}:")
        written = f"{written[:begin]}{key}: {line}\n{written[written.index(chr(10), begin) + 1 :]}"
    return read_roster(parse(written.encode(), Path("roster.yaml")), TRIAL.alerts)


def moment(written, of):
    """A time at the site; with an offset, that instant."""
    at = datetime.fromisoformat(written)
    return at if at.tzinfo else at.replace(tzinfo=of.zone)


def told(of, raised, steps=6):
    """The first steps, as "Thu 25 18:10 dee, dan"."""
    return [
        f"{step.at:%a %d %H:%M} {', '.join(step.who)}"
        for step in islice(notice_steps(of, moment(raised, of)), steps)
    ]
