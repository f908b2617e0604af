"""Decide every message that has fallen due: one a patient, sent or held, with the reason, stored
either way."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_
from sqlmodel import Session, col, func, select

from proms.actions.audit import WORKER, Subject, record
from proms.actions.next_messages import (
    PackOf,
    held_row,
    pack_of,
    schedule_message,
    standing_of,
    store_together,
    turn_number,
    turns_of_packs,
)
from proms.actions.set_aside import Attempt, Unit, each_apart
from proms.actions.site_texts import full_sites, note_held
from proms.actions.ways import Ways, ways_of
from proms.content import Library
from proms.db.queries.set_aside import not_aside
from proms.db.tables import Assignment, Contact, Delivery, MessageDecision, Patient, Site
from proms.db.tables.partial import among
from proms.domain.person import ContactKind, PatientStatus
from proms.domain.protocol import MessagePlan
from proms.domain.reminder import (
    OWED,
    Decision,
    DeliveryState,
    Fate,
    HoldReason,
    MessageContext,
    MessageKind,
    Standing,
    Turn,
    Verdict,
    decide,
    purpose_of,
    step_due,
    steps_passed_over,
)
from proms.domain.reminder.confirming import is_held
from proms.domain.reminder.course import pack_order
from proms.domain.schedule import OUTSTANDING
from proms.domain.tick import USUAL, TickName, Tries

NOT_FAILED = {*OWED, DeliveryState.SENT, DeliveryState.DELIVERED}
PASSED_OVER = HoldReason.SUPERSEDED
STILL_TO_LEAVE = (DeliveryState.DUE, DeliveryState.SENDING)


@dataclass(frozen=True)
class DuePack:
    """A pack whose message has fallen due: its assignments that are still asked, and what was
    decided of it before."""

    assignments: Sequence[Assignment]
    turns: Sequence[Turn]

    @property
    def key(self) -> PackOf:
        return pack_of(self.assignments[0])

    def step(self, standing: Standing) -> int:
        """The step that is decided: the last whose day has come."""
        planned = max(assignment.message_step or 1 for assignment in self.assignments)
        return step_due(self.opens, self.turns, standing) or planned

    @property
    def opens(self) -> date:
        return min(assignment.opens for assignment in self.assignments)

    @property
    def closes_at(self) -> datetime:
        return max(assignment.closes_at for assignment in self.assignments)


@dataclass
class Leaving:
    """The messages that leave for a patient on one day: those about packs, and all."""

    reminders: int = 0
    all: int = 0


@dataclass(frozen=True)
class DueMessage:
    """All that one patient is due a message about, and what the decision looks at."""

    patient: Patient
    contact: Contact | None
    plan: MessagePlan
    zone: ZoneInfo
    packs: Sequence[DuePack]
    leaving: Leaving = field(default_factory=Leaving)
    site_full: bool = False
    stopped: HoldReason | None = None  # nothing is sent to her by any way until one is mended

    def unreachable(self, now: datetime) -> HoldReason | None:
        """Why no message can reach her."""
        if self.contact is None:
            return HoldReason.NO_CONTACT
        if is_held(self.plan, self.contact.kind, self.contact.shown_at, now):
            return HoldReason.UNCONFIRMED
        return self.stopped

    @property
    def closes_at(self) -> datetime:
        return max(pack.closes_at for pack in self.packs)

    def standing(self, now: datetime) -> Standing:
        return standing_of(self.patient, self.plan, self.zone, now)


def remind_due(
    session: Session,
    library: Library,
    *,
    now: datetime,
    limit: int = 100,
    tries: Tries = USUAL,
) -> int:
    """Decide the messages that are due, patient by patient; returns how many packs they are
    about."""
    due = (col(Assignment.message_at) <= now, col(Assignment.state).in_(OUTSTANDING))
    patients = (
        select(Patient, Site.timezone)
        .join(Site)
        .where(
            col(Patient.id).in_(select(Assignment.patient_id).where(*due)),
            not_aside(TickName.REMIND, Patient.id, now),
        )
        .limit(limit)
        # All of a patient is decided by one worker, else she gets a message from each of two.
        .with_for_update(skip_locked=True, of=Patient)
    )
    at_home = {patient.id: (patient, ZoneInfo(zone)) for patient, zone in session.exec(patients)}
    if not at_home:
        session.commit()
        return 0
    asked = (
        select(Assignment)
        .where(col(Assignment.patient_id).in_(at_home), *due)
        .order_by(col(Assignment.patient_id), col(Assignment.event), col(Assignment.number))
        # A patient who is submitting holds her assignment: it is left alone. What is still due
        # afterwards is found at the next tick.
        .with_for_update(skip_locked=True)
    )
    assignments = session.exec(asked).all()
    asked_of = [list(pack) for _, pack in groupby(assignments, key=pack_of)]
    units = [
        Unit(patient_id, list(hers), patient_id=patient_id)
        for patient_id, hers in groupby(asked_of, key=lambda pack: pack[0].patient_id)
    ]

    def decide_all(patients: list[list[list[Assignment]]]) -> None:
        of_all = [pack for hers in patients for pack in hers]
        turns = turns_of_packs(session, [pack_of(pack[0]) for pack in of_all])
        packs = [DuePack(pack, turns.get(pack_of(pack[0]), ())) for pack in of_all]
        _decide(session, _due_messages(session, library, at_home, packs, now), now)

    each_apart(session, units, decide_all, Attempt(TickName.REMIND, now, tries))
    session.commit()
    return len(asked_of)


def _due_messages(
    session: Session,
    library: Library,
    at_home: dict[int, tuple[Patient, ZoneInfo]],
    packs: Sequence[DuePack],
    now: datetime,
) -> list[DueMessage]:
    """What each patient is due a message about: that of a pack which has closed apart, since it
    holds up no other."""
    ways = ways_of(session, at_home)
    leaving = _leaving_today(session, at_home, now)
    full = full_sites(session, {patient.site_id for patient, _ in at_home.values()}, now)
    by_patient: dict[tuple[int, bool], list[DuePack]] = defaultdict(list)
    for pack in packs:
        by_patient[pack.key.patient_id, pack.closes_at <= now].append(pack)
    due = []
    for (patient_id, _), together in by_patient.items():
        patient, zone = at_home[patient_id]
        protocol = library.protocol(patient.protocol, patient.protocol_version)
        ordered = sorted(
            together, key=lambda pack: pack_order(protocol, pack.key.event, pack.key.number)
        )
        hers, own = ways.get(patient_id, Ways()), leaving[patient_id]
        contact, still = hers.now or hers.first, _stands_still(hers)
        by_text = contact is not None and contact.kind == ContactKind.SMS
        site_full = by_text and patient.site_id in full
        plan = protocol.messages
        due.append(DueMessage(patient, contact, plan, zone, ordered, own, site_full, still))
    return due


def _stands_still(ways: Ways) -> HoldReason | None:
    """Why nothing is sent to her by any way."""
    if ways.now:
        return None
    return HoldReason.COUNTRY if ways.held_by_country else HoldReason.CHANNEL_PAUSED


def _decide(session: Session, due: Sequence[DueMessage], now: datetime) -> None:
    """Decide patient by patient, and set when each pack is looked at next."""
    decisions = [decide(message.plan, _context(message, now), now, message.zone) for message in due]
    _note_passed_over(session, due, now)
    firsts, held = [], Counter[int]()
    for message, decision in zip(due, decisions, strict=True):
        held[message.patient.site_id] += decision.reason is HoldReason.SITE_CAP
        firsts.append(_message_decision(message, message.packs[0], decision, now))
    session.add_all(firsts)
    note_held(session, +held, now)
    # The first of each message gets its id in one flush: what goes with it names it, and no row of
    # these is ever changed.
    session.flush()
    for message, decision, first in zip(due, decisions, firsts, strict=True):
        rows = [first]
        for pack in message.packs[1:]:
            row = _message_decision(message, pack, decision, now)
            row.decided_with = first.id
            rows.append(row)
        session.add_all(rows)
        if decision.verdict is Verdict.SEND and message.contact:
            session.add(
                delivery_of(first, message.contact, due_at=now, until=message.closes_at, now=now)
            )
        _record(session, message.patient, first, now)
        _look_next(message, rows, now)


def _note_passed_over(session: Session, due: Sequence[DueMessage], now: datetime) -> None:
    """After a time without a worker only the last step of a pack is decided: that it stands for
    those before it is stored as well, and ahead of it, since a pack's last row is what counts."""
    together = []
    for message in due:
        standing = message.standing(now)
        rows = []
        for pack in message.packs:
            passed = steps_passed_over(pack.opens, pack.step(standing), pack.turns, standing)
            for step in passed:
                row = held_row(pack.key, pack.opens, step, pack.turns, reason=PASSED_OVER, now=now)
                rows.append(row)
        together.append(rows)
    store_together(session, together)


