"""Each morning, at the start of staffed hours, one message to who is on duty: how many patients
wait."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.actions.audit import WORKER, Subject, record
from proms.db.append_only import append_missing
from proms.db.queries.rosters import latest_roster
from proms.db.queries.sites import every_site
from proms.db.queries.worklist import patients_waiting
from proms.db.tables import Delivery, Site, SiteDigest, Staff, StaffIdentity
from proms.domain.alert import Urgency
from proms.domain.person import ContactKind
from proms.domain.reminder import DeliveryState, MessageKind
from proms.domain.roster import NobodyOnDuty, Roster, from_document, is_staffed


def send_digests(session: Session, *, now: datetime) -> int:
    """Owe the morning's message of every site whose hours have begun, once a day; returns how
    many."""
    count = 0
    for site in every_site(session):
        row = latest_roster(session, site.id)
        if row:
            count += _send_digest(session, site, from_document(row.document, _zone(site)), now)
    session.commit()
    return count


def _send_digest(session: Session, site: Site, roster: Roster, now: datetime) -> int:
    today = now.astimezone(_zone(site)).date()
    if not roster.hours_on(today) or not is_staffed(roster, now):
        return 0
    decided = select(SiteDigest.id).where(SiteDigest.site_id == site.id, SiteDigest.day == today)
    if session.exec(decided).first():
        return 0
    patients = patients_waiting(session, site.id, Urgency.AMBER)
    # A morning on which nobody waited is decided too: who turns amber later waits until tomorrow's.
    new = {"site_id": site.id, "day": today, "patients": patients, "decided_at": now}
    if not append_missing(session, SiteDigest, [new]) or not patients:
        return 0  # another worker was first, or there is nothing to say
    person = _who_is_told(session, roster, today)
    if person is None:
        return 0
    channel = ContactKind.SMS if person.phone else ContactKind.EMAIL
    session.add(
        Delivery(
            kind=MessageKind.DIGEST,
            channel=channel,
            staff_id=person.staff_id,
            state=DeliveryState.DUE,
            due_at=now,
            send_until=now + timedelta(hours=12),
            created_at=now,
        )
    )
    subject = Subject("site", site.id, site_id=site.id)
    record(session, "site.digest_owed", subject, by=WORKER, now=now, patients=patients)
    return 1


def _who_is_told(session: Session, roster: Roster, today: date) -> StaffIdentity | None:
    """The first on duty who has an address and access."""
    try:
        on_duty = [int(who) for who in roster.on_duty(today)]
    except NobodyOnDuty:
        return None
    wanted = select(StaffIdentity).join(Staff).where(Staff.active, col(Staff.id).in_(on_duty))
    reachable = {
        person.staff_id: person for person in session.exec(wanted) if person.phone or person.email
    }
    return next((reachable[who] for who in on_duty if who in reachable), None)


def _zone(site: Site) -> ZoneInfo:
    return ZoneInfo(site.timezone)
