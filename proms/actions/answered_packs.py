"""The messages of a pack that is answered: held from then on, each with the reason, so that the log
says why none came."""

from sqlmodel import col, select

from proms.actions.audit import WORKER, Subject, record
from proms.actions.drafts import Sitting
from proms.actions.next_messages import (
    held_row,
    pack_of,
    standing_of,
    store_together,
    turns_of_packs,
)
from proms.actions.schedule import zone_of
from proms.db.tables import Assignment
from proms.domain.reminder import HoldReason, steps_to_come
from proms.domain.schedule import OUTSTANDING

REASON = HoldReason.ANSWERED


def hold_the_rest(sitting: Sitting) -> None:
    """Decide every message to come of this sitting's pack once nothing of it is left to answer, in
    the running transaction; none is to come after the last."""
    session, assignment = sitting.session, sitting.assignment
    if assignment.message_at is None:
        return
    assignment.message_at = None
    session.flush()
    pack = pack_of(assignment)
    left = select(Assignment.id).where(
        Assignment.patient_id == pack.patient_id,
        Assignment.event == pack.event,
        Assignment.number == pack.number,
        col(Assignment.state).in_(OUTSTANDING),
    )
    if session.exec(left.limit(1)).first() is not None:
        return
    patient, now = sitting.patient, sitting.now
    plan = sitting.library.protocol(patient.protocol, patient.protocol_version).messages
    standing = standing_of(patient, plan, zone_of(session, patient), now)
    turns = turns_of_packs(session, [pack]).get(pack, ())
    steps = steps_to_come(assignment.opens, assignment.closes, turns, standing)
    rows = [held_row(pack, assignment.opens, step, turns, reason=REASON, now=now) for step in steps]
    store_together(session, [rows])
    if rows:
        subject = Subject("message_decision", rows[0].id, patient.id, patient.site_id)
        detail = {"verdict": rows[0].verdict, "reason_code": rows[0].reason}
        record(session, "message.decided", subject, by=WORKER, now=now, **detail)