def _look_next(message: DueMessage, rows: Sequence[MessageDecision], now: datetime) -> None:
    standing = message.standing(now)
    for pack, row in zip(message.packs, rows, strict=True):
        fate = Fate.LEFT if row.verdict == Verdict.SEND else Fate.HELD
        reason = HoldReason(row.reason) if row.reason else None
        this = Turn(row.step or 1, pack.opens, now, fate, reason)
        for assignment in pack.assignments:
            schedule_message(assignment, [*pack.turns, this], standing)


def _record(session: Session, patient: Patient, decision: MessageDecision, now: datetime) -> None:
    record(
        session,
        "message.decided",
        Subject("message_decision", decision.id, patient.id, patient.site_id),
        by=WORKER,
        now=now,
        verdict=decision.verdict,
        reason_code=decision.reason,
    )


def _context(due: DueMessage, now: datetime) -> MessageContext:
    return MessageContext(
        active=due.patient.status == PatientStatus.ACTIVE,
        paused=due.standing(now).paused,
        unreachable=due.unreachable(now),
        closes_at=due.closes_at,
        reminded=due.leaving.reminders > 0,
        sent_that_day=due.leaving.all,
        site_full=due.site_full,
    )


def _message_decision(
    due: DueMessage, pack: DuePack, decision: Decision, now: datetime
) -> MessageDecision:
    step = pack.step(due.standing(now))
    return MessageDecision(
        patient_id=due.patient.id,
        kind=MessageKind.REMINDER,
        event=pack.key.event,
        number=pack.key.number,
        step=step,
        opens=pack.opens,
        turn=turn_number(step, pack.opens, pack.turns),
        purpose=purpose_of(pack.opens, pack.turns, due.plan.announce_again),
        verdict=decision.verdict,
        reason=decision.reason,
        decided_at=now,
    )


