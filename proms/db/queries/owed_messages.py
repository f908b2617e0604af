"""The messages about packs that are owed to a patient and have not been claimed."""

from sqlmodel import Session, col, func, select

from proms.db.tables import Delivery, MessageDecision
from proms.domain.reminder import DeliveryState, MessageKind

Packs = frozenset[tuple[str, int]]  # by event and number


def owed_to(session: Session, patient_id: int) -> list[tuple[Delivery, Packs]]:
    """Each message about packs that is due and not claimed, with the packs it is about."""
    carrying = func.coalesce(MessageDecision.decided_with, MessageDecision.id)
    rows = session.exec(
        select(Delivery, MessageDecision.event, MessageDecision.number)
        .join(MessageDecision, carrying == col(Delivery.decision_id))
        .where(
            Delivery.patient_id == patient_id,
            Delivery.kind == MessageKind.REMINDER,
            Delivery.state == DeliveryState.DUE,
            MessageDecision.patient_id == patient_id,
        )
    )
    owed: dict[int, tuple[Delivery, set[tuple[str, int]]]] = {}
    for delivery, event, number in rows:
        owed.setdefault(delivery.id, (delivery, set()))[1].add((event or "", number or 0))
    return [(delivery, frozenset(packs)) for delivery, packs in owed.values()]
