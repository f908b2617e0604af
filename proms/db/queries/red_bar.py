"""What should trouble everybody at a site: a silent worker, lost messages, red alerts nobody took,
a site that can tell nobody, wrong scores."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, func, or_, select

from proms.db.keyring import Keyring
from proms.db.queries.confirmations import Plans, lapsed
from proms.db.queries.people import legible_name
from proms.db.queries.rosters import Unready, unready
from proms.db.queries.set_aside import waiting_since
from proms.db.queries.unserved import Unserved, unserved_at
from proms.db.queries.warnings import warned_since
from proms.db.queries.watch import last_beat, ticks_seen
from proms.db.tables import (
    Alert,
    Contact,
    Delivery,
    Patient,
    Site,
    SiteTexts,
    Staff,
    StaffIdentity,
)
from proms.domain.alert import Urgency
from proms.domain.alert.record import AlertState
from proms.domain.person import EVERY_KIND, ContactKind
from proms.domain.reminder import OWED, DeliveryState
from proms.domain.score import Warned
from proms.domain.tick import NO_CHANNEL, UNREADABLE

SILENCE = timedelta(minutes=2)
TOO_LONG = timedelta(minutes=30)
SHOWN_FOR = timedelta(days=7)
LOST = (DeliveryState.DEAD, DeliveryState.UNDELIVERED, DeliveryState.EXPIRED)
ON_ITS_WAY = (*OWED, DeliveryState.SENT, DeliveryState.DELIVERED)
# After so long without a report what was sent counts as arrived: a channel may give none.
REPORTED_WITHIN = timedelta(days=1)

Troubles = list[tuple[str, datetime]]  # of which patient (her code), since when


@dataclass(frozen=True)
class RedBar:
    """Since when each holds; empty where nothing is wrong. Codes are of patients of the site."""

    silent_since: datetime | None = None
    never_beat: bool = False
    lost: tuple[str, ...] = ()
    lost_since: datetime | None = None
    lost_notices: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()
    overdue_since: datetime | None = None
    unready: Unready = Unready()
    scores_differ_since: datetime | None = None  # at whatever site: none may rely on scores then
    alerts_differ_since: datetime | None = None  # at whatever site too
    failing: tuple[str, ...] = ()  # ticks, which work for all sites
    failing_since: datetime | None = None
    set_aside: int = 0
    set_aside_since: datetime | None = None
    unreadable: tuple[str, ...] = ()  # whose number or address does not open
    unserved: Unserved = Unserved()
    texts_full_since: datetime | None = None  # as many left today as there may be
    texts_held: int = 0  # until tomorrow
    not_confirmed_again: tuple[str, ...] = ()  # whose number, in the time there is for that
    not_confirmed_since: datetime | None = None

    def __bool__(self) -> bool:
        return self != RedBar()


def red_bar(
    session: Session,
    keyring: Keyring,
    site_id: int,
    *,
    now: datetime,
    real_now: datetime,
    served: Collection[ContactKind] = EVERY_KIND,
    plans: Plans = MappingProxyType({}),
) -> RedBar:
    """What is wrong at this site now; heartbeats are held against real time, all else against the
    clinic's."""
    # A worker that beats is the only proof that messages leave and clocks run at all: while none
    # does, nothing below can be relied on to change.
    beat_at = last_beat(session)
    silent = beat_at is not None and real_now - beat_at > SILENCE
    lost, unreadable = _lost_messages(session, site_id, now)
    failing = [
        tick for tick in ticks_seen(session) if tick.fails(real_now) or tick.is_stuck(real_now)
    ]
    aside, aside_since = waiting_since(session, site_id)
    overdue = _overdue(session, site_id, now)
    late = _not_confirmed_again(session, site_id, plans, now)
    texts_held, texts_full_since = _texts_full(session, site_id, now)
    site = session.get_one(Site, site_id)
    today = now.astimezone(ZoneInfo(site.timezone)).date()
    return RedBar(
        silent_since=beat_at if silent else None,
        never_beat=beat_at is None,
        lost=_each_code_once(lost),
        lost_since=_earliest(lost),
        lost_notices=_lost_notices(session, keyring, site_id, now),
        overdue=_each_code_once(overdue),
        overdue_since=_earliest(overdue),
        unready=unready(session, keyring, site, today),
        scores_differ_since=warned_since(session, Warned.SCORES_DIFFER),
        alerts_differ_since=warned_since(session, Warned.ALERTS_DIFFER),
        failing=() if silent else tuple(tick.tick for tick in failing),
        failing_since=min((since for tick in failing if (since := tick.since())), default=None),
        set_aside=aside,
        set_aside_since=aside_since,
        unreadable=_each_code_once(unreadable),
        unserved=unserved_at(session, keyring, site_id, served),
        texts_held=texts_held,
        texts_full_since=texts_full_since,
        not_confirmed_again=_each_code_once(late),
        not_confirmed_since=_earliest(late),
    )


def _each_code_once(troubles: Troubles) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code, _ in troubles))


def _earliest(troubles: Troubles) -> datetime | None:
    return min((at for _, at in troubles), default=None)


def _not_confirmed_again(session: Session, site_id: int, plans: Plans, now: datetime) -> Troubles:
    """The patients whose site has let the time for it go by."""
    at_site = lapsed(session, plans, now, col(Patient.site_id) == site_id)
    return [(one.code, one.lapsed_at) for one in at_site if one.late and one.lapsed_at]


