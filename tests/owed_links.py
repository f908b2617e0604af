"""A queue of links that somebody asked for."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from sqlmodel import Session

from proms.db.tables import Delivery, MessageDecision
from proms.domain.reminder import DeliveryState, MessageKind, Verdict


def owe_links(
    session: Session,
    patient_id: int,
    contacts: Iterator[int],
    count: int,
    *,
    due: datetime,
    until: datetime,
) -> list[Delivery]:
    """So many links owed to a patient, at these contacts in turn, each with its decision."""
    decisions = [
        MessageDecision(
            patient_id=patient_id, kind=MessageKind.LINK, verdict=Verdict.SEND, decided_at=due
        )
        for _ in range(count)
    ]
    session.add_all(decisions)
    session.flush()
    rows = [
        Delivery(
            kind=MessageKind.LINK,
            channel="sms",
            decision_id=decision.id,
            patient_id=patient_id,
            contact_id=contact,
            state=DeliveryState.DUE,
            due_at=due,
            send_until=until,
            created_at=due,
        )
        for decision, contact in zip(decisions, islice(contacts, count), strict=True)
    ]
    session.add_all(rows)
    return rows
