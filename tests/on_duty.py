"""A site with a roster: who is on it, and whom each minute reaches."""

from datetime import UTC, datetime
from pathlib import Path

from proms.actions.audit import staff_actor
from proms.actions.rosters import set_roster, with_staff_ids
from proms.content.roster_file import read_roster
from proms.content.source import parse
from proms.db.queries.people import staff_with_login
from proms.db.tables import Site, Staff
from proms.domain.person import Role
from tests.clinic import MOBILE

NAMES = {MOBILE: "els", "+49 171 39200 02": "ria", "+49 171 39200 03": "dee"}
ROSTER = """\
timezone: Europe/Amsterdam
staffed: {mon: "08:00-17:00", tue: "08:00-17:00", wed: "08:00-17:00", thu: "08:00-17:00", fri: "08:00-16:00"}
holidays: [2027-03-29]
on_duty:
  - {from: 2027-01-01, who: [els, ria]}
"""
ON_CALL = ROSTER + "on_call: [dee]\n"


def follows(clinic, written):
    """The site follows this roster from now on."""
    with clinic.database.writing() as session:
        limits = clinic.library.protocol("pump-it").alerts
        roster = read_roster(parse(written.encode(), Path("roster.yaml")), limits)
        site = session.get_one(Site, clinic.site.id)
        roster = with_staff_ids(session, clinic.keyring, roster, site)
        set_roster(
            session,
            clinic.keyring,
            roster,
            site_id=site.id,
            reason="board",
            by=staff_actor(clinic.ad),
            now=clinic.now,
        )


def moves(clinic, at):
    """To an instant, written with its offset; whom a notice reached then."""
    before = len(clinic.phone)
    clinic.now = datetime.fromisoformat(at).astimezone(UTC) if isinstance(at, str) else at
    clinic.works()
    names = {number.replace(" ", ""): name for number, name in NAMES.items()}
    return [names[to] for to, text in clinic.phone[before:] if "/staff/" in text]


def becomes_coordinator(ward, login):
    """As a roster of before may have it: whoever is on it has no longer the role that acts."""
    with ward.database.writing() as session:
        staff = staff_with_login(session, ward.keyring, login)
        session.get_one(Staff, staff.id).role = Role.COORDINATOR
        session.commit()
