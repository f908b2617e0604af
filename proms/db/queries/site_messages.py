"""The messages of a site's patients: what is on its way, what did not arrive, what comes, and how
much of what left arrived."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from proms.db.tables import Assignment, Delivery, MessageDecision, Patient
from proms.db.tables.partial import among
from proms.domain.reminder import DeliveryState
from proms.domain.schedule import OUTSTANDING

# As ix_delivery_owed has them.
IN_HAND = (DeliveryState.DUE, DeliveryState.SENDING, DeliveryState.UNKNOWN)
NOT_ARRIVED = (DeliveryState.DEAD, DeliveryState.UNDELIVERED, DeliveryState.EXPIRED)
COUNTED = (*NOT_ARRIVED, DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.UNKNOWN)
MOST = 200  # lines of a list: a page is read by a person

Pack = tuple[str, int]  # event and number


@dataclass(frozen=True)
class SiteMessage:
    """One message to a patient of the site, and the packs it is about; none where it carries the
    link alone."""

    patient: Patient
    delivery: Delivery
    packs: tuple[Pack, ...]
    instead: Delivery | None = None  # the same message by her other way


@dataclass(frozen=True)
class ComingMessage:
    """What one patient is to be sent on one day, unless she answers before; `open` says that there
    is something to answer already."""

    patient: Patient
    at: datetime
    packs: tuple[Pack, ...]
    open: bool

    @property
    def held(self) -> bool:
        """Whether a pause of hers goes on until that day."""
        first, until = self.patient.paused_from, self.patient.paused_until
        day = self.at.date()
        return until is not None and (first or day) <= day <= until


@dataclass(frozen=True)
class Tally:
    """How the messages of one channel ended; the three ends add up to all."""

    channel: str
    all: int
    delivered: int
    not_arrived: int

    @property
    def no_word(self) -> int:
        """Those of which nobody said that they arrived, nor that they did not."""
        return self.all - self.delivered - self.not_arrived


def in_hand(session: Session, site_id: int) -> list[SiteMessage]:
    """What waits to be sent, is being sent, or may have left: the oldest first."""
    wanted = (
        select(Delivery, Patient)
        .join(Patient, col(Patient.id) == Delivery.patient_id)
        .where(Patient.site_id == site_id, among(Delivery.state, IN_HAND))
        .order_by(col(Delivery.due_at), col(Delivery.id))
    )
    return _with_packs(session, session.exec(wanted.limit(MOST)).all())


def not_arrived(session: Session, site_id: int, since: datetime) -> list[SiteMessage]:
    """What reached nobody since then: the latest first."""
    wanted = (
        select(Delivery, Patient)
        .join(Patient, col(Patient.id) == Delivery.patient_id)
        .where(
            Patient.site_id == site_id,
            col(Delivery.created_at) >= since,
            col(Delivery.state).in_(NOT_ARRIVED),
        )
        .order_by(col(Delivery.settled_at).desc(), col(Delivery.id).desc())
    )
    return _with_packs(session, session.exec(wanted.limit(MOST)).all())


def coming(
    session: Session, site_id: int, now: datetime, until: datetime, zone: ZoneInfo
) -> list[ComingMessage]:
    """The next message of every patient about what she has still to answer, in order: one a day."""
    wanted = (
        select(Assignment, Patient)
        .join(Patient)
        .where(
            Patient.site_id == site_id,
            col(Assignment.message_at).is_not(None),
            col(Assignment.message_at) <= until,
            col(Assignment.state).in_(OUTSTANDING),
        )
        .order_by(col(Assignment.message_at), col(Patient.code), col(Assignment.event))
    )
    together: dict[tuple[int, date], list[tuple[Assignment, Patient]]] = defaultdict(list)
    for assignment, patient in session.exec(wanted):
        if assignment.message_at is not None:
            day = assignment.message_at.astimezone(zone).date()
            together[patient.id, day].append((assignment, patient))
    return [_coming(rows, now, zone) for rows in together.values()]


def _coming(
    rows: Sequence[tuple[Assignment, Patient]], now: datetime, zone: ZoneInfo
) -> ComingMessage:
    (first, patient), *_ = rows
    at = (first.message_at or now).astimezone(zone)
    packs = dict.fromkeys((assignment.event, assignment.number) for assignment, _ in rows)
    opened = any(assignment.opens_at <= now for assignment, _ in rows)
    return ComingMessage(patient, at, tuple(packs), opened)


def tallies(session: Session, site_id: int, since: datetime) -> list[Tally]:
    """How what was to leave since then ended, channel by channel."""
    counted = session.exec(
        select(Delivery.channel, Delivery.state, func.count())
        .join(Patient, col(Patient.id) == Delivery.patient_id)
        .where(
            Patient.site_id == site_id,
            col(Delivery.created_at) >= since,
            col(Delivery.state).in_(COUNTED),
        )
        .group_by(col(Delivery.channel), col(Delivery.state))
    )
    channels: dict[str, Counter[str]] = defaultdict(Counter)
    for channel, state, count in counted:
        channels[channel][state] += count
    return [_tally(channel, states) for channel, states in sorted(channels.items())]


def _tally(channel: str, states: Mapping[str, int]) -> Tally:
    return Tally(
        channel,
        all=sum(states.values()),
        delivered=states.get(DeliveryState.DELIVERED, 0),
        not_arrived=sum(states.get(state, 0) for state in NOT_ARRIVED),
    )


def _with_packs(session: Session, rows: Sequence[tuple[Delivery, Patient]]) -> list[SiteMessage]:
    decision_ids = [delivery.decision_id for delivery, _ in rows]
    packs, ways = packs_carried(session, decision_ids), _by_every_way(session, decision_ids)
    return [
        SiteMessage(
            patient,
            delivery,
            tuple(packs[delivery.decision_id or 0]),
            next((way for way in ways[delivery.decision_id or 0] if way.id > delivery.id), None),
        )
        for delivery, patient in rows
    ]


def _by_every_way(
    session: Session, decision_ids: Iterable[int | None]
) -> dict[int, list[Delivery]]:
    """By decision, its message by each way that it took, in order."""
    wanted = select(Delivery).where(col(Delivery.decision_id).in_([*filter(None, decision_ids)]))
    ways: dict[int, list[Delivery]] = defaultdict(list)
    for delivery in session.exec(wanted.order_by(col(Delivery.id))):
        ways[delivery.decision_id or 0].append(delivery)
    return ways


def packs_carried(session: Session, decision_ids: Iterable[int | None]) -> dict[int, list[Pack]]:
    """By the decision that a message was sent for, the packs it is about."""
    ids = [each for each in decision_ids if each]
    packs: dict[int, list[Pack]] = defaultdict(list)
    if not ids:
        return packs
    firsts = select(MessageDecision).where(
        col(MessageDecision.id).in_(ids), col(MessageDecision.event).is_not(None)
    )
    others = select(MessageDecision).where(col(MessageDecision.decided_with).in_(ids))
    for query in (firsts, others):
        for decision in session.exec(query.order_by(col(MessageDecision.id))):
            first = decision.decided_with or decision.id
            packs[first].append((decision.event or "", decision.number or 0))
    return packs
