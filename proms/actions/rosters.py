"""A site's roster: who is on duty and who is on call, from the moment it is recorded."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from proms.actions.audit import Actor, Subject, record
from proms.actions.notices import start_over
from proms.actions.people import check_reachable
from proms.actions.plain_text import checked_text
from proms.actions.refusals import FieldFault, Incomplete, NotFound
from proms.db.keyring import Keyring
from proms.db.queries.people import member_at, staff_with_login
from proms.db.queries.rosters import latest_roster
from proms.db.queries.sites import lock_site
from proms.db.tables import Site, SiteRoster
from proms.domain.person import TAKES_ALERTS, Role
from proms.domain.plain_text import LONGEST_REASON
from proms.domain.roster import Roster, as_document, gap_between, with_people, written_days


def with_staff_ids(session: Session, keyring: Keyring, roster: Roster, site: Site) -> Roster:
    """A roster that names people by their log-in names, with their ids in place of those."""

    def id_of(login: str) -> str:
        staff = staff_with_login(session, keyring, login)
        if staff is None or staff.site_id != site.id:
            raise Incomplete("who", FieldFault.NOBODY_HERE, login=login)
        return str(staff.id)

    return with_people(roster, id_of)


def set_roster(
    session: Session,
    keyring: Keyring,
    roster: Roster,
    *,
    site_id: int,
    reason: str,
    by: Actor,
    now: datetime,
) -> SiteRoster:
    """Record the roster that a site follows from now on; its people are ids of staff, as text.

    Whoever is on it may take alerts and can be told of them: on duty by a mobile number or an
    e-mail address, on call by a mobile number.
    """
    site = lock_site(session, site_id)
    if site is None:
        raise NotFound("There is no such site.")
    if str(roster.zone) != site.timezone:
        zones = {"zone": str(roster.zone), "timezone": site.timezone}
        raise Incomplete("timezone", FieldFault.OTHER_TIMEZONE, **zones)
    _refuse_who_cannot_act(session, keyring, roster, site_id)
    today = now.astimezone(ZoneInfo(site.timezone)).date()
    _refuse_gap(roster, today)
    document = as_document(roster)
    last = latest_roster(session, site_id)
    if last and last.document == document:
        raise Incomplete("roster", FieldFault.ON_RECORD)
    row = SiteRoster(
        site_id=site_id,
        version=(last.version if last else 0) + 1,
        document=document,
        reason=checked_text("reason", reason, LONGEST_REASON),
        recorded_at=now,
        recorded_by=by.staff_id,
    )
    session.add(row)
    session.flush()
    subject = Subject("site_roster", row.id, site_id=site_id)
    detail = {"version": row.version, "on_call": len(roster.on_call)}
    record(session, "site.roster_recorded", subject, by=by, now=now, reason=row.reason, **detail)
    start_over(session, site_id, now)
    session.commit()
    return row


def _refuse_who_cannot_act(
    session: Session, keyring: Keyring, roster: Roster, site_id: int
) -> None:
    on_duty = {who for duty in roster.duties for who in duty.who}
    for who in sorted(on_duty | set(roster.on_call)):
        known = member_at(session, keyring, int(who), site_id)
        if known is None:
            raise Incomplete("who", FieldFault.NOBODY_HERE, login=who)
        if not known.active:
            raise Incomplete("who", FieldFault.NO_ACCESS, name=known.name)
        if known.role not in TAKES_ALERTS:
            field = "who" if who in on_duty else "on_call"
            raise Incomplete(field, FieldFault.TAKES_NO_ALERTS, name=known.name)
        if who in on_duty and not _reached(known.phone, known.email):
            raise Incomplete("who", FieldFault.NO_ADDRESS, name=known.name)
        if who in roster.on_call and not _reached(known.phone, None):
            raise Incomplete("on_call", FieldFault.NO_MOBILE, name=known.name)


def _reached(phone: str | None, email: str | None) -> bool:
    """As a nurse has to be."""
    try:
        check_reachable(Role.NURSE, phone, email)
    except Incomplete:
        return False
    return True


def _refuse_gap(roster: Roster, today: date) -> None:
    _, last = written_days(roster.duties)
    gap = gap_between(roster, today, max(roster.next_staffed(today), last))
    if gap:
        raise Incomplete("who", FieldFault.ROSTER_GAP, day=gap)
