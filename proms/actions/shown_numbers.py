"""Whoever answers what was asked in a message has got it: the number that it went to is still
hers."""

from sqlmodel import col, select

from proms.actions.drafts import Sitting
from proms.actions.next_messages import make_up_for_mended
from proms.actions.schedule import zone_of
from proms.db.tables import Contact, Link
from proms.domain.reminder.confirming import is_held


def answered_through_link(sitting: Sitting) -> dict[str, str]:
    """Count the number as hers from when the message left that brought her here, in the running
    transaction; returns what the audit entry says of it.

    It renews what a person confirmed, and stands for no first confirmation: where a number was
    typed wrong, whoever has it may answer.
    """
    if sitting.link_id is None:
        return {}
    session, patient, now = sitting.session, sitting.patient, sitting.now
    sent_to = (
        select(Contact, Link.created_at)
        .join(Link, col(Link.contact_id) == Contact.id)
        .where(Link.id == sitting.link_id, Contact.patient_id == patient.id)
    )
    contact, sent_at = session.exec(sent_to).first() or (None, None)
    if contact is None or sent_at is None or not contact.in_use:
        return {}
    if contact.shown_at is None or contact.shown_at >= sent_at:
        return {}
    plan = sitting.library.protocol(patient.protocol, patient.protocol_version).messages
    was_held = is_held(plan, contact.kind, contact.shown_at, now)
    contact.shown_at = sent_at
    session.flush()
    if was_held:
        make_up_for_mended(session, patient, plan, zone_of(session, patient), now)
    return {"shows": f"contact {contact.id}"}
