"""Each morning, at the start of staffed hours, one message to who is on duty: how many patients
wait."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from proms.actions.audit import WORKER, Subject, record
from proms.actions.set_aside import Attempt, Unit, each_apart
from proms.db.append_only import append_missing
from proms.db.queries.rosters import latest_roster
from proms.db.queries.set_aside import not_aside
from proms.db.queries.worklist import patients_waiting
from proms.db.tables import Delivery, Site, SiteDigest, Staff, StaffIdentity
from proms.domain.alert import Urgency
from proms.domain.person import EVERY_KIND, TAKES_ALERTS, ContactKind
from proms.domain.reminder import DeliveryState, MessageKind
from proms.domain.roster import NobodyOnDuty, Roster, from_document, is_staffed
from proms.domain.tick import USUAL, TickName, Tries


def send_digests(
    session: Session,
    *,
    now: datetime,
    tries: Tries = USUAL,
    served: Collection[str] = EVERY_KIND,
) -> int:
    """Owe the morning's message of every site whose hours have begun, once a day, by a channel that
    is `served`; returns how many."""
    owed: dict[int, int] = {}

    def send_all(sites: list[Site]) -> None:
        for site in sites:
            row = latest_roster(session, site.id)
            if row:
                roster = from_document(row.document, _zone(site))
                owed[site.id] = _send_digest(session, site, roster, served, now)

    sites = select(Site).where(not_aside(TickName.DIGEST, Site.id, now)).order_by(col(Site.name))
    units = [Unit(site.id, site, site.id) for site in session.exec(sites)]
    each_apart(session, units, send_all, Attempt(TickName.DIGEST, now, tries))
    session.commit()
    return sum(owed.values())


def _send_digest(
    session: Session, site: Site, roster: Roster, served: Collection[str], now: datetime
) -> int:
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
    people = _who_are_told(session, site.id, roster, today)
    for person in people:
        session.add(
            Delivery(
                kind=MessageKind.DIGEST,
                channel=_channel_of(person, served),
                staff_id=person.staff_id,
                state=DeliveryState.DUE,
                due_at=now,
                send_until=now + timedelta(hours=12),
                created_at=now,
            )
        )
    subject = Subject("site", site.id, site_id=site.id)
    record(session, "site.digest_owed", subject, by=WORKER, now=now, patients=patients)
    return len(people)


def _channel_of(person: StaffIdentity, served: Collection[str]) -> ContactKind:
    """Her telephone before her mailbox, if something can be sent there."""
    if person.phone and (ContactKind.SMS in served or not person.email):
        return ContactKind.SMS
    return ContactKind.EMAIL


def _who_are_told(
    session: Session, site_id: int, roster: Roster, today: date
) -> list[StaffIdentity]:
    """The first on duty who has an address, access and the role that takes alerts; every nurse
    where there is none."""
    wanted = select(StaffIdentity).join(Staff)
    wanted = wanted.where(Staff.site_id == site_id, col(Staff.role).in_(TAKES_ALERTS), Staff.active)
    reachable = {
        person.staff_id: person
        for person in session.exec(wanted.order_by(col(Staff.id)))
        if person.phone or person.email
    }
    first = next((int(who) for who in _on_duty(roster, today) if int(who) in reachable), None)
    return [reachable[first]] if first else list(reachable.values())


def _on_duty(roster: Roster, today: date) -> tuple[str, ...]:
    try:
        return roster.on_duty(today)
    except NobodyOnDuty:
        return ()


def _zone(site: Site) -> ZoneInfo:
    return ZoneInfo(site.timezone)