def delivery_of(
    decision: MessageDecision, contact: Contact, *, due_at: datetime, until: datetime, now: datetime
) -> Delivery:
    """The message that a decision owes to a contact."""
    return Delivery(
        kind=decision.kind,
        channel=contact.kind,
        decision_id=decision.id,
        patient_id=decision.patient_id,
        contact_id=contact.id,
        step=decision.step or 1,
        state=DeliveryState.DUE,
        due_at=due_at,
        send_until=until,
        created_at=now,
    )


def _leaving_today(
    session: Session, at_home: dict[int, tuple[Patient, ZoneInfo]], now: datetime
) -> dict[int, Leaving]:
    """The messages that each of these patients gets on this day, from midnight to midnight at her
    site: those that left, and those that have still to leave."""
    leaving: dict[int, Leaving] = defaultdict(Leaving)
    for zone in {zone for _, zone in at_home.values()}:
        patients = [patient_id for patient_id, (_, its) in at_home.items() if its == zone]
        begins, ends = _day_of(now, zone)
        left = and_(
            col(Delivery.settled_at) >= begins,
            col(Delivery.settled_at) < ends,
            col(Delivery.state).in_(NOT_FAILED),
        )
        to_leave = and_(among(Delivery.state, STILL_TO_LEAVE), col(Delivery.due_at) < ends)
        counted = (
            select(Delivery.patient_id, Delivery.kind, func.count())
            .where(col(Delivery.patient_id).in_(patients), or_(left, to_leave))
            .group_by(col(Delivery.patient_id), col(Delivery.kind))
        )
        for patient_id, kind, count in session.exec(counted):
            own = leaving[patient_id or 0]
            # A test message is no reminder, and she asked for it.
            own.all += count if kind != MessageKind.CONFIRMATION else 0
            own.reminders += count if kind == MessageKind.REMINDER else 0
    return leaving


def _day_of(moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants (UTC) at which the day of a moment begins and ends."""
    day = moment.astimezone(zone).date()
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
