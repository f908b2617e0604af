"""Which numbers and addresses nobody has confirmed, and how the last test message stands."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from proms.db.tables import Contact, Delivery, Patient
from proms.domain.person import PatientStatus
from proms.domain.reminder import MessageKind


def unconfirmed(session: Session, patient_ids: Collection[int]) -> set[int]:
    """Those of these patients who take part and whose number or address nobody has confirmed."""
    rows = (
        select(Contact.patient_id)
        .join(Patient, col(Patient.id) == Contact.patient_id)
        .where(
            col(Contact.patient_id).in_(list(patient_ids)),
            col(Contact.active),
            col(Contact.confirmed_at).is_(None),
            Patient.status == PatientStatus.ACTIVE,
        )
    )
    return set(session.exec(rows))


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
