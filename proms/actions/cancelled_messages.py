"""A member of staff takes back a message that has not left."""

from datetime import datetime

from sqlmodel import Session, col, select

from proms.actions.audit import Subject, record, staff_actor
from proms.actions.next_messages import BY_STAFF
from proms.actions.refusals import MessageLeft, NotFound
from proms.actions.settling import end
from proms.db.tables import Delivery, Patient, Staff
from proms.domain.reminder import DeliveryState


def cancel_message(session: Session, *, delivery_id: int, by: Staff, now: datetime) -> Delivery:
    """Take back a message to a patient of one's own site; her next one comes on its day. To take it
    back twice is to take it back.

    Raises NotFound for any other, MessageLeft once a worker has it in hand.
    """
    wanted = (
        select(Delivery, Patient)
        .join(Patient, col(Patient.id) == Delivery.patient_id)
        .where(Delivery.id == delivery_id, Patient.site_id == by.site_id)
        # A worker that is claiming it holds it: what it says then counts.
        .with_for_update(of=Delivery)
    )
    found = session.exec(wanted).first()
    if found is None:
        raise NotFound("There is no such message.")
    delivery, patient = found
    if delivery.state == DeliveryState.CANCELLED and delivery.error == BY_STAFF:
        return delivery
    if delivery.state != DeliveryState.DUE:
        raise MessageLeft("It has left already, or is being sent.")
    end(delivery, DeliveryState.CANCELLED, BY_STAFF, now)
    subject = Subject("delivery", delivery.id, patient.id, patient.site_id)
    record(session, "message.cancelled", subject, by=staff_actor(by), now=now)
    session.commit()
    return delivery
