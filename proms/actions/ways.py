"""The two ways a patient may be reached: which one a message takes now, and that what surely did
not arrive by one is owed by the other."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, or_, select

from proms.actions.audit import WORKER, Subject, record
from proms.actions.schedule import zone_of
from proms.db.append_only import append_missing
from proms.db.tables import ChannelPause, Contact, Delivery, DeliveryReport, Patient
from proms.domain.reminder import DeliveryState, PauseReason
from proms.domain.reminder.reports import Said
from proms.domain.reminder.ways import Ending, Way, goes_by_other_way, way_now

MAY_HAVE_ARRIVED = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.UNKNOWN)


@dataclass(frozen=True)
class Ways:
    """How a patient is reached, and why nothing is sent to which of these contacts."""

    first: Contact | None = None
    second: Contact | None = None
    paused: Mapping[int, PauseReason] = field(default_factory=dict)

    @property
    def now(self) -> Contact | None:
        """The contact that a message goes to now."""
        if self.first is None:
            return None
        second = self.paused.get(self.second.id) if self.second else None
        way = way_now(self.paused.get(self.first.id), second, has_second=self.second is not None)
        return {Way.FIRST: self.first, Way.SECOND: self.second, None: None}[way]

    @property
    def held_by_country(self) -> bool:
        """Whether nothing but the country of her number is in the way."""
        holds = set(self.paused.values())
        return self.now is None and holds == {PauseReason.COUNTRY}

    def other_than(self, channel: str) -> Contact | None:
        """The contact of the other kind, as far as anything is sent to it."""
        if PauseReason.STOPPED in self.paused.values():
            return None
        for contact in (self.first, self.second):
            if contact and contact.kind != channel and contact.id not in self.paused:
                return contact
        return None


def ways_of(session: Session, patient_ids: Collection[int]) -> dict[int, Ways]:
    """By patient, how she is reached; nobody who has no contact."""
    in_use = (
        select(Contact)
        .where(
            col(Contact.patient_id).in_(patient_ids), or_(col(Contact.active), col(Contact.second))
        )
        .order_by(col(Contact.id))
    )
    first: dict[int, Contact] = {}
    second: dict[int, Contact] = {}
    for contact in session.exec(in_use):
        # Of two active contacts the later one is written last and stays.
        (second if contact.second else first)[contact.patient_id] = contact
    paused = _paused(session, [*first.values(), *second.values()])
    return {id: Ways(first[id], second.get(id), paused[id]) for id in first}


def chosen_contact(session: Session, patient_id: int | None) -> Contact | None:
    """The way the patient chose: the one that is active."""
    return session.exec(
        select(Contact)
        .where(Contact.patient_id == patient_id, Contact.active)
        .order_by(col(Contact.id).desc())
    ).first()


def second_contact(session: Session, patient_id: int) -> Contact | None:
    """Where goes what does not arrive by her first way."""
    wanted = select(Contact).where(Contact.patient_id == patient_id, col(Contact.second))
    return session.exec(wanted).first()


def fall_back(session: Session, delivery: Delivery, now: datetime) -> None:
    """Owe a message that surely did not arrive by her other way, at once, once; where it goes by
    none and her address was put right meanwhile, its pack is announced again. The caller commits.

    Whether it may leave is looked at when it is claimed, as of all.
    """
    if delivery.patient_id is None or not goes_by_other_way(_ending(session, delivery)):
        return
    session.flush()
    patient = session.get_one(Patient, delivery.patient_id)
    if now < delivery.send_until and _owe_by_other_way(session, delivery, patient, now):
        return
    # It was on its way when the address was put right, and counted as one that arrives.
    if delivery.decision_id and delivery.decision_id <= (patient.mended_after or 0):
        patient.replan_on = now.astimezone(zone_of(session, patient)).date()
        session.add(patient)


def _owe_by_other_way(
    session: Session, delivery: Delivery, patient: Patient, now: datetime
) -> bool:
    ways = ways_of(session, [patient.id]).get(patient.id, Ways())
    other = ways.other_than(delivery.channel)
    if other is None:
        return False
    new = {
        "kind": delivery.kind,
        "channel": other.kind,
        "decision_id": delivery.decision_id,
        "patient_id": delivery.patient_id,
        "contact_id": other.id,
        "step": delivery.step,
        "state": DeliveryState.DUE.value,
        "due_at": now,
        "send_until": delivery.send_until,
        "attempts": 0,
        # It is the message of that day and hour, wherever it goes.
        "created_at": delivery.created_at,
    }
    if not append_missing(session, Delivery, [new]):
        return False
    subject = Subject("delivery", delivery.id, patient.id, patient.site_id)
    record(session, "message.other_way", subject, by=WORKER, now=now, channel=other.kind)
    return True


def may_have_arrived_otherwise(session: Session, delivery: Delivery) -> bool:
    """Whether the same message, sent by another way, has or may have reached her by now."""
    others = select(Delivery).where(
        Delivery.decision_id == delivery.decision_id, Delivery.id != delivery.id
    )
    return any(
        other.state in MAY_HAVE_ARRIVED or _said_delivered(session, other)
        for other in session.exec(others)
    )


def nothing_goes_to(session: Session, contact: Contact) -> bool:
    """Whether messages do not arrive there, or she wrote by any way that she wants none."""
    holds = select(ChannelPause.contact_id, ChannelPause.why).where(
        ChannelPause.patient_id == contact.patient_id, col(ChannelPause.lifted_at).is_(None)
    )
    return any(
        contact_id == contact.id or why == PauseReason.STOPPED
        for contact_id, why in session.exec(holds)
    )


def _ending(session: Session, delivery: Delivery) -> Ending:
    return Ending(
        delivery.kind,
        delivery.state,
        delivery.error,
        resent=delivery.resent_at is not None,
        said_delivered=_said_delivered(session, delivery),
    )


def _said_delivered(session: Session, delivery: Delivery) -> bool:
    said = select(DeliveryReport.id).where(
        DeliveryReport.delivery_id == delivery.id, DeliveryReport.said == Said.DELIVERED
    )
    return session.exec(said).first() is not None


def _paused(
    session: Session, contacts: Collection[Contact]
) -> defaultdict[int, dict[int, PauseReason]]:
    """By patient, which of her contacts are sent nothing, and why."""
    patient_of = {contact.id: contact.patient_id for contact in contacts}
    holds = select(ChannelPause.contact_id, ChannelPause.why).where(
        col(ChannelPause.contact_id).in_(patient_of), col(ChannelPause.lifted_at).is_(None)
    )
    paused: defaultdict[int, dict[int, PauseReason]] = defaultdict(dict)
    for contact_id, why in session.exec(holds):
        paused[patient_of[contact_id]][contact_id] = PauseReason(why)
    return paused
