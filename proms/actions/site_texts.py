"""How many texts the patients of a site are sent on one day: above an installation's number the
others wait for the next, so that nobody who gets in can send thousands."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select, update

from proms.actions.next_messages import standing_of
from proms.actions.refusals import Unfit
from proms.actions.settling import end
from proms.content import Library
from proms.db.append_only import append_missing
from proms.db.tables import Contact, Delivery, Patient, Site, SiteTexts
from proms.domain.person import ContactKind
from proms.domain.reminder import DeliveryState, HoldReason, MessageKind, may_leave

_l = str  # marks a sentence for the catalogue; a page says it in the reader's language
FULL = _l(
    "Not sent: today’s maximum number of text messages of this hospital is reached. "
    "Call the patient."
)
SITE_CAP = HoldReason.SITE_CAP.value  # noted of a message that waits for another day


def full_sites(session: Session, site_ids: Collection[int], now: datetime) -> set[int]:
    """Those of these sites whose patients are sent no more texts today."""
    full = select(SiteTexts.site_id).where(
        col(SiteTexts.site_id).in_(list(site_ids)), col(SiteTexts.full_until) > now
    )
    return set(session.exec(full))


def refuse_full(session: Session, contact: Contact, field: str, now: datetime) -> None:
    """Raises Unfit where a text that somebody asks for could not leave today."""
    patient = session.get_one(Patient, contact.patient_id)
    if contact.kind == ContactKind.SMS and full_sites(session, [patient.site_id], now):
        raise Unfit(field, FULL, {})


def note_held(session: Session, held: Mapping[int, int], now: datetime) -> None:
    """So many messages of each site wait since its day is full; the caller commits."""
    for site_id, count in sorted(held.items()):
        of_site = update(SiteTexts).where(col(SiteTexts.site_id) == site_id)
        session.exec(of_site.values(held=SiteTexts.held + count))


def is_text_to_patient(delivery: Delivery) -> bool:
    return delivery.channel == ContactKind.SMS and delivery.patient_id is not None


def waits_for_room(session: Session, library: Library, delivery: Delivery, now: datetime) -> bool:
    """Whether a text to a patient is put off to the next day, since this one is full."""
    if not is_text_to_patient(delivery):
        return False
    site_id = session.get_one(Patient, delivery.patient_id).site_id
    # Asked once a claim, not for each of its messages; what it fills up itself is counted at its
    # end.
    known = session.info.setdefault("full_sites", {})
    if site_id not in known:
        known[site_id] = bool(full_sites(session, [site_id], now))
    if not known[site_id] or delivery.counted_on == _day(now, _zone(session, site_id)):
        return False
    _put_off(session, library, delivery, now)
    note_held(session, {site_id: 1}, now)
    return True


def put_off_what_is_too_much(
    session: Session, library: Library, claimed: Sequence[Delivery], most: int, now: datetime
) -> set[int]:
    """Count the texts to patients that are about to leave for the days of their sites, and put off
    those there is no room for; returns their ids. The caller commits."""
    by_site: dict[int, list[Delivery]] = defaultdict(list)
    for delivery in claimed:
        if is_text_to_patient(delivery):
            patient = session.get_one(Patient, delivery.patient_id)
            if delivery.counted_on != _day(now, _zone(session, patient.site_id)):
                by_site[patient.site_id].append(delivery)
    too_much: set[int] = set()
    # In one order at every worker: each waits for the row of a site until another has committed.
    for site_id, texts in sorted(by_site.items()):
        zone = _zone(session, site_id)
        granted = _take(session, site_id, len(texts), most=most, now=now, zone=zone)
        for delivery in texts[:granted]:
            delivery.counted_on = _day(now, zone)
        over = texts[granted:]
        for delivery in over:
            delivery.attempts -= 1
            delivery.leased_until = None
            _put_off(session, library, delivery, now)
        if over:
            note_held(session, {site_id: len(over)}, now)
            too_much |= {delivery.id for delivery in over}
    return too_much


def follow_limit(session: Session, most: int, *, now: datetime) -> None:
    """Days that were full and are not by the number of now go on."""
    raised = update(SiteTexts).where(col(SiteTexts.full_until) > now, col(SiteTexts.texts) < most)
    session.exec(raised.values(full_since=None, full_until=None))
    session.commit()


def _take(
    session: Session, site_id: int, wanted: int, *, most: int, now: datetime, zone: ZoneInfo
) -> int:
    """Take room for so many texts in a site's day; returns for how many there is."""
    today = _day(now, zone)
    new = {"site_id": site_id, "day": today, "texts": 0, "held": 0}
    append_missing(session, SiteTexts, [new])
    row = session.get_one(SiteTexts, site_id, with_for_update=True, populate_existing=True)
    if row.day != today:
        row.day, row.texts, row.held, row.full_since = today, 0, 0, None
    granted = min(wanted, max(0, most - row.texts))
    row.texts += granted
    if row.texts < most:
        row.full_since = row.full_until = None
    else:
        row.full_since = row.full_since or now
        row.full_until = _midnight_after(today, zone)
    session.flush()
    return granted


def _put_off(session: Session, library: Library, delivery: Delivery, now: datetime) -> None:
    """It leaves with the messages of the next morning; what is of no use by then is over."""
    patient = session.get_one(Patient, delivery.patient_id)
    zone = _zone(session, patient.site_id)
    plan = library.protocol(patient.protocol, patient.protocol_version).messages
    tomorrow = _day(now, zone) + timedelta(days=1)
    leaves = standing_of(patient, plan, zone, now).morning_of(tomorrow)
    if delivery.kind != MessageKind.REMINDER:
        midnight = _midnight_after(_day(now, zone), zone)
        leaves = may_leave(plan, MessageKind(delivery.kind), delivery.created_at, midnight, zone)
    if leaves >= delivery.send_until:
        end(delivery, DeliveryState.EXPIRED, SITE_CAP, now)
        return
    delivery.state, delivery.due_at, delivery.error = DeliveryState.DUE, leaves, SITE_CAP


def _zone(session: Session, site_id: int) -> ZoneInfo:
    return ZoneInfo(session.get_one(Site, site_id).timezone)


def _day(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def _midnight_after(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
