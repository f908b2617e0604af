"""Which numbers and addresses somebody has to confirm, and how the last test message stands."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import Select

from proms.db.tables import Assignment, ChannelPause, Contact, Delivery, Patient
from proms.domain.person import PatientStatus
from proms.domain.protocol import MessagePlan
from proms.domain.reminder import MessageKind
from proms.domain.reminder.confirming import is_held, is_overdue, lapses_at
from proms.domain.schedule import OUTSTANDING, AssignmentState

Plans = Mapping[tuple[str, int], MessagePlan]  # by code and version of the protocol


@dataclass(frozen=True)
class ToConfirm:
    """A number or address that somebody has to confirm: for the first time, or again since
    `lapsed_at`; `late` is longer than a site has for that, and `held` that nothing is sent there
    until then."""

    patient_id: int
    code: str
    kind: str
    second: bool
    consented_on: date
    lapsed_at: datetime | None
    late: bool = False
    held: bool = False


def unconfirmed(session: Session, *which: ColumnElement[bool]) -> list[ToConfirm]:
    """The first ways, of some patients who take part, that nobody ever confirmed."""
    rows = _of_patients(
        which,
        col(Contact.active).is_(True),
        col(Contact.confirmed_at).is_(None),
        order=Contact.consented_on,
    )
    return [_to_confirm(contact, patient) for contact, patient in session.exec(rows)]


def lapsed(
    session: Session, plans: Plans, now: datetime, *which: ColumnElement[bool]
) -> list[ToConfirm]:
    """The numbers, of some patients who take part and have something to be asked, that count as
    theirs no longer: those that lapsed first, first. Where messages stand still anyway, that is
    what has to be mended."""
    shortest = min(
        (plan.confirm_again.after for plan in plans.values() if plan.confirm_again), default=None
    )
    if shortest is None:
        return []
    rows = _of_patients(
        which,
        or_(col(Contact.active), col(Contact.second)),
        col(Contact.shown_at) <= now - shortest,
        _is_asked_something(),
        ~_stands_still(),
        order=Contact.shown_at,
    )
    found = []
    for contact, patient in session.exec(rows):
        plan = plans.get((patient.protocol, patient.protocol_version))
        lapse = lapses_at(plan, contact.kind, contact.shown_at) if plan else None
        if plan and lapse and lapse <= now:
            late = is_overdue(plan, contact.kind, contact.shown_at, now)
            held = is_held(plan, contact.kind, contact.shown_at, now)
            one = _to_confirm(contact, patient)
            found.append(replace(one, lapsed_at=lapse, late=late, held=held))
    return found


def to_confirm(
    session: Session, plans: Plans, now: datetime, *which: ColumnElement[bool]
) -> list[ToConfirm]:
    """Both, of some patients."""
    return [*unconfirmed(session, *which), *lapsed(session, plans, now, *which)]


def _of_patients(
    which: Collection[ColumnElement[bool]], *rule: ColumnElement[bool], order: Any
) -> Select[Contact, Patient]:
    return (
        select(Contact, Patient)
        .join(Patient, col(Patient.id) == Contact.patient_id)
        .where(Patient.status == PatientStatus.ACTIVE, *rule, *which)
        .order_by(order, col(Contact.id))
    )


def _to_confirm(contact: Contact, patient: Patient) -> ToConfirm:
    return ToConfirm(
        patient.id, patient.code, contact.kind, contact.second, contact.consented_on, None
    )


def _is_asked_something() -> ColumnElement[bool]:
    """Whether something is, or will be, asked of her: without it nothing is sent."""
    still = (AssignmentState.WAITING, *OUTSTANDING)
    asked = select(Assignment.id).where(
        Assignment.patient_id == Patient.id, col(Assignment.state).in_(still)
    )
    return asked.exists()


def _stands_still() -> ColumnElement[bool]:
    pause = select(ChannelPause.id).where(
        ChannelPause.contact_id == Contact.id, col(ChannelPause.lifted_at).is_(None)
    )
    return pause.exists()


def contact_in_use(session: Session, patient_id: int, *, second: bool = False) -> Contact | None:
    """The number or address that her messages go to, or the second one."""
    which = col(Contact.second) if second else col(Contact.active)
    wanted = select(Contact).where(Contact.patient_id == patient_id, which)
    return session.exec(wanted.order_by(col(Contact.id).desc())).first()


def last_test(session: Session, contact: Contact) -> Delivery | None:
    """The last test message that went there, or is about to."""
    wanted = select(Delivery).where(
        Delivery.contact_id == contact.id, Delivery.kind == MessageKind.CONFIRMATION
    )
    return session.exec(wanted.order_by(col(Delivery.id).desc())).first()