def _texts_full(session: Session, site_id: int, now: datetime) -> tuple[int, datetime | None]:
    """How many texts of today wait for tomorrow, and since when no more leave."""
    full = select(SiteTexts.held, SiteTexts.full_since).where(
        SiteTexts.site_id == site_id, col(SiteTexts.full_until) > now
    )
    return session.exec(full).first() or (0, None)


def _lost_messages(session: Session, site_id: int, now: datetime) -> tuple[Troubles, Troubles]:
    """Of the last week, of patients whom nothing has reached since: what did not arrive, and what
    has an address that does not open."""
    # Only a message that arrived later shows that she is reached again; another number alone may be
    # wrong too.
    later = aliased(Delivery)
    reached = (
        select(later.id)
        .where(
            later.patient_id == Delivery.patient_id,
            later.id > Delivery.id,
            # What does not open has still to be entered, whatever arrived by another way.
            or_(later.channel == Delivery.channel, ~_unreadable()),
            or_(
                later.state == DeliveryState.DELIVERED,
                and_(
                    later.state == DeliveryState.SENT,
                    col(later.settled_at) <= now - REPORTED_WITHIN,
                ),
            ),
        )
        .exists()
    )
    wanted = (
        select(Patient.code, Delivery.created_at, Delivery.error, Contact)
        .join(Patient, col(Patient.id) == Delivery.patient_id)
        .join(Contact, col(Contact.id) == Delivery.contact_id, isouter=True)
        .where(
            Patient.site_id == site_id,
            _is_lost(),
            col(Delivery.created_at) > now - SHOWN_FOR,
            ~reached,
            or_(_unreadable(), ~_goes_otherwise()),
        )
        .order_by(col(Delivery.created_at))
    )
    lost: Troubles = []
    unreadable: Troubles = []
    for code, at, error, contact in session.exec(wanted):
        # Once it was entered again, it is a message that did not arrive, like others.
        to_enter = error == UNREADABLE and contact and contact.in_use
        (unreadable if to_enter else lost).append((code, at))
    return lost, unreadable


def _unreadable() -> ColumnElement[bool]:
    return func.coalesce(Delivery.error, "") == UNREADABLE


def _goes_otherwise() -> ColumnElement[bool]:
    """The same message is on its way, or arrived, by her other way, which is looked at as a row of
    its own."""
    other = aliased(Delivery)
    return (
        select(other.id)
        .where(
            other.decision_id == Delivery.decision_id,
            other.id != Delivery.id,
            col(other.state).in_(ON_ITS_WAY),
        )
        .exists()
    )


def _is_lost() -> ColumnElement[bool]:
    """It did not arrive; one whose outcome is not known counts once nobody asks about it any
    more."""
    given_up = and_(Delivery.state == DeliveryState.UNKNOWN, col(Delivery.settled_at).is_not(None))
    return or_(col(Delivery.state).in_(LOST), given_up)


def _lost_notices(
    session: Session, keyring: Keyring, site_id: int, now: datetime
) -> tuple[str, ...]:
    """The nurses whom a notice about an alert that is still open did not reach."""
    # Unlike a patient's message a notice also counts while it is still owed, once it has failed
    # more than twice: the alert's clock does not wait until it has been given up.
    wanted = (
        select(StaffIdentity)
        .join(Staff)
        .join(Delivery, col(Delivery.staff_id) == Staff.id)
        .join(Alert, col(Alert.id) == Delivery.alert_id)
        .where(
            Staff.site_id == site_id,
            col(Staff.active),
            col(Alert.resolved_at).is_(None),
            or_(
                _is_lost() & ~_went_otherwise(),
                (col(Delivery.attempts) > 2) & (Delivery.state == DeliveryState.DUE),
            ),
            col(Delivery.created_at) > now - SHOWN_FOR,
        )
    )
    nurses = {nurse.staff_id: nurse for nurse in session.exec(wanted)}
    return tuple(sorted(legible_name(keyring, nurse) for nurse in nurses.values()))


def _went_otherwise() -> ColumnElement[bool]:
    """This installation has no such channel, and the same notice went by the other."""
    other = aliased(Delivery)
    same = (
        select(other.id)
        .where(
            other.alert_id == Delivery.alert_id,
            other.staff_id == Delivery.staff_id,
            other.step == Delivery.step,
            other.channel != Delivery.channel,
        )
        .exists()
    )
    # The other one is looked at as a row of its own.
    return (func.coalesce(Delivery.error, "") == NO_CHANNEL) & same


def _overdue(session: Session, site_id: int, now: datetime) -> Troubles:
    """The red alerts nobody has taken for half an hour, the oldest first."""
    # Counted from the alert's own clock, not from when it was raised: a worse answer that comes
    # later starts the half hour again.
    wanted = (
        select(Patient.code, Alert.clock_from)
        .join(Patient, col(Patient.id) == Alert.patient_id)
        .where(
            Alert.site_id == site_id,
            Alert.state == AlertState.OPEN,
            Alert.urgency == Urgency.RED,
            col(Alert.clock_from) <= now - TOO_LONG,
        )
        .order_by(col(Alert.clock_from))
    )
    return list(session.exec(wanted).all())
