"""Who is on duty at a site, and who of them cannot be told."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.db.keyring import Keyring
from proms.db.queries.people import legible_name
from proms.db.tables import Site, SiteRoster, Staff, StaffIdentity
from proms.domain.person import TAKES_ALERTS
from proms.domain.roster import Roster, UnreadableRoster, from_document, gap_between

AHEAD = timedelta(days=14)


def latest_roster(session: Session, site_id: int) -> SiteRoster | None:
    """The version of the site's roster that holds; None where it has none."""
    return session.exec(
        select(SiteRoster)
        .where(SiteRoster.site_id == site_id)
        .order_by(col(SiteRoster.version).desc())
    ).first()


def roster_of(session: Session, site: Site) -> Roster | None:
    """The site's roster, None where it has none or a damaged one; its people are ids of staff, as
    text."""
    with suppress(UnreadableRoster):
        return _stored_roster(session, site)
    return None


def _stored_roster(session: Session, site: Site) -> Roster | None:
    row = latest_roster(session, site.id)
    return from_document(row.document, ZoneInfo(site.timezone)) if row else None


@dataclass(frozen=True)
class Unready:
    """Why a red alert of this site would not be told to whom it should; empty where it would."""

    nobody: bool = False  # no nurse who may be told in place of all others
    gap: date | None = None  # the first staffed day of the next two weeks without anybody
    # Names of who is on the roster: without an address or access; and without the role that acts.
    unreachable: tuple[str, ...] = ()
    cannot_take: tuple[str, ...] = ()
    damaged: bool = False  # what is stored as its roster cannot be read

    def __bool__(self) -> bool:
        return self != Unready()


def unready(session: Session, keyring: Keyring, site: Site, today: date) -> Unready:
    """What keeps the site from being told, seen from a day of it."""
    people = {
        staff.id: (staff, identity)
        for staff, identity in session.exec(
            select(Staff, StaffIdentity).join(StaffIdentity).where(Staff.site_id == site.id)
        )
    }
    told = {id for id, (staff, identity) in people.items() if _may_be_told(staff, identity)}
    takers = {id for id, (staff, _) in people.items() if staff.role in TAKES_ALERTS}
    nobody = not told & takers
    try:
        roster = _stored_roster(session, site)
    except UnreadableRoster:
        return Unready(nobody, damaged=True)
    if roster is None:
        return Unready(nobody)
    last = today + AHEAD
    wanted = {
        who
        for duty in roster.duties
        if duty.since <= last and (duty.until is None or duty.until >= today)
        for who in duty.who
    }
    named = {int(who) for who in wanted | set(roster.on_call)}

    def names(ids: set[int]) -> tuple[str, ...]:
        return tuple(sorted(legible_name(keyring, people[id][1]) for id in ids))

    return Unready(
        nobody=nobody,
        gap=gap_between(roster, today, last),
        unreachable=names(named - told),
        cannot_take=names((named & told) - takers),
    )


def _may_be_told(staff: Staff, identity: StaffIdentity) -> bool:
    return staff.active and bool(identity.phone or identity.email)
